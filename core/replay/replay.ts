import type { Finding } from '../findings.ts'
import type { RunEvent } from '../run-events/event.ts'

/** How a step, or a whole run, stands. `caught`: it failed and the run went on by another way; `stopped`: something else ended it. */
export type Standing = 'running' | 'waiting' | 'retrying' | 'succeeded' | 'caught' | 'failed' | 'stopped'

/** An attempt that failed and was followed by another one. Times are RFC 3339. */
export interface Retried {
  at: string
  /** Which retry follows, from 1. */
  attempt: number
  /** How many this error is allowed, where that is known. */
  of?: number
  /** When the next attempt begins, at the latest. */
  nextAt: string
  error: string
  message: string
}

/** A look at a rollout. */
export interface Look {
  at: string
  state: string
  message: string
  counts?: Record<string, number>
}

/** One visit of one step: a loop comes back as another visit, a retry is another attempt of the same one. */
export interface VisitView {
  step: string
  /** From 1. */
  visit: number
  /** The group that it is a part of. */
  within?: string
  standing: Standing
  startedAt: string
  endedAt?: string
  message?: string
  error?: string
  retries: Retried[]
  looks: Look[]
}

/** A run as its events up to some point show it. */
export interface ReplayedRun {
  run: string
  standing: Standing
  startedAt: string
  /** When the last event happened. */
  lastAt: string
  endedAt?: string
  /** What the last event of a failed run says. */
  failure?: { status: string; error: string; message: string }
  /** In the order of their beginning. */
  visits: VisitView[]
  findings: { at: string; step: string; finding: Finding }[]
  /** What the state Report answered. */
  report?: unknown
}

/**
 * A run, as its events tell it. The beginning of a list of events gives the run as it was then, so that a replay needs
 * nothing else.
 */
export const replay = (events: readonly RunEvent[]): ReplayedRun => {
  const view: ReplayedRun = {
    run: events[0]?.run ?? '',
    standing: 'running',
    startedAt: events[0]?.at ?? '',
    lastAt: events.at(-1)?.at ?? '',
    visits: [],
    findings: [],
  }
  const open: Open = { visits: new Map(), pauses: new Set() }
  for (const event of events) apply(view, open, event)
  if (view.endedAt === undefined) view.standing = standingOf(view.visits)
  return view
}

/** The visits that have not ended. Of a Wait state, a pause, events say when it begins and not when it ends. */
interface Open {
  visits: Map<string, VisitView>
  pauses: Set<VisitView>
}

/** A run under way waits where a step waits for an answer, and retries where one pauses before its next attempt. */
const standingOf = (visits: readonly VisitView[]): Standing => {
  const now = visits.map(({ standing }) => standing)
  return now.includes('waiting') ? 'waiting' : now.includes('retrying') ? 'retrying' : 'running'
}

const apply = (view: ReplayedRun, open: Open, event: RunEvent): void => {
  switch (event.type) {
    case 'run.started':
      view.startedAt = event.at
      return
    case 'run.succeeded':
    case 'run.failed':
      view.endedAt = event.at
      view.standing = event.type === 'run.succeeded' ? 'succeeded' : endings[event.status]
      if (event.type === 'run.failed')
        view.failure = { status: event.status, error: event.error, message: event.message }
      if (event.report !== undefined) view.report = event.report
      for (const visit of open.visits.values()) close(visit, event.at, 'stopped')
      open.visits.clear()
      return
    default:
      // An execution may go on after its end: it was redriven.
      delete view.endedAt
      delete view.failure
      delete view.report
      applyStep(view, open, event)
  }
}

const endings = { FAILED: 'failed', TIMED_OUT: 'failed', ABORTED: 'stopped' } as const

type StepEvent = Exclude<RunEvent, { type: 'run.started' | 'run.succeeded' | 'run.failed' }>

const applyStep = (view: ReplayedRun, open: Open, event: StepEvent): void => {
  const key = `${event.step} ${event.visit}`
  const visit = open.visits.get(key) ?? begin(view, open, key, event)
  switch (event.type) {
    case 'step.started':
      return
    case 'step.waiting':
      if (event.for === 'time') open.pauses.add(visit)
      else visit.standing = 'waiting'
      return
    case 'step.retrying': {
      const { at, attempt, of, seconds, error, message } = event
      const nextAt = new Date(Date.parse(at) + seconds * 1000).toISOString()
      visit.retries.push({ at, attempt, ...(of === undefined ? {} : { of }), nextAt, error, message })
      visit.standing = 'retrying'
      return
    }
    case 'rollout.progress': {
      const { at, state, message, counts } = event
      visit.looks.push({ at, state, message, ...(counts ? { counts } : {}) })
      visit.standing = 'running'
      return
    }
    case 'finding':
      view.findings.push({ at: event.at, step: event.step, finding: event.finding })
      return
    case 'step.succeeded':
      if (event.message !== undefined) visit.message = event.message
      close(visit, event.at, 'succeeded')
      open.visits.delete(key)
      return
    case 'step.failed':
      visit.error = event.error
      visit.message = event.message
      close(visit, event.at, event.error === 'Stopped' ? 'stopped' : event.caught ? 'caught' : 'failed')
      open.visits.delete(key)
  }
}

const begin = (
  view: ReplayedRun,
  open: Open,
  key: string,
  { step, visit, within, at }: StepEvent,
): VisitView => {
  for (const [other, before] of open.visits)
    if (before.within === within && open.pauses.delete(before)) {
      close(before, at, 'succeeded')
      open.visits.delete(other)
    }
  const begun: VisitView = {
    step,
    visit,
    ...(within === undefined ? {} : { within }),
    standing: 'running',
    startedAt: at,
    retries: [],
    looks: [],
  }
  view.visits.push(begun)
  open.visits.set(key, begun)
  return begun
}

const close = (visit: VisitView, at: string, standing: Standing): void => {
  visit.endedAt = at
  visit.standing = standing
}

/** How a visit stands at a time: a pause before the next attempt is over when that has begun, which no event says. */
export const standingAt = ({ standing, retries }: VisitView, now: number): Standing =>
  standing === 'retrying' && now >= Date.parse(retries.at(-1)?.nextAt ?? '') ? 'running' : standing
