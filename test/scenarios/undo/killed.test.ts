import { describe, expect, it } from 'vitest'
import { isReady } from '../../../core/workload/readiness.ts'
import type { Call } from '../../../local/calls.ts'
import { resources } from '../../../local/kubernetes/store/resources.ts'
import { workshop } from '../../../local/scenarios/workshop/index.ts'
import { cartsPods, startWorkshop } from '../../support/run.ts'

// A short propagation, so that a run makes few probes.
const pace = { propagationMs: [300], startMs: 200, readyAfterMs: 300 }

const name = ({ operation }: Call) => operation

/** The calls of an undisturbed run, in order. */
const undisturbed = async (): Promise<Call[]> => {
  await using world = await startWorkshop({ pace })
  await world.enable()
  return world.calls.calls
}
const calls = await undisturbed()

// A read leaves nothing behind, so dying before any call is dying after the write before it, and before the first write
// it is not having begun: the writes and the end are enough, unless each call is asked for (npm run test:exhaustive).
const exhaustive = process.env.PODID_EXHAUSTIVE === '1'
const deaths = calls.flatMap((call, index) => [
  ...(exhaustive || index === calls.length - 1
    ? [{ at: index + 1, kind: 'cut' as const, what: `before ${name(call)} (call ${index + 1})` }]
    : []),
  ...(call.write
    ? [{ at: index + 1, kind: 'lose' as const, what: `after ${name(call)} (call ${index + 1})` }]
    : []),
])

describe('a run that dies and is started again ends in the same state', () => {
  it.each(deaths)('$what', async ({ at, kind }) => {
    await using world = await startWorkshop({ pace })
    const death = new AbortController()
    world.calls.onCall((call) => {
      if (call.id === at) setImmediate(() => death.abort(new Error('killed')))
    })
    const revive = [
      world.calls.inject({ skip: at - 1, times: 1, action: { kind } }),
      world.calls.inject({ skip: at, times: Number.POSITIVE_INFINITY, action: { kind: 'cut' } }),
    ]
    const first = await world.enable({}, { signal: death.signal })
    for (const withdraw of revive) withdraw()
    expect(first.event.type).toBe('run.failed')

    const { event, report } = await world.enable()
    expect(event.type, JSON.stringify(report?.failure)).toBe('run.succeeded')
    expect(world.aws.associations.list(workshop.cluster)).toHaveLength(1)
    expect(cartsPods(world).map(isReady)).toEqual([true])
    // The two revisions of the scenario's history, and the one that the restart made.
    const revisions = world.cluster.store.list(resources.replicasets, {
      namespace: workshop.namespace,
      labels: { matchLabels: { 'app.kubernetes.io/component': 'service' } },
    })
    expect(revisions).toHaveLength(3)
  })
})
