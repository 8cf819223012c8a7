import { toolNames } from '../../app/build/toolchain.ts';
import type { Tool, Toolchain } from '../../app/build/toolchain.ts';
import { sha256Hex } from '../../app/sha256.ts';
import type { Shell } from '../../app/transport/shell.ts';
import { runScript } from './build-machine.ts';

/**
 * One line per finding: `tool NAME PATH<tab>VERSION`, `also NAME VERSION` (only goes into the identity), `system X`,
 * `id X`, `cores N`. Finds the libraries as the compiler does for a Cortex-M4; without newlib it prints the bare name.
 */
const script = `
first() { "$@" --version 2>/dev/null | head -n 1; }
for name in arm-none-eabi-gcc arm-none-eabi-objcopy make python3 git; do
  path=$(command -v "$name") && printf 'tool %s %s\\t%s\\n' "$name" "$path" "$(first "$path")"
done
if command -v arm-none-eabi-gcc >/dev/null; then
  for name in as ld; do printf 'also %s %s\\n' "$name" "$(first arm-none-eabi-$name)"; done
  for name in libc_nano.a libgcc.a; do
    path=$(arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -print-file-name=$name)
    case $path in
      /*) id=$(git hash-object --no-filters "$path" 2>/dev/null) || id=$(cksum < "$path") ;;
      *) continue ;;
    esac
    [ $name = libc_nano.a ] && printf 'tool newlib %s\\t%s\\n' "$path" "$id"
    printf 'also %s %s\\n' $name "$id"
  done
fi
command -v python3 >/dev/null && printf 'also zlib %s\\n' "$(python3 -c 'import zlib; print(zlib.ZLIB_RUNTIME_VERSION)' 2>/dev/null)"
printf 'system %s\\n' "$(uname -s)"
if [ -r /etc/os-release ]; then (. /etc/os-release; for id in $ID $ID_LIKE; do printf 'id %s\\n' "$id"; done); fi
printf 'cores %s\\n' "$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)"
exit 0
`;

/** What there is to build with on a machine. Throws `toolchain/probe-failed`, and what the shell throws. */
export async function probeToolchain(shell: Shell, signal?: AbortSignal): Promise<Toolchain> {
  const failure = { code: 'toolchain/probe-failed', doing: 'look for build tools' } as const;
  const { stdout } = await runScript(shell, script, [], { signal, failure });
  return parseProbe(stdout);
}

/** Reads what the script printed. */
export async function parseProbe(output: string): Promise<Toolchain> {
  const tools: Tool[] = [];
  const distribution: string[] = [];
  const identity: string[] = [];
  let system = '';
  let cores = 1;
  for (const line of output.split('\n')) {
    const [, kind, rest = ''] = /^(\w+) (.*)$/.exec(line) ?? [];
    if (kind === 'tool') {
      const [, word, path = '', version = ''] = /^(\S+) ([^\t]*)\t(.*)$/.exec(rest) ?? [];
      const name = toolNames.find((each) => each === word);
      if (name === undefined) continue;
      tools.push({ name, path, version });
      if (name === 'arm-none-eabi-gcc' || name === 'arm-none-eabi-objcopy')
        identity.push(`${name} ${version}`);
    } else if (kind === 'also') identity.push(rest);
    else if (kind === 'id') distribution.push(rest);
    else if (kind === 'system') system = rest;
    else if (kind === 'cores' && Number(rest) >= 1) cores = Math.min(Number(rest), 64);
  }
  const missing = toolNames.filter((name) => !tools.some((tool) => tool.name === name));
  return {
    tools,
    missing,
    system,
    distribution,
    cores,
    identity: (await sha256Hex(identity.join('\n'))).slice(0, 32),
  };
}
