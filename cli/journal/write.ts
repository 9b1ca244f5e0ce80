import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs'
import type { Log } from '../../adapters/runtime.ts'
import { Refused } from '../../core/errors.ts'
import type { Before, Request } from '../../core/request.ts'
import type { RunEvent } from '../../core/run-events/event.ts'
import type { TurnStep } from '../../core/steps/answers.ts'
import { writingStates } from '../../core/steps/table.ts'
import { journalFolder, journalPath } from './folder.ts'
import type { JournalLine } from './lines.ts'
import { handlerLog } from './log.ts'
import { forgetOutdated } from './outdated.ts'
import { isAlive, thisProcess } from './process.ts'
import { hasEnded } from './read.ts'
import { type Holder, takeLocalTurn } from './turns.ts'

/** The journal of one run. What it cannot write never stops the run. */
export interface Journal {
  /** Opens the journal of a run that may change something. @throws Refused where another run is at work */
  takeTurn(request: Request): TurnStep
  /** Notes what undoing needs, on the disk before anything is changed. */
  before(before: Before): void
  event(event: RunEvent): void
  /** What the run's handlers write goes into a file of its own beside the journal. */
  log: Log
  /** Whether a step that changes something has begun, and can be undone. */
  acted(): boolean
}

export interface JournalOptions {
  run: string
  input: Record<string, unknown>
  /** Says to a person that the journal cannot be written. */
  warn: (message: string) => void
}

/** A journal that is opened when the run takes its turn; until then its lines wait. */
export const createJournal = ({ run, input, warn }: JournalOptions): Journal => {
  const path = journalPath(run)
  const waiting: RunEvent[] = []
  const handlers = handlerLog(run)
  let file: number | undefined
  let known = false
  let acted = false

  const guarded = (work: () => void): void => {
    try {
      work()
    } catch (error) {
      if (file !== undefined) closeSync(file)
      file = undefined
      warn(
        `the journal ${path} cannot be written: ${(error as Error).message}. If this process is killed, "podid undo" cannot undo the run; the events of --json can`,
      )
    }
  }
  /** @param flush waits until the disk has it: nothing may be changed before */
  const write = (line: JournalLine, flush: boolean): void =>
    guarded(() => {
      if (file === undefined) return
      writeSync(file, `${JSON.stringify(line)}\n`)
      if (flush) fsyncSync(file)
    })

  return {
    takeTurn: (request) => {
      const mark = thisProcess()
      guarded(() => {
        mkdirSync(journalFolder(), { recursive: true, mode: 0o700 })
        forgetOutdated(run)
        file = openSync(path, 'ax', 0o600)
      })
      write(
        {
          type: 'run',
          run,
          at: request.startedAt,
          mode: request.mode === 'undo' ? 'undo' : 'enable',
          account: request.account,
          ...mark,
          input: { ...input, region: request.region },
        },
        true,
      )
      for (const event of waiting.splice(0)) write(event, false)
      if (file !== undefined) handlers.open()
      const where = `${request.namespace}/${request.serviceAccount} on ${request.cluster}`
      if (file === undefined)
        return { message: 'nobody looked for other runs, since no journal can be written' }
      let holder: Holder | undefined
      try {
        holder = takeLocalTurn(request, { run, ...mark }, (other) => isAlive(other) && !hasEnded(other.run))
      } catch (error) {
        return { message: `nobody could look for other runs: ${(error as Error).message}` }
      }
      if (holder) {
        throw new Refused(
          `the run ${holder.run} of process ${holder.pid} on this machine is at work on ${where}, and two at once would undo each other's work. Start this one again when it has ended, or stop it first:\nkill -INT ${holder.pid}`,
        )
      }
      return { message: `no other run of this user on this machine is at work on ${where}` }
    },
    before: (before) => {
      known = true
      write({ type: 'before', before }, true)
    },
    event: (event) => {
      const writes = event.type === 'step.started' && writingStates.has(event.step)
      if (writes && known) acted = true
      if (file === undefined && waiting.length < mostWaiting) waiting.push(event)
      else write(event, writes || event.type === 'run.succeeded' || event.type === 'run.failed')
    },
    log: handlers.log,
    acted: () => acted,
  }
}

/** More than a run has before it takes its turn; of a plan, which takes none, the rest is not kept. */
const mostWaiting = 20
