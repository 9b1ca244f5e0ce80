import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text as textOf } from 'node:stream/consumers'
import { stripVTControlCharacters } from 'node:util'

const onTerminal = `
import os, pty, sys
early, until, *keys = [bytes.fromhex(text) for text in sys.argv[1].split(',')]
program = sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(program[0], program)
said, typed, cut = b'', 0, False
while True:
    try:
        part = os.read(terminal, 65536)
    except OSError:
        break
    if not part:
        break
    if not said:
        os.write(terminal, early)
    said += part
    sys.stdout.buffer.write(part)
    sys.stdout.flush()
    while typed < said.count(b'[y/N]'):
        os.write(terminal, keys[min(typed, len(keys) - 1)])
        typed += 1
    if not cut and all(text in said for text in until.splitlines()):
        cut = True
        os.write(terminal, b'\\x03')
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`

export interface Typed {
  /** As soon as anything is written. */
  early?: string
  /** At each question; of several the first at the first one, and the last at all that follow. */
  keys?: string | string[]
  /** What is written before Ctrl-C is typed. */
  until?: string[]
}

/** Runs a program (needs python3) on a terminal of its own, and types into it; ends as the program does. */
export const typedInto = async (
  program: string[],
  env: NodeJS.ProcessEnv,
  { early = '', keys = '', until = ['what no program writes'] }: Typed,
): Promise<{ code: number | null; said: string }> => {
  const hex = [early, until.join('\n'), ...[keys].flat()].map((text) => Buffer.from(text).toString('hex'))
  const child = spawn('python3', ['-c', onTerminal, hex.join(','), ...program], {
    env: { ...env, TERM: 'xterm' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said, [code]] = await Promise.all([textOf(child.stdout), once(child, 'close')])
  return { code, said: stripVTControlCharacters(said) }
}
