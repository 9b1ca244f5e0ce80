import { deployedFunctions } from '../../adapters/deployed/functions.ts'
import { type HeldMessage, type MessageQueue, messageQueue } from '../../adapters/deployed/queue.ts'
import { PodidError } from '../../core/errors.ts'
import { partitionOf } from '../../core/partitions/partitions.ts'
import { clip } from '../../core/text/clip.ts'
import { redact } from '../../core/text/redact.ts'
import { command } from '../../core/text/shell.ts'
import { jsonLine, visible } from '../../core/text/unprintable.ts'
import { type DeadLetterMessage, type Receiver, readDeadLetter } from '../../core/triggers/dead-letter.ts'
import { regionOf } from '../binding.ts'
import { configNear } from '../bindings/in-file.ts'
import { messageHere, ownRuntime, reportingErrors } from '../direct.ts'
import { type ExitCode, exit } from '../exit.ts'
import { accountOf } from '../identity.ts'
import { invokedAs } from '../invoked.ts'
import { askAtTerminal } from '../render/question.ts'
import { rows, screenOf } from '../render/screen.ts'
import { UsageError } from '../usage-error.ts'

export interface RedriveFlags {
  stage: string
  region?: string
  yes?: boolean
  json?: boolean
}

/** A dead letter in this reader's hands. */
interface Held {
  letter: DeadLetterMessage
  message: HeldMessage
}

/** What became of a message. `left`, `ended` (Ctrl-C at its question) and `failed` are in the queue as before. */
interface Outcome {
  outcome: 'sent' | 'left' | 'ended' | 'failed' | 'gone'
  /** In a sentence for people. */
  said: string
}

/** While a person reads and decides; a process that is killed leaves its messages hidden for so long. */
const readingSeconds = 300
/** While one message is sent: longer than any answer is waited for. */
const sendingSeconds = 180
/** Messages in one go, of which each is shown. */
const mostMessages = 500

/**
 * `podid redrive`: the messages of a stage's dead-letter queue, each with why it is there and where it goes back to. With
 * `--yes`, or where a person at the terminal agrees to one, it is sent there, and deleted once it was taken.
 */
export const redrive = (ids: readonly string[], flags: RedriveFlags): Promise<ExitCode> =>
  reportingErrors(async () => {
    const { stage, json = false, yes = false } = flags
    if (!/^[A-Za-z0-9-]{1,40}$/.test(stage))
      throw new UsageError(`--stage ${stage} is not the name of a stage`)
    const region = flags.region ?? configNear(stage)?.region ?? regionOf({})
    const runtime = ownRuntime()
    const account = await accountOf(runtime.aws.credentials, region)
    const place = { stage, region, account, partition: partitionOf(region) }
    const queue = await messageQueue(runtime, region, `podid-${stage}-dead-letters`)
    const all = await readAll(queue)
    const open = new Set(all)
    try {
      const held = all.map((message): Held => ({ message, letter: readDeadLetter(message, place) }))
      const chosen = held.filter(({ letter }) => ids.length === 0 || ids.includes(letter.id))
      const absent = ids.filter((id) => !held.some(({ letter }) => letter.id === id))
      const others = await queue.readByOthers(all.length)
      if (!json) process.stdout.write(visible(listText(queue.name, chosen, others)))
      const asks = !yes && !json && process.stdin.isTTY === true
      const send = sender(queue, deployedFunctions(runtime, region))
      const outcomes: Outcome['outcome'][] = []
      for (const { letter, message } of chosen) {
        const outcome = yes || asks ? await sent(letter, message, { asks, send }) : undefined
        if (outcome && (outcome.outcome === 'sent' || outcome.outcome === 'gone')) open.delete(message)
        outcomes.push(outcome?.outcome ?? 'left')
        if (json) process.stdout.write(`${jsonLine(jsonOf(letter, outcome))}\n`)
        else if (outcome) process.stdout.write(visible(`${letter.id}: ${outcome.said}\n`))
        if (outcome?.outcome === 'ended') return exit.interrupted
      }
      for (const id of absent)
        process.stderr.write(
          visible(`podid: there is no message ${id} in ${queue.name} that can be read now\n`),
        )
      if (!json && !yes && !asks && chosen.some(({ letter }) => letter.kind !== 'unknown'))
        process.stdout.write(
          visible(
            `to send them: ${invokedAs()} ${command`redrive --stage ${stage} --region ${region} --yes`}\n`,
          ),
        )
      return codeOf(outcomes, { absent: absent.length, acted: yes || asks })
    } finally {
      await Promise.all([...open].map((message) => showAgain(queue, message)))
    }
  })

/** Shows a message to other readers at once; where it cannot, says that it stays hidden. */
const showAgain = async (queue: MessageQueue, message: HeldMessage): Promise<void> => {
  try {
    await queue.hide(message, 0)
  } catch (error) {
    const minutes = readingSeconds / 60
    process.stderr.write(
      visible(
        `podid: the message ${message.id} stays hidden from everybody for up to ${minutes} minutes: ${messageHere(error as Error)}\n`,
      ),
    )
  }
}

/** 0 where nothing is left to do, 3 where something was only shown, 1 where something could not be sent. */
const codeOf = (
  outcomes: readonly Outcome['outcome'][],
  { absent, acted }: { absent: number; acted: boolean },
): ExitCode => {
  if (absent > 0 || outcomes.includes('failed')) return exit.failed
  if (!outcomes.includes('left')) return exit.done
  return acted ? exit.failed : exit.changes
}

const readAll = async (queue: MessageQueue): Promise<HeldMessage[]> => {
  const found = new Map<string, HeldMessage>()
  while (found.size < mostMessages) {
    const messages = await queue.receive(readingSeconds)
    // A standard queue may hand out a message twice: the newer receipt is the one that deletes it. Where nothing new comes, it is over.
    const over = messages.every(({ id }) => found.has(id))
    for (const message of messages) found.set(message.id, message)
    if (over) break
  }
  return [...found.values()].sort((one, other) => Date.parse(one.sentAt) - Date.parse(other.sentAt))
}

type Send = (
  letter: Exclude<DeadLetterMessage, { kind: 'unknown' }>,
  message: HeldMessage,
) => Promise<Outcome>

/** Sends a message to its function, and deletes it where that took it. Twice does no harm: the function knows the event again. */
const sender =
  (queue: MessageQueue, functions: ReturnType<typeof deployedFunctions>): Send =>
  async ({ to, payload }, message) => {
    try {
      if (!(await queue.hide(message, sendingSeconds)))
        return { outcome: 'gone', said: 'not sent: somebody else has read it meanwhile, or deleted it' }
      const took = await taken(functions, to, payload)
      if ('error' in took)
        return { outcome: 'failed', said: `not deleted: ${to.name} failed again: ${took.error}` }
      await queue.delete(message)
      return { outcome: 'sent', said: took.said }
    } catch (error) {
      if (!(error instanceof PodidError)) throw error
      return { outcome: 'failed', said: `not deleted: ${messageHere(error)}` }
    }
  }

const taken = async (
  functions: ReturnType<typeof deployedFunctions>,
  { name, arn, waits }: Receiver,
  payload: unknown,
): Promise<{ said: string } | { error: string }> => {
  if (!waits) {
    await functions.handOver(arn, payload)
    return { said: `handed over to ${name}, and deleted; where ${name} fails at it again, it comes back` }
  }
  const called = await functions.call(arn, payload)
  if ('error' in called) return { error: clip(redact(called.error), 500) }
  const answer =
    called.answer === null || called.answer === undefined
      ? ''
      : `, which answered ${clip(redact(JSON.stringify(called.answer)), 500)}`
  return { said: `sent to ${name}${answer}; deleted` }
}

/** Sends one message, where it is known where to and nobody says no. */
const sent = async (
  letter: DeadLetterMessage,
  message: HeldMessage,
  { asks, send }: { asks: boolean; send: Send },
): Promise<Outcome> => {
  if (letter.kind === 'unknown')
    return { outcome: 'left', said: 'left in the queue: podid does not know what it is for' }
  const answer = asks
    ? await askAtTerminal(visible(`Send ${letter.id} to ${letter.to.name}? [y/N] `))
    : ('yes' as const)
  if (answer === 'ended') return { outcome: 'ended', said: 'left in the queue, as all that come after it' }
  return answer === 'yes' ? send(letter, message) : { outcome: 'left', said: 'left in the queue' }
}

const whereTo = (letter: DeadLetterMessage): string =>
  letter.kind === 'unknown'
    ? 'nowhere: it stays, until you delete it (aws sqs) or it has been there for 14 days'
    : `${letter.to.name}, ${letter.to.waits ? 'whose answer is waited for' : 'which has up to fifteen minutes and is not waited for'}`

const listText = (queue: string, held: readonly Held[], others: number): string => {
  const hidden =
    others > 0 ? `; about ${others} more are being read just now, or were in the last five minutes` : ''
  if (held.length === 0) return `no messages in ${queue}${hidden}\n`
  const count = held.length === 1 ? '1 message' : `${held.length} messages`
  const screen = screenOf(process.stdout)
  const blocks = held.map(({ letter }) =>
    [
      letter.id,
      ...rows(
        [
          ['what', letter.what],
          ['since', letter.since.replace(/\.\d+Z$/, 'Z')],
          ['why', clip(letter.why, 1000)],
          ['goes to', whereTo(letter)],
        ],
        screen,
      ),
    ].join('\n'),
  )
  return `${count} in ${queue}${hidden}\n\n${blocks.join('\n\n')}\n\n`
}

const jsonOf = (letter: DeadLetterMessage, outcome: Outcome | undefined) => ({
  message: letter.id,
  since: letter.since,
  kind: letter.kind,
  what: letter.what,
  why: letter.why,
  to:
    letter.kind === 'unknown'
      ? null
      : { function: letter.to.name, arn: letter.to.arn, waits: letter.to.waits },
  outcome: outcome?.outcome ?? 'left',
  ...(outcome ? { said: outcome.said } : {}),
})
