#!/bin/sh
# Learn a voice from a recording, with consent, and speak with it.
set -eu
avatar voice clone "$1" --name guide --consent 'Nobody, a synthetic voice for this example'
avatar voice speak 'Good morning, and welcome.' --voice guide -o welcome.wav
avatar verify welcome.wav
