#!/bin/sh
# Prints what a folder is. $1 folder. Exit code 40: no such folder. The folder comes with links resolved; then, where it
# is the top of a work tree, a line for each tag, an empty one, and what git status says, its commit first
# (git-status(1), "Porcelain Format Version 2"; its paths may hold anything but a zero byte). The ceiling keeps git from
# taking an outer repository for the folder's own.
# This is all that stands between a request and an image in the cache, so it starts two processes and no more: what
# follows from the commit is asked for once in a process (SourceStore).
cd -- "$1" 2>/dev/null || exit 40
here=$(pwd -P)
printf '%s\n' "$here"
[ -e .git ] || exit 0
GIT_CEILING_DIRECTORIES=${here%/*}; export GIT_CEILING_DIRECTORIES
git for-each-ref --format='%(objectname) %(refname)' refs/tags 2>/dev/null || exit 0
echo
git status --porcelain=v2 --branch --no-ahead-behind --no-renames --untracked-files=all -z
