import { createInterface } from 'node:readline/promises'
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises'

/** `ended`: by Ctrl-C, or by what the signal stands for. The end of the input is a no. */
export type TerminalAnswer = 'yes' | 'no' | 'ended'

export interface Question {
  /** What Ctrl-C does in place of ending the question: while one is open, the terminal hands it on as a key. The signal ends it then. */
  interruption?: { interrupt: () => void; signal: AbortSignal }
  /** Called before the question is written. */
  makeRoom?: () => void
}

/** Asks the person at the terminal, who has to say yes; what was typed before the question answers nothing. */
export const askAtTerminal = async (
  text: string,
  { interruption, makeRoom = () => {} }: Question = {},
): Promise<TerminalAnswer> => {
  const own = new AbortController()
  const { interrupt, signal } = interruption ?? { interrupt: () => own.abort(), signal: own.signal }
  await forgetKeys(interrupt)
  makeRoom()
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  terminal.on('SIGINT', interrupt)
  const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')))
  try {
    const answer = await Promise.race([terminal.question(text, { signal }), closed])
    return /^y(?:es)?$/i.test(answer.trim()) ? 'yes' : 'no'
  } catch {
    return 'ended'
  } finally {
    terminal.close()
  }
}

/** What the person at the terminal types in one line; nothing where they end the input. Ctrl-C is the signal that it is elsewhere. */
export const askedFor = async (text: string): Promise<string> => {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  terminal.on('SIGINT', () => {
    terminal.close()
    process.stderr.write('\n')
    process.kill(process.pid, 'SIGINT')
  })
  const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')))
  try {
    return (await Promise.race([terminal.question(text), closed])).trim()
  } finally {
    terminal.close()
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
