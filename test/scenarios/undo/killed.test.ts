import { describe, expect, it } from 'vitest'
import { isReady } from '../../../core/workload/readiness.ts'
import type { Call } from '../../../local/calls.ts'
import { resources } from '../../../local/kubernetes/store/resources.ts'
import { workshop } from '../../../local/scenarios/workshop/index.ts'
import { cartsPods, startWorkshop, type Workshop } from '../../support/run.ts'

/** Has a run die at the first call that `at` accepts: before that takes effect, or after it. */
const kill = async (world: Workshop, at: (call: Call) => boolean, kind: 'cut' | 'lose') => {
  const death = new AbortController()
  const dead: (() => void)[] = []
  const stop = world.calls.onCall((call) => {
    if (!at(call)) return
    stop()
    dead.push(world.calls.inject({ action: { kind } }))
    dead.push(world.calls.inject({ times: Number.POSITIVE_INFINITY, action: { kind: 'cut' } }))
    setImmediate(() => death.abort(new Error('killed')))
  })
  const { event } = await world.enable({}, { signal: death.signal })
  expect(dead).toHaveLength(2)
  for (const withdraw of dead) withdraw()
  expect(event.type).toBe('run.failed')
}

/** A run that nothing disturbs comes to what it would have come to without the dead ones. */
const endsWell = async (world: Workshop) => {
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
}

/** Every death of a run: before each of its calls, and after each of its writes. */
const everyDeath = async () => {
  await using world = await startWorkshop()
  await world.enable()
  return world.calls.calls.flatMap(({ id, operation, write }) => [
    { id, kind: 'cut' as const, what: `before ${operation} (call ${id})` },
    ...(write ? [{ id, kind: 'lose' as const, what: `after ${operation} (call ${id})` }] : []),
  ])
}
// A read leaves nothing behind, so dying before any call is dying after the write before it: the writes are enough.
const deaths = process.env.PODID_EXHAUSTIVE === '1' ? await everyDeath() : []

describe('a run that dies and is started again ends in the same state', () => {
  it('after its last write, whose answer is lost', async () => {
    await using world = await startWorkshop()
    await kill(world, ({ operation }) => operation === 'patch deployments', 'lose')
    await endsWell(world)
  })

  it.each(deaths)('$what', async ({ id, kind }) => {
    await using world = await startWorkshop()
    await kill(world, (call) => call.id === id, kind)
    await endsWell(world)
  })
})
