import type { Standing } from '../../core/replay/replay.ts'
import { visible } from '../../core/text/unprintable.ts'

/** What a standing is called, and the mark before it: never the colour alone says it. */
export const standings: Readonly<Record<Standing, { word: string; mark: string }>> = {
  running: { word: 'running', mark: '●' },
  waiting: { word: 'waiting for an answer', mark: '◆' },
  retrying: { word: 'waiting for its next attempt', mark: '↻' },
  succeeded: { word: 'succeeded', mark: '✔' },
  caught: { word: 'failed, and the run went on', mark: '!' },
  failed: { word: 'failed', mark: '✖' },
  stopped: { word: 'stopped', mark: '■' },
}

/** Step Functions' status of a run as a standing. */
export const standingOfStatus = (status: string): Standing =>
  status === 'SUCCEEDED'
    ? 'succeeded'
    : status === 'RUNNING'
      ? 'running'
      : status === 'ABORTED'
        ? 'stopped'
        : 'failed'

/** `0.35 s`, `12 s`, `4 min 05 s` */
export const durationText = (ms: number): string => {
  if (ms < 10_000) return `${(ms / 1000).toFixed(ms < 1000 ? 2 : 1)} s`
  if (ms < 60_000) return `${Math.round(ms / 1000)} s`
  const seconds = Math.round(ms / 1000)
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, '0')} s`
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
}

// Made once each: making one takes longer than all else that a row of a table costs.
const time = { hour: '2-digit', minute: '2-digit', second: '2-digit' } as const
const ofToday = new Intl.DateTimeFormat(undefined, time)
const ofAnyDay = new Intl.DateTimeFormat(undefined, {
  year: 'numeric',
  month: 'short',
  day: '2-digit',
  ...time,
})

/** A time of the day where the reader is; the date as well, where it is not today's. */
export const localTime = (at: string, now = new Date()): string => {
  const found = new Date(at)
  if (Number.isNaN(found.getTime())) return at
  return (found.toDateString() === now.toDateString() ? ofToday : ofAnyDay).format(found)
}

/** `EnsureAssociation` as words: `Ensure association`. */
export const stateText = (name: string): string =>
  visible(name).replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
