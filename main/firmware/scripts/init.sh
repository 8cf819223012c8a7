#!/bin/sh
# An empty mirror, once. $1 store, $2 location.
set -e
mkdir -p "$1/trees"
[ -s "$1/location" ] || printf '%s\n' "$2" > "$1/location"
if [ -f "$1/mirror.git/canopus-ready" ]; then
  . ./tidy.sh
  exit 0
fi
rm -rf "$1/mirror.git"
git init -q --bare "$1/mirror.git"
cd "$1/mirror.git"
git config gc.auto 0
git config core.autocrlf false
git config remote.origin.url "$2"
git config remote.origin.promisor true
git config remote.origin.partialclonefilter blob:none
: > canopus-ready
