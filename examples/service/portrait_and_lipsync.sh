#!/bin/sh
# Make a portrait from words, and let it speak a recording.
set -eu
avatar portrait generate 'a woman with grey hair and glasses' --size 320x180 -o ada.png
avatar voice speak 'I was drawn a moment ago.' -o line.wav
avatar video lipsync ada.png line.wav --text 'I was drawn a moment ago.' -o ada.mp4
