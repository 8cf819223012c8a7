#!/bin/sh
# Makes a work tree whole, or finds it so. $1 store, $2 tree's name, $3 commit or nothing, $4 tree id, $5 version or
# nothing, $6 digits. Exit code 42: the tree calls itself another version than was expected (printed).
# For a commit it is a linked work tree, so that git describe works in it; the index, but not HEAD, holds the changes of
# a changed folder, which --dirty then sees.
set -e
. ./tidy.sh
mirror="$1/mirror.git" tree="$1/trees/$2" commit=$3 id=$4
described() { git -C "$tree" describe --always --tags --long --dirty --abbrev="$6" 2>/dev/null; }
unchanged() {
  if [ -n "$commit" ]; then [ "$(described "$@")" = "$5" ]
  else GIT_INDEX_FILE="$tree.index" git --git-dir="$mirror" --work-tree="$tree" -c core.bare=false diff-files --quiet
  fi
}
for other in "$1"/trees/*; do
  case $other in *.ready|*.index) continue ;; esac
  [ -e "$other.ready" ] || rm -rf "$other" "$other.index"
done
if [ -e "$tree.ready" ] && unchanged "$@"; then touch "$tree.ready"; exit 0; fi
rm -rf "$tree.ready" "$tree" "$tree.index"
git -C "$mirror" worktree prune
if [ -n "$commit" ]; then
  git -C "$mirror" worktree add -q -f --detach --no-checkout "$tree" "$commit"
  git -C "$tree" read-tree --reset -u "$id"
  if ! unchanged "$@"; then described "$@"; exit 42; fi
else
  mkdir -p "$tree"
  GIT_INDEX_FILE="$tree.index"; export GIT_INDEX_FILE
  git --git-dir="$mirror" -c core.bare=false read-tree "$id"
  git --git-dir="$mirror" --work-tree="$tree" -c core.bare=false checkout-index -q -a -u
  unset GIT_INDEX_FILE
fi
: > "$tree.ready"
