#!/bin/sh
# Prints the tree id of a folder without git. $1 store, $2 folder. Taken is what a build looks at (Klipper's build imports
# a module of its host software), less what a build leaves.
set -e
GIT_INDEX_FILE="$1/mirror.git/canopus-index.$$"
export GIT_INDEX_FILE
trap 'rm -f "$GIT_INDEX_FILE"' EXIT
cd -- "$2"
ours() { git --git-dir="$store/mirror.git" --work-tree=. -c core.bare=false "$@"; }
store=$1
for path in src lib scripts klippy; do
  [ ! -d "$path" ] || ours add -f -A -- "$path" ':(exclude)*.pyc' ':(exclude)*.o'
done
for path in Makefile *.mk .version; do
  [ ! -f "$path" ] || ours add -f -- "$path"
done
git --git-dir="$1/mirror.git" write-tree
