#!/bin/sh
# Removes the work trees that were unused longest, but none of the last day. $1 sources folder, $2 how many a store keeps.
for store in "$1"/*; do
  [ -d "$store/trees" ] || continue
  # shellcheck disable=SC2010 # Sorted by age; the names are ours and hold no white space.
  ls -t "$store/trees" 2>/dev/null | grep '\.ready$' | tail -n +$(($2 + 1)) | while read -r ready; do
    [ -n "$(find "$store/trees/$ready" -mtime +0)" ] || continue
    name=${ready%.ready}
    rm -f "$store/trees/$ready"
    rm -rf "$store/trees/$name" "$store/trees/$name.index"
  done
  [ -d "$store/mirror.git" ] && git -C "$store/mirror.git" worktree prune
done
exit 0
