import { appendFileSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Log } from '../../adapters/runtime.ts'
import { redact } from '../../core/text/redact.ts'
import { contentOf } from './files.ts'
import { stateFolder } from './folder.ts'

/** In a folder beside the journals; gone with the run's journal. */
export const logPath = (run: string): string => join(stateFolder(), 'logs', `${run}.log`)

/** A log that is written from the moment on that the run's journal is open; until then its lines wait. */
export interface HandlerLog {
  log: Log
  open(): void
}

/** More lines than a run writes before it takes its turn; a plan, which takes none, leaves no log. */
const mostWaiting = 20

/** What the handlers of a run of this machine write, a line of JSON each. What it cannot write never stops the run. */
export const handlerLog = (run: string): HandlerLog => {
  let state: 'waiting' | 'open' | 'broken' = 'waiting'
  const waiting: string[] = []
  const append = (text: string): void => {
    try {
      appendFileSync(logPath(run), text, { mode: 0o600 })
    } catch {
      state = 'broken'
    }
  }
  const write =
    (level: string) =>
    (message: string, data: Record<string, unknown> = {}): void => {
      const line = redact(JSON.stringify({ timestamp: new Date().toISOString(), level, message, ...data }))
      if (state === 'open') append(`${line}\n`)
      else if (state === 'waiting' && waiting.length < mostWaiting) waiting.push(`${line}\n`)
    }
  return {
    log: { info: write('INFO'), warn: write('WARN'), error: write('ERROR') },
    open: () => {
      state = 'open'
      try {
        mkdirSync(dirname(logPath(run)), { recursive: true, mode: 0o700 })
      } catch {
        state = 'broken'
        return
      }
      append(waiting.splice(0).join(''))
    },
  }
}

/** The log of a run of this machine; empty, and why, where there is none. */
export const recordedLog = (run: string): { lines: string[]; note: string } => {
  const text = contentOf(logPath(run))
  return text === undefined
    ? { lines: [], note: `there is no log of this run: ${logPath(run)} is not there` }
    : { lines: text.split('\n').filter(Boolean), note: `from ${logPath(run)}` }
}
