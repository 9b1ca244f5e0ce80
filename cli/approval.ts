import type { Change } from '../core/changes.ts'
import { questionText } from './render/changes.ts'
import { askAtTerminal } from './render/question.ts'
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
    open = true
    const answer = await askAtTerminal(`${text} [y/N] `, { interruption: { interrupt, signal }, makeRoom })
    open = signal.aborted
    if (answer === 'yes') return undefined
    return answer === 'no' ? 'declined at the terminal' : 'interrupted at the question'
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

const question = (changes: readonly Change[], name: string): string =>
  `${questionText(name, changes, screenOf(process.stderr))}Go ahead with these changes?`
