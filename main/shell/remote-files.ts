import { CanopusError } from '../../app/errors.ts';

/** Exit codes of the scripts below, distinct from those of `sh`, `cat` and `mv`. */
const fileExit = { missing: 81, refused: 82, tooLong: 83, full: 84, cut: 85 } as const;

/**
 * `dies CODE`: exits with what went wrong with a write into `$d`: the file system has no room, or something else.
 * Asked of `df`, not read from a message.
 */
const judgeWrite = `
dies() {
  free=$(df -Pk -- "$d" 2>/dev/null | awk 'NR==2 { print $4 }')
  need=$(( \${s:-0} / 1024 + 4 ))
  if [ -w "$d" ] && [ -n "$free" ] && [ "$free" -lt "$need" ]; then exit ${fileExit.full}; fi
  exit "$1"
}`;

/** Prints the file `$1` where it has at most `$2` bytes. */
export const readFileScript = `
[ -e "$1" ] || exit ${fileExit.missing}
[ -f "$1" ] && [ -r "$1" ] || exit ${fileExit.refused}
s=$(wc -c < "$1") || exit ${fileExit.refused}
[ "$s" -le "$2" ] || exit ${fileExit.tooLong}
exec cat -- "$1"`;

/**
 * Puts standard input into `$1` whole: temporary file `$4` beside it, mode `$2`, flushed, renamed. `$3` is how many
 * bytes have to come: a connection that breaks ends standard input, too.
 */
export const writeFileScript = `${judgeWrite}
d=\${1%/*}; s=$3
[ -n "$d" ] || d=/
[ -d "$d" ] || exit ${fileExit.missing}
[ -d "$1" ] && exit ${fileExit.refused}
[ -w "$d" ] || exit ${fileExit.refused}
trap 'rm -f -- "$4"' EXIT
trap 'exit 143' TERM HUP INT
umask 077
cat > "$4" || dies ${fileExit.refused}
[ "$(wc -c < "$4")" -eq "$3" ] || dies ${fileExit.cut}
chmod "$2" "$4" && sync -- "$4" && mv -f -- "$4" "$1" || dies ${fileExit.refused}
sync -- "$d"`;

/** Makes the folder `$1` and its parents. */
export const makeFolderScript = `${judgeWrite}
mkdir -p -- "$1" && exit 0
d=$1; s=0
while [ ! -d "$d" ] && [ -n "$d" ]; do d=\${d%/*}; done
dies ${fileExit.refused}`;

/** Removes \`$1\` and what is in it. */
export const removeScript = 'rm -rf -- "$1"';

/** Translates a script's exit code; null for success. */
export function toRemoteFileError(
  exitCode: number,
  path: string,
  action: 'read' | 'write',
  label: string,
): CanopusError | null {
  const details = { path, label, exitCode };
  switch (exitCode) {
    case 0:
      return null;
    case fileExit.missing:
      return new CanopusError('file/missing', `${path} does not exist on ${label}`, details);
    case fileExit.full:
      return new CanopusError('file/disk-full', `no space left on ${label} to write ${path}`, details);
    case fileExit.tooLong:
      return new CanopusError('file/unreadable', `${path} on ${label} is longer than expected`, details);
    case fileExit.cut:
      return new CanopusError(
        'shell/lost',
        `the connection to ${label} broke while ${path} was sent`,
        details,
      );
    default:
      return action === 'read'
        ? new CanopusError('file/unreadable', `cannot read ${path} on ${label}`, details)
        : new CanopusError('file/unwritable', `cannot write ${path} on ${label}`, details);
  }
}
