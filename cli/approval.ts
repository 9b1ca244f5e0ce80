import { createInterface } from 'node:readline/promises'
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises'
import type { Change } from '../core/changes.ts'
import { questionText } from './render/changes.ts'
import { screenOf } from './render/screen.ts'

interface Asking {
  /** Given when the run is interrupted, which ends the question as well. */
  signal: AbortSignal
  /** What Ctrl-C does: while a question is open, the terminal hands it on as a key. */
  interrupt: () => void
  /** Leaves the cursor at the beginning of an empty line. */
  makeRoom: () => void
}

/** The person at the terminal, who is shown what a run would change and asked whether it may. */
export const approval = ({ yes }: { yes?: boolean }, { signal, interrupt, makeRoom }: Asking) => {
  let open = false
  /** Asks what ends in a question mark; resolves to why the answer is no. */
  const agree = async (text: string, unasked: string): Promise<string | undefined> => {
    if (yes) return undefined
    if (!process.stdin.isTTY) return unasked
    await forgetKeys(interrupt)
    makeRoom()
    const terminal = createInterface({ input: process.stdin, output: process.stderr })
    terminal.on('SIGINT', interrupt)
    const ended = new Promise<string>((resolve) => terminal.once('close', () => resolve('')))
    open = true
    try {
      const answer = await Promise.race([terminal.question(`${text} [y/N] `, { signal }), ended])
      if (/^y(?:es)?$/i.test(answer.trim())) return undefined
      return 'declined at the terminal'
    } catch {
      return 'interrupted at the question'
    } finally {
      open = signal.aborted
      terminal.close()
    }
  }
  return {
    agree,
    /** Resolves to why the changes of a run (one of several: by its name) are not approved, or to nothing where they are. */
    approve: (changes: readonly Change[], name = 'This run'): Promise<string | undefined> =>
      agree(
        question(changes, name),
        'this run needs approval, and there is no terminal to ask at: add --yes to approve its changes',
      ),
    /** Whether the run was interrupted at the question, when nothing had been changed. */
    interrupted: () => open && signal.aborted,
  }
}

/** As long as a terminal takes to hand over keys that it holds. */
const drainMs = 50

/** Throws away what was typed before there was a question: it answers none. */
const forgetKeys = async (interrupt: () => void): Promise<void> => {
  const { stdin } = process
  let keys = ''
  const take = (text: Buffer) => {
    keys += text.toString('latin1')
  }
  // Otherwise a line without its end stays with the terminal.
  stdin.setRawMode(true)
  stdin.on('data', take)
  await wait(drainMs)
  // A process that was held up has its timer called first, and has read nothing yet: as long as there is something.
  for (let read = -1; read < keys.length; ) {
    read = keys.length
    await nextTurn()
  }
  stdin.off('data', take).pause()
  stdin.setRawMode(false)
  // Meanwhile the terminal makes no signal of it.
  if (keys.includes('\x03')) interrupt()
}

const question = (changes: readonly Change[], name: string): string =>
  `${questionText(name, changes, screenOf(process.stderr))}Go ahead with these changes?`
