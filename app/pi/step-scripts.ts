/** Exit codes of the scripts below; far from what sh, sudo and coreutils answer. */
export const stepExit = {
  changed: 91,
  stagedDamaged: 92,
  diskFull: 93,
  readOnly: 94,
  failed: 95,
  open: 96,
  backupDamaged: 97,
} as const;

/** First thing each script prints: where it is missing, sudo refused and nothing ran. */
export const startedWord = 'canopus-started';

/** Where journals are, below the home of the user who logs in. */
export const plansFolder = '.local/state/canopus/plans';

/**
 * `now PATH`: the SHA-256 of a file, `-` where there is none, `other` for anything else.
 * `fail`: ends with the reason why `$d` cannot be written, asked of the system and not read from messages.
 */
const common = `
LC_ALL=C; export LC_ALL
echo ${startedWord}
now() {
  if [ -f "$1" ]; then sha256sum < "$1" | cut -d' ' -f1
  elif [ -e "$1" ] || [ -L "$1" ]; then echo other
  else echo -; fi
}
fail() {
  trap - EXIT
  [ -n "$t" ] && rm -f -- "$t"
  e=$d
  while [ ! -d "$e" ] && [ -n "$e" ]; do e=\${e%/*}; done
  [ -w "\${e:-/}" ] || exit ${stepExit.readOnly}
  free=$(df -Pk -- "\${e:-/}" 2>/dev/null | awk 'NR==2 { print $4 }')
  [ -n "$free" ] && [ "$free" -lt "\${need:-64}" ] && exit ${stepExit.diskFull}
  exit ${stepExit.failed}
}
`;

/**
 * Writes a journal. Arguments: folder of all journals, id. Standard input: `@NAME` lines, each followed by that
 * file's content as base64; `state` is written here, when all else is on the disk.
 */
export const beginScript = `${common}
umask 077
d=$1; need=1024
mkdir -p -- "$1" || fail
for s in "$1"/*/state; do
  [ -f "$s" ] && [ "$(cat "$s")" = open ] && exit ${stepExit.open}
done
d=$1/$2
mkdir -- "$d" || fail
awk -v d="$d" '
  /^@/ { if (c) { if (close(c)) exit 1 } c = "base64 -d > \\"" d "/" substr($0, 2) "\\""; printf "" | c; next }
  { print | c }
  END { if (c && close(c)) exit 1 }' || { rm -rf -- "$d"; d=$1; fail; }
# A connection that broke ends standard input, too; what came whole ends with this name.
[ -f "$d/complete" ] || { rm -rf -- "$d"; exit ${stepExit.failed}; }
sync -- "$d"/* && printf open > "$d/state" && sync -- "$d/state" "$d" || { rm -rf -- "$d"; d=$1; fail; }
`;

/**
 * Exchanges one file for the staged one. Arguments: path, old hash, new hash, staged file, backup, mode, id; `-` for
 * none. Killed at any moment it leaves the old file or the new one, and the backup whole or not there.
 */
export const applyFileScript = `${common}
p=$1 old=$2 new=$3 staged=$4 backup=$5 mode=$6
d=\${p%/*}; t=
c=$(now "$p")
[ "$c" = "$new" ] && { echo already; exit 0; }
[ "$c" = "$old" ] || exit ${stepExit.changed}
[ "$new" = - ] || [ "$(now "$staged")" = "$new" ] || exit ${stepExit.stagedDamaged}
need=64
[ "$new" = - ] || need=$(( $(wc -c < "$staged") / 512 + 64 ))
[ -d "$d" ] || mkdir -p -- "$d" || fail
[ -w "$d" ] || fail
# A step that a broken connection left behind may still be at work: no two ever share a temporary file.
t=$d/.canopus-$7-$$.tmp
find "$d" -maxdepth 1 -name '.canopus-*.tmp' -mmin +10 -delete 2>/dev/null
trap 'rm -f -- "$t"' EXIT
trap 'exit 143' TERM HUP INT
if [ "$old" != - ]; then
  cp -p -- "$p" "$t" && sync -- "$t" && [ "$(now "$t")" = "$old" ] && mv -f -- "$t" "$backup" || fail
fi
if [ "$new" = - ]; then
  rm -f -- "$p" || fail
else
  # A copy of the old file keeps its owner, mode and access list; then the content is exchanged.
  if [ "$old" != - ]; then cp -p -- "$p" "$t"; else ( umask 077; : > "$t" ) && chmod "$mode" "$t"; fi || fail
  cat -- "$staged" > "$t" && sync -- "$t" && [ "$(now "$t")" = "$new" ] || fail
  [ "$(now "$p")" = "$old" ] || exit ${stepExit.changed}
  mv -f -- "$t" "$p" || fail
fi
sync -- "$d"
[ "$(now "$p")" = "$new" ] || exit ${stepExit.failed}
`;

/**
 * Puts the old file back. Arguments: path, old hash, new hash, backup, `force` or `-`, id, `folder` where applying
 * made the folder. The backup goes only when the file is back.
 */
export const undoFileScript = `${common}
p=$1 old=$2 new=$3 backup=$4
d=\${p%/*}; t=
c=$(now "$p")
if [ "$c" = "$old" ]; then
  [ "$backup" = - ] || rm -f -- "$backup"
  [ "$7" = folder ] && rmdir -- "$d" 2>/dev/null
  echo already; exit 0
fi
[ "$c" = "$new" ] || [ "$5" = force ] || exit ${stepExit.changed}
if [ "$old" = - ]; then
  rm -f -- "$p" || fail
  sync -- "$d"
  [ "$7" = folder ] && rmdir -- "$d" 2>/dev/null
else
  [ "$(now "$backup")" = "$old" ] || exit ${stepExit.backupDamaged}
  need=$(( $(wc -c < "$backup") / 1024 + 64 ))
  t=$d/.canopus-$6-$$.tmp
  trap 'rm -f -- "$t"' EXIT
  trap 'exit 143' TERM HUP INT
  cp -p -- "$backup" "$t" && sync -- "$t" && [ "$(now "$t")" = "$old" ] && mv -f -- "$t" "$p" || fail
  sync -- "$d"
  [ "$(now "$p")" = "$old" ] || exit ${stepExit.failed}
  rm -f -- "$backup"
fi
exit 0
`;

/** Marks a journal. Arguments: its folder, the state. Staged contents are not needed once it is done. */
export const finishScript = `${common}
d=$1; t=$d/.state
printf %s "$2" > "$t" && sync -- "$t" && mv -f -- "$t" "$d/state" && sync -- "$d" || fail
case $2 in open) ;; *) rm -f -- "$d"/new-* ;; esac
exit 0
`;

/** Runs a program as it is, with the folders in its path where Debian keeps tools of the administrator. */
export const commandScript = `
echo ${startedWord}
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"; export PATH
exec "$@"
`;

/** Prints the files that are named, each as a line \`name\` and base64. Arguments: nonce, paths. */
export const contentsScript = `
LC_ALL=C; export LC_ALL
n=$1; shift
for p; do
  if [ -f "$p" ]; then printf '\\n@%s file %s\\n' "$n" "$p"; base64 -- "$p"; fi
done
printf '\\n@%s end\\n' "$n"
`;

/** Prints how an interface is, a line whenever that changes, \`null\` where it is not there. Arguments: name, tenths of seconds. */
export const watchScript = `
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"; export PATH
last= n=0
while [ "$n" -le "$2" ]; do
  j=$(ip -d -j link show dev "$1" 2>/dev/null | tr -d '\\n')
  [ -n "$j" ] || j=null
  [ "$j" = "$last" ] || printf '%s\\n' "$j"
  last=$j; n=$((n+1))
  sleep 0.1
done
`;
