#!/bin/sh
# Prints yes where a pack brought the objects. $1 store, $2 tree id, $3 commit or nothing. Its ref is made last of all.
cd "$1/mirror.git" 2>/dev/null || exit 0
git -c remote.origin.promisor=false cat-file -e "$2^{tree}" 2>/dev/null || exit 0
[ -z "$3" ] || git rev-parse -q --verify "refs/canopus/commits/$3" >/dev/null || exit 0
echo yes
