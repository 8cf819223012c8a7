#!/bin/sh
# Clones a folder of the same machine. $1 store, $2 folder, $3 commit. On the same disk the clone shares its files with
# the folder (hard links: nothing is copied, and what git does in the one is not seen in the other); later commits are
# fetched.
set -e
mkdir -p "$1/trees"
[ -s "$1/location" ] || printf '%s\n' "$2" > "$1/location"
if ! [ -f "$1/mirror.git/canopus-ready" ]; then
  rm -rf "$1/mirror.git"
  git clone -q --bare --local -- "$2" "$1/mirror.git"
  git -C "$1/mirror.git" config gc.auto 0
  git -C "$1/mirror.git" config core.autocrlf false
  : > "$1/mirror.git/canopus-ready"
fi
. ./tidy.sh
cd "$1/mirror.git"
git fetch -q --no-auto-gc --prune --force -- "$2" HEAD:refs/canopus/head '+refs/tags/*:refs/tags/*'
git cat-file -e "$3^{commit}"
git update-ref "refs/canopus/commits/$3" "$3"
