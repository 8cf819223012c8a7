#!/bin/sh
# Prints branch ID, tag ID or commit ID of what is here; nothing where it is not. $1 store, $2 ref.
cd "$1/mirror.git" || exit 1
if id=$(git rev-parse -q --verify "refs/heads/$2^{commit}"); then echo "branch $id"
elif id=$(git rev-parse -q --verify "refs/tags/$2^{commit}"); then echo "tag $id"
elif case $2 in *[!0-9a-f]*) false ;; ???????*) id=$(git rev-parse -q --verify "$2^{commit}") ;; *) false ;; esac; then echo "commit $id"
fi
