#!/bin/sh
# The end of each stand-in for a tool of the Pi: notes how it was called, and fails where the test says so.
tool=${0##*/}
echo "$tool $*" >> "$CANOPUS_STATE/commands"
[ ! -f "$CANOPUS_STATE/fails-$tool" ]
