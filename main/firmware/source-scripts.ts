/**
 * The git work on a store, as POSIX scripts, so that each is one round trip on a machine far away. Layout of a store:
 * `location` (what it is of), `mirror.git` (bare), `trees/ID` (work trees), `trees/ID.ready` (a whole one; its age is
 * when it was last used).
 */

/**
 * What a killed git left in the mirror. Only ever run while the store's lock is held, so that no lock file is alive.
 */
export const tidyScript = `
[ ! -d "$1/mirror.git" ] || find "$1/mirror.git" \\( -name '*.lock' -o -name 'tmp_*' -o -name 'canopus-index.*' \\) -delete
`;

/** $1 store, $2 location: an empty mirror, once. */
export const initScript = `set -e
mkdir -p "$1/trees"
[ -s "$1/location" ] || printf '%s\\n' "$2" > "$1/location"
if [ -f "$1/mirror.git/canopus-ready" ]; then
  ${tidyScript.trim()}
  exit 0
fi
rm -rf "$1/mirror.git"
git init -q --bare "$1/mirror.git"
cd "$1/mirror.git"
git config gc.auto 0
git config core.autocrlf false
git config remote.origin.url "$2"
git config remote.origin.promisor true
git config remote.origin.partialclonefilter blob:none
: > canopus-ready
`;

/**
 * $1 store, $2 folder, $3 commit. A clone of a folder on the same disk shares its files with it (hard links: nothing
 * is copied, and what git does in the one is not seen in the other); later commits are fetched.
 */
export const importScript = `set -e
mkdir -p "$1/trees"
[ -s "$1/location" ] || printf '%s\\n' "$2" > "$1/location"
if ! [ -f "$1/mirror.git/canopus-ready" ]; then
  rm -rf "$1/mirror.git"
  git clone -q --bare --local -- "$2" "$1/mirror.git"
  git -C "$1/mirror.git" config gc.auto 0
  git -C "$1/mirror.git" config core.autocrlf false
  : > "$1/mirror.git/canopus-ready"
fi
${tidyScript.trim()}
cd "$1/mirror.git"
git fetch -q --no-auto-gc --prune --force -- "$2" HEAD:refs/canopus/head '+refs/tags/*:refs/tags/*'
git cat-file -e "$3^{commit}"
git update-ref "refs/canopus/commits/$3" "$3"
`;

/** $1 folder, $2 mark of the Makefile: `yes` where it is that firmware's tree. */
export const isFirmwareScript = `
cd -- "$1" || exit 1
[ -f src/Kconfig ] && grep -qE "$2" Makefile 2>/dev/null && echo yes
exit 0
`;

/** $1 folder, $2 commit: its tree id. */
export const commitTreeScript = 'git -C "$1" rev-parse --verify "$2^{tree}"';

/** $1 store, $2 folder, $3 commit, then the untracked files: the tree id of the folder's content. */
export const addChangesScript = `set -e
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
`;

/** $1 store, $2 folder without git: the tree id of what a build looks at (Klipper's build imports a module of
 * its host software), less what a build leaves. */
export const addPlainScript = `set -e
GIT_INDEX_FILE="$1/mirror.git/canopus-index.$$"
export GIT_INDEX_FILE
trap 'rm -f "$GIT_INDEX_FILE"' EXIT
cd -- "$2"
ours() { git --git-dir="$store/mirror.git" --work-tree=. -c core.bare=false "$@"; }
store=$1
for path in src lib scripts klippy; do
  [ ! -d "$path" ] || ours add -f -A -- "$path" ':(exclude)*.pyc' ':(exclude)*.o'
done
for path in Makefile *.mk .version; do
  [ ! -f "$path" ] || ours add -f -- "$path"
done
git --git-dir="$1/mirror.git" write-tree
`;

/** $1 store, $2 ref: `branch ID`, `tag ID` or `commit ID` of what is here; nothing where it is not. */
export const resolveScript = `cd "$1/mirror.git" || exit 1
if id=$(git rev-parse -q --verify "refs/heads/$2^{commit}"); then echo "branch $id"
elif id=$(git rev-parse -q --verify "refs/tags/$2^{commit}"); then echo "tag $id"
elif case $2 in *[!0-9a-f]*) false ;; ???????*) id=$(git rev-parse -q --verify "$2^{commit}") ;; *) false ;; esac; then echo "commit $id"
fi
`;

/** $1 store, $2 URL, $3 a full commit id or nothing: all branches and tags; a commit on none of them by its name. */
export const fetchScript = `set -e
cd "$1/mirror.git"
git fetch -q --no-auto-gc --prune --force --filter=blob:none origin '+refs/heads/*:refs/heads/*' '+refs/tags/*:refs/tags/*'
if [ -n "$3" ] && ! git rev-parse -q --verify "$3^{commit}" >/dev/null; then
  git fetch -q --no-auto-gc --filter=blob:none origin "$3" || :
fi
`;

/** $1 store, $2 commit, $3 mark of the Makefile: tree id and tags id; exit code 41 where it is no such firmware. */
export const treeScript = `cd "$1/mirror.git" || exit 1
git cat-file -e "$2:src/Kconfig" 2>/dev/null || exit 41
git cat-file blob "$2:Makefile" 2>/dev/null | grep -qE "$3" || exit 41
git rev-parse --verify "$2^{tree}" || exit 1
git for-each-ref --format='%(objectname) %(refname)' refs/tags | git hash-object --stdin
`;

/** $1 store, $2 tree id, $3 commit or nothing: `yes` where a pack brought them. The ref is made last of all. */
export const hasScript = `
cd "$1/mirror.git" 2>/dev/null || exit 0
git -c remote.origin.promisor=false cat-file -e "$2^{tree}" 2>/dev/null || exit 0
[ -z "$3" ] || git rev-parse -q --verify "refs/canopus/commits/$3" >/dev/null || exit 0
echo yes
`;

/** $1 store, $2 commit. */
export const countScript = 'git -C "$1/mirror.git" rev-list --count "$2"';
/** $1 store, $2 commit, $3 digits. */
export const describeScript = 'git -C "$1/mirror.git" describe --always --tags --long --abbrev="$3" "$2"';

/**
 * $1 store, $2 tree's name, $3 commit or nothing, $4 tree id, $5 version or nothing, $6 digits: makes the work tree
 * whole, or finds it so. Exit code 42 where it says another version of itself than was expected (on stdout).
 *
 * For a commit it is a linked work tree, so that `git describe` works in it; the index, but not HEAD, holds the
 * changes of a changed folder, which `--dirty` then sees.
 */
export const checkoutScript = `set -e
${tidyScript.trim()}
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
`;

/** $1 sources folder, $2 how many trees a store keeps: removes the longest unused ones, but none of the last day. */
export const pruneTreesScript = `
for store in "$1"/*; do
  [ -d "$store/trees" ] || continue
  ls -t "$store/trees" 2>/dev/null | grep '\\.ready$' | tail -n +$(($2 + 1)) | while read -r ready; do
    [ -n "$(find "$store/trees/$ready" -mtime +0)" ] || continue
    name=\${ready%.ready}
    rm -f "$store/trees/$ready"
    rm -rf "$store/trees/$name" "$store/trees/$name.index"
  done
  [ -d "$store/mirror.git" ] && git -C "$store/mirror.git" worktree prune
done
exit 0
`;
