#!/bin/sh
# Packs a tree. $1 store, $2 commit or nothing, $3 tree id, $4 output without ending: .pack with the tree's content, all
# commits (they are small, and the version counts them) and the tags; .tags with a line "ID NAME" for each tag. Contents
# of old commits stay behind.
set -e
cd "$1/mirror.git"
mkdir -p "${4%/*}"
if [ -n "$2" ]; then git for-each-ref --merged "$2" --format='%(objectname) %(refname)' refs/tags > "$4.tags"
else : > "$4.tags"
fi
{
  echo "$3"
  git ls-tree -r -t "$3" | cut -f1 | cut -d' ' -f3
  if [ -n "$2" ]; then
    git rev-parse "$2^{tree}"
    git ls-tree -r -d "$2" | cut -f1 | cut -d' ' -f3
    git rev-list "$2"
    cut -d' ' -f1 "$4.tags"
  fi
} | sort -u | git pack-objects -q --stdout > "$4.pack"
