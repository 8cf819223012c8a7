#!/bin/sh
# Fetches all branches and tags; a commit on none of them by its name. $1 store, $2 URL, $3 a full commit id or nothing.
set -e
cd "$1/mirror.git"
git fetch -q --no-auto-gc --prune --force --filter=blob:none origin '+refs/heads/*:refs/heads/*' '+refs/tags/*:refs/tags/*'
if [ -n "$3" ] && ! git rev-parse -q --verify "$3^{commit}" >/dev/null; then
  git fetch -q --no-auto-gc --filter=blob:none origin "$3" || :
fi
