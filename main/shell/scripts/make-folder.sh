#!/bin/sh
# Makes the folder $1 and its parents. Exit codes: 82 refused, 84 disk full.
. ./dies.sh
mkdir -p -- "$1" && exit 0
d=$1; s=0
while [ ! -d "$d" ] && [ -n "$d" ]; do d=${d%/*}; done
dies 82
