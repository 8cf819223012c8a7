#!/bin/sh
# Prints tree id and tags id of a commit. $1 store, $2 commit, $3 mark of the Makefile. Exit code 41: no such firmware.
cd "$1/mirror.git" || exit 1
git cat-file -e "$2:src/Kconfig" 2>/dev/null || exit 41
git cat-file blob "$2:Makefile" 2>/dev/null | grep -qE "$3" || exit 41
git rev-parse --verify "$2^{tree}" || exit 1
git for-each-ref --format='%(objectname) %(refname)' refs/tags | git hash-object --stdin
