#!/bin/sh
# Prints the tree id of a changed folder's content. $1 store, $2 folder, $3 commit, then the untracked files.
set -e
store=$1 folder=$2 commit=$3
shift 3
GIT_INDEX_FILE="$store/mirror.git/canopus-index.$$"
export GIT_INDEX_FILE
trap 'rm -f "$GIT_INDEX_FILE"' EXIT
cd -- "$folder"
ours() { git --git-dir="$store/mirror.git" --work-tree=. -c core.bare=false "$@"; }
ours read-tree "$commit"
ours add -u -- .
[ $# -eq 0 ] || ours add -- "$@"
ours write-tree
