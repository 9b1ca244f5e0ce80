import * as z from 'zod'
import { concurrently } from '../../adapters/concurrently.ts'
import { type Sweeps, sweeps } from '../../adapters/records/sweeps.ts'
import type { Log, Runtime } from '../../adapters/runtime.ts'
import { type SweepFigures, sweepMetrics } from '../../core/operation/run-metrics.ts'
import { digestOf, driftKey, type NoteTaker, takeNotes } from '../../core/triggers/digest.ts'
import { type MendingTurns, mendingTurns, mendsToKeep, type SweepRun } from '../../core/triggers/mending.ts'
import {
  bindingsOfVisit,
  planSweep,
  type SweepPosition,
  type SweepVisit,
} from '../../core/triggers/sweep-plan.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import type { InForce } from '../support/evidence/second-witness.ts'
import { lambda } from '../support/lambda.ts'
import { type Emit, toLog } from '../support/metrics.ts'
import { type Once, once } from '../support/once.ts'
import { type Services, servicesOf } from '../support/services.ts'
import { setting } from '../support/settings.ts'
import { type Checked, type Checks, checkBinding, type SweptBinding } from '../support/sweep/check-binding.ts'
import { checksOf } from '../support/sweep/checks.ts'
import { openTooLong } from '../support/sweep/open-runs.ts'
import { declaredClusters, targetsOf } from '../support/sweep/targets.ts'
import { type Swept, type Teller, tellerOf } from '../support/sweep/tell.ts'

type SweepServices = Pick<
  Services,
  'config' | 'clusters' | 'start' | 'bus' | 'executions' | 'runs' | 'looks' | 'now'
> & {
  once: Once
  sweeps: Sweeps
  /** Milliseconds that the sweep has left. */
  timeLeft: () => number
  log: Pick<Log, 'warn'>
}

/**
 * Checks every binding on every cluster it is declared for, and reports what is not in force: an event that was
 * missed, an association that was deleted or changed, pods without credentials. With `mend` it starts the runs
 * that repair this, but for bindings that somebody has undone. What is in force it looks for in CloudTrail afterwards.
 *
 * Five clusters at once, and four bindings of each. A cluster that cannot be looked at is told of and passed. Where the
 * time is too short the next sweep goes on where this one stopped. One sweep at a time is at work.
 * `sweep` identifies this sweep, so that a repeated invocation starts nothing twice.
 */
export const sweepBindings =
  (services: SweepServices, checks: Checks) =>
  async (sweep: string): Promise<Swept> => {
    const swept: Swept = {
      checked: 0,
      drifted: [],
      looked: 0,
      notChecked: [],
      failed: 0,
      left: 0,
      openTooLong: null,
    }
    const turn = await services.sweeps.begin(sweep, Math.min(services.timeLeft(), longestMs))
    if ('atWork' in turn) return { ...swept, atWork: turn.atWork }
    let reached = turn.position
    let noted = turn.notes
    try {
      const now = services.now()
      const mends = mendsToKeep(await endedMends(services, turn.notes.mends), now)
      const turns = mendingTurns(mends, now, services.config.triggers.sweep)
      const notes = takeNotes(turn.notes, now)
      const tell = tellerOf(services, swept, notes)
      const from = { sweep, from: turn.position, turns, notes, tell }
      const { inForce, position } = await checkClusters(services, checks, from, swept)
      reached = position
      noted = notes.end([...mends, ...startedIn(swept, now)])
      const complete = position.from === null && position.open.length === 0
      const { stopped } = turns
      const digest = digestOf(noted, { now, complete, stopped })
      if (digest && (await tell.digest(digest))) noted = { ...noted, toldAt: now }
      swept.openTooLong = await openTooLong(services)
      // What has to be repaired does not wait for it.
      swept.looked = await checks.trail(inForce)
      return swept
    } finally {
      await turn.end(reached, noted)
    }
  }

/** The runs that were started to mend something, with how those ended that are not under way any more. */
const endedMends = ({ executions }: SweepServices, mends: readonly SweepRun[]): Promise<SweepRun[]> =>
  concurrently(mends, mendsAtOnce, async (mend) => {
    if (mend.ended !== null) return mend
    // Where nobody can say, it counts as under way: no more are started than there may be.
    const status = await executions.find(mend.run).then(
      (found) => found?.status,
      () => 'RUNNING',
    )
    if (status === 'RUNNING') return mend
    return { ...mend, ended: status === 'SUCCEEDED' ? 'succeeded' : 'failed' }
  })

const startedIn = ({ drifted }: Swept, at: number): SweepRun[] =>
  drifted.flatMap((drift) => (drift.run ? [{ run: drift.run, key: driftKey(drift), at, ended: null }] : []))

/** No function of Lambda runs for longer. */
const longestMs = 900_000
const clustersAtOnce = 5
const bindingsAtOnce = 4
const mendsAtOnce = 4
/** Left for the bindings that are being looked at, for CloudTrail, and for the record of where the sweep stopped. */
const lastMs = 180_000

/** What a sweep goes by and adds to. */
interface Sweeping {
  sweep: string
  from: SweepPosition
  turns: MendingTurns
  notes: NoteTaker
  tell: Teller
}

const checkClusters = async (
  services: SweepServices,
  checks: Checks,
  { sweep, from, turns, notes, tell }: Sweeping,
  swept: Swept,
): Promise<{ inForce: InForce[]; position: SweepPosition }> => {
  const inForce: InForce[] = []
  const open: SweepPosition['open'] = []
  const waiting: string[] = []
  const known = await declaredClusters(services, tell, notes)
  const checkOne = checkBinding(services, checks)
  const isOver = () => services.timeLeft() < lastMs

  const checkBatch = async (
    batch: readonly SweptBinding[],
  ): Promise<{ target: SweptBinding; checked: Checked }[]> =>
    concurrently(batch, bindingsAtOnce, async (target) => {
      try {
        const checked = await checkOne(target, sweep, turns)
        swept.checked++
        const { name: cluster, region } = target.cluster
        if (!checked.drift) notes.inForce({ cluster, region, binding: target.name })
        if (checked.binding) inForce.push(checked.binding)
        return { target, checked }
      } catch (error) {
        tell.failed(
          'a binding was not put right',
          { binding: target.name, cluster: target.cluster.name },
          error,
        )
        return { target, checked: {} }
      }
    })

  const visitCluster = async (visit: SweepVisit): Promise<void> => {
    const place = known.get(visit.cluster)
    if (!place) return
    if (isOver()) return void waiting.push(visit.cluster)
    const { looked, targets, connected, unfit } = await targetsOf(services, checks, place, tell)
    for (const { drift, arn } of unfit) await tell.drift(drift, arn, undefined)
    const declared = new Set([...targets.keys(), ...unfit.map(({ drift }) => drift.binding)])
    if (looked) notes.looked(place.region, place.name, declared)
    const due = bindingsOfVisit([...targets.values()], visit)
    let after: string | undefined
    while (due.length > 0) {
      // Of a cluster that was begun some are looked at, so that each sweep comes further.
      if (after !== undefined && isOver()) return void open.push({ cluster: visit.cluster, after })
      const batch = due.splice(0, bindingsAtOnce)
      const results = await checkBatch(batch)
      const failed = results.some(({ checked: { failure } }) => failure)
      const gone = failed ? await failureOf(connected()) : undefined
      for (const { target, checked } of results) {
        const { drift, seen, failure } = checked
        if (drift && !(failure && gone)) await tell.drift(drift, target.cluster.arn, seen)
        after = target.name
      }
      // It answered before. What is left of it is not tried one by one.
      if (gone) return tell.notChecked(place, gone)
    }
  }
  await concurrently(planSweep([...known.keys()], from), clustersAtOnce, visitCluster)
  swept.left = new Set([...waiting, ...open.map(({ cluster }) => cluster)]).size
  return { inForce, position: { from: waiting[0] ?? null, open } }
}

const failureOf = (work: Promise<void>): Promise<Error | undefined> =>
  work.then(
    () => undefined,
    (error: Error) => error,
  )

/** The event of an EventBridge schedule; its id stays the same when it is delivered again. */
const ScheduledEvent = z.object({ id: z.string().optional() })

export const create = (runtime: Runtime, emit: Emit = () => {}) =>
  makeHandler(
    runtime,
    {
      name: 'Sweep',
      input: ScheduledEvent,
      describe: lineOfSweep,
    },
    async ({ id }, call) => {
      const services = {
        ...servicesOf(runtime),
        once: once(runtime),
        sweeps: sweeps(runtime, setting(runtime, 'PODID_TABLE_ARN')),
        timeLeft: call.timeLeft,
        log: call.log,
        signal: call.signal,
      }
      const sweep = sweepBindings(services, checksOf(runtime, services))
      const swept = await sweep(id ?? String(runtime.clock.now()))
      if (!swept.atWork) emit(sweepMetrics(figuresOfSweep(swept)))
      return swept
    },
  )

/** What the line of the log says of a sweep. */
export const lineOfSweep = ({ drifted, notChecked, ...swept }: Swept) => ({
  ...swept,
  drifted: drifted.length,
  notChecked: notChecked.slice(0, mostLogged).map(({ region, cluster }) => `${region}/${cluster ?? '*'}`),
  notCheckedCount: notChecked.length,
})

/** Names in the line of the log. */
const mostLogged = 100

export const figuresOfSweep = ({ drifted, notChecked, openTooLong, ...swept }: Swept): SweepFigures => ({
  ...swept,
  drifted: drifted.length,
  notChecked: notChecked.length,
  openTooLong: openTooLong?.length ?? null,
})

export const handler = create(lambda, toLog)
