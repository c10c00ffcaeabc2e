#!/bin/sh
# Text to mp4 in one command; then the same as a job that survives anything.
set -eu
avatar pipeline run 'One command makes this.' --prompt 'a man with a beard, library' --size 320x180 -o one.mp4
avatar jobs submit 'A worker makes this.' --size 320x180 --key example -o two.mp4
avatar jobs stats --json
