#!/bin/sh
# The other end of pack.sh. $1 store, $2 pack without ending, $3 commit or nothing, $4 tree id.
set -e
. ./tidy.sh
cd "$1/mirror.git"
git config remote.origin.url /nonexistent
name=$(git index-pack --stdin < "$2.pack" | cut -f2)
: > "objects/pack/pack-$name.promisor"
git cat-file -e "$4^{tree}"
git for-each-ref --format='delete %(refname)' refs/tags | git update-ref --stdin
while read -r id name; do echo "update $name $id"; done < "$2.tags" | git update-ref --stdin
[ -z "$3" ] || git update-ref "refs/canopus/commits/$3" "$3"
