import { describe, expect, it } from 'vitest'
import { restartValue } from '../../../../core/undo.ts'
import { type ProofGiven, proofOfCarts } from './verified.ts'

const { deployment, carts, forbidden, requested, verified } = proofOfCarts

describe('pods without credentials', () => {
  const missing = carts('p-1', { injected: false })
  const later = carts('p-2', { injected: false })
  later.metadata = { ...later.metadata, labels: { 'controller-revision-hash': 'later' } }
  const undone = expect.objectContaining({ code: 'restart-undone' })
  const lacks = 'the restart of this run was taken out of its pod template'
  it.each<[why: string, given: ProofGiven, missed: number, findings: unknown[], says: RegExp]>([
    [
      'of the revision that the run replaced: the restart was undone',
      { pods: [missing], former: ['rs-2'] },
      1,
      [undone],
      new RegExp(`^1 of 1 pods have no Pod Identity credentials: .*; ${lacks}`),
    ],
    [
      'one of that revision is enough',
      { pods: [missing, later], former: ['rs-2'] },
      2,
      [undone],
      new RegExp(lacks),
    ],
    [
      'of another revision: the webhook missed them, and nobody is blamed',
      { pods: [missing, carts('p-2')], former: ['rs-1'] },
      1,
      [],
      /^1 of 2 pods have no Pod Identity credentials: p-1, container carts, lacks [^;]*$/,
    ],
    [
      'of the revision that the run replaced, which somebody has restarted since',
      { workload: deployment(1, '2030-01-01T00:00:00Z'), pods: [missing], former: ['rs-2'] },
      1,
      [undone],
      /the restart of this run was overwritten \(2030-01-01T00:00:00Z\)/,
    ],
    ...[0, 1, 2].map((attempt): [string, ProofGiven, number, unknown[], RegExp] => [
      `restart ${attempt} of this run is still there`,
      {
        workload: deployment(1, restartValue(requested().restartedAt, attempt)),
        pods: [missing],
        former: ['rs-2'],
      },
      1,
      [],
      /^1 of 1 pods have no Pod Identity credentials: [^;]*$/,
    ]),
  ])('%s', async (_why, given, missed, findings, says) => {
    const { step, ms } = await verified(given)
    expect(step).toMatchObject({ proven: false, missed, evidence: [], findings })
    expect(step.message).toMatch(says)
    expect(ms).toBe(0)
  })
})

it.each<[what: string, given: ProofGiven, reason: RegExp]>([
  [
    'may be Auto Mode, where nodes may not be listed',
    { nodes: forbidden, daemonSets: () => ({ metadata: {}, items: [] }) },
    /could not look at the nodes \(.*403: no/,
  ],
  [
    'may be in a namespace that may not be looked at',
    { daemonSets: (namespace) => (namespace ? { metadata: {}, items: [] } : forbidden) },
    /could not look at the agent’s pods outside of kube-system/,
  ],
])('does not take for an agent out of reach what %s', async (_what, given, reason) => {
  // Were it taken for one, the step would look again until its time is over.
  const { step, ms } = await verified(given)
  expect(step).toMatchObject({ proven: true, evidence: [{ seen: 'not-observable' }] })
  expect(step.message).toMatch(reason)
  expect(ms).toBe(0)
})
