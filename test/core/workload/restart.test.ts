import { describe, expect, it } from 'vitest'
import type { Deployment, Pod } from '../../../core/kubernetes.ts'
import {
  checkRestartKept,
  decideRestart,
  type RestartFacts,
  restartAnnotation,
} from '../../../core/workload/restart.ts'
import { pod } from '../../support/pods.ts'

const at = (time: string) => Date.parse(`2026-01-01T00:${time}Z`)
const born = (time: string): Pod =>
  pod({ metadata: { name: 'carts-a', creationTimestamp: `2026-01-01T00:${time}Z` } })
const bare = pod({ metadata: { name: 'carts-b' }, spec: { containers: [{ name: 'carts' }] } })
const leaving = { ...bare, metadata: { ...bare.metadata, deletionTimestamp: '2026-01-01T00:02:00Z' } }

const unchanged = { createdAt: at('01:00.400'), modifiedAt: at('01:00.400'), action: 'kept' } as const
const repointed = { createdAt: at('00:10'), modifiedAt: at('01:00.400'), action: 'kept' } as const
const settled = { state: 'complete', counts: { desired: 1, updated: 1, available: 1, old: 0 } } as const
const moving = { ...settled, state: 'progressing' } as const

type Case = [why: string, facts: Partial<RestartFacts>, restart: boolean]
const cases: Case[] = [
  ['a pod without credentials', { pods: [bare] }, true],
  ['one of two pods without credentials', { pods: [born('02:00'), bare] }, true],
  ['the one without is on its way out', { pods: [born('02:00'), leaving] }, false],
  [
    'the one without has run to its end',
    { pods: [born('02:00'), { ...bare, status: { phase: 'Succeeded' } }] },
    false,
  ],
  ['all newer than the association', { pods: [born('02:00'), born('03:00')] }, false],
  ['born in its second, injected: so it came after it', { pods: [born('01:00')] }, false],
  ['injected, but by an association that is gone', { pods: [born('00:59')] }, true],
  ['newer than the repointing', { pods: [born('01:01')], association: repointed }, false],
  [
    'born in the second of the repointing: may hold the former role',
    { pods: [born('01:00')], association: repointed },
    true,
  ],
  [
    'born at the very moment of the repointing: EKS had the new role by then',
    { pods: [born('01:00')], association: { ...repointed, modifiedAt: at('01:00') } },
    false,
  ],
  [
    'born in the second that ends as the association is made: before it',
    { pods: [born('00:59')], association: { ...unchanged, createdAt: at('01:00'), modifiedAt: at('01:00') } },
    true,
  ],
  [
    'born in the second of a change that came a whole second after the creation',
    { pods: [born('01:00')], association: { ...unchanged, createdAt: at('00:59.400') } },
    true,
  ],
  [
    'newer than the repointing by its own clock, and this run did it',
    { pods: [born('01:30')], association: { ...repointed, action: 'repointed' } },
    true,
  ],
  [
    'in the second of a creation whose two stamps differ by a millisecond',
    { pods: [born('01:00')], association: { ...unchanged, modifiedAt: at('01:00.401') } },
    false,
  ],
  [
    'born before the association by their clocks, and this run made it: no pod carried credentials before',
    { pods: [born('00:30')], association: { ...unchanged, action: 'created' } },
    false,
  ],
  [
    'newer by their clocks than the association that this run made, but pods carried credentials before it',
    { pods: [born('01:30')], association: { ...unchanged, action: 'created' }, carried: true },
    true,
  ],
  ['injected before the repointing', { pods: [born('00:30')], association: repointed }, true],
  ['no pods yet, rollout under way, injection live', { pods: [], rollout: moving }, false],
  [
    'no pods yet, rollout under way, injection unknown',
    { pods: [], rollout: moving, injectionLive: false },
    true,
  ],
  ['only pods on their way out, nothing under way', { pods: [leaving] }, true],
  [
    'its last rollout failed, pods fine',
    { pods: [born('02:00')], rollout: { ...settled, state: 'failed' } },
    true,
  ],
  [
    'scaled to zero',
    { pods: [], rollout: { state: 'failed', counts: { desired: 0, updated: 0, available: 0, old: 0 } } },
    false,
  ],
]

it.each(cases)('%s', (_why, facts, restart) => {
  const decision = decideRestart({
    pods: [],
    association: unchanged,
    carried: false,
    rollout: settled,
    injectionLive: true,
    ...facts,
  })
  expect(decision).toMatchObject({ restart })
  expect(decision.reason).not.toBe('')
})

describe('the mark of a restart', () => {
  const annotation = 'kubectl.kubernetes.io/restartedAt'
  const mark = {
    ref: { kind: 'Deployment', name: 'carts' },
    namespace: 'shop',
    annotation,
    values: ['2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z'],
    writtenAt: '2026-01-01T00:00:02Z',
  } as const
  const template = { 'f:spec': { 'f:template': {} } }
  const deployment = (annotations: Record<string, string>): Deployment => ({
    metadata: {
      managedFields: [
        { manager: 'kubectl-client-side-apply', time: '2025-12-01T00:00:00Z', fieldsV1: template },
        { manager: 'kustomize-controller', time: '2026-01-01T00:00:05Z', fieldsV1: template },
        { manager: 'kube-controller-manager', time: '2026-01-01T00:00:09Z', fieldsV1: { 'f:status': {} } },
        { manager: 'podid', time: '2026-01-01T00:00:09Z', fieldsV1: template },
      ],
    },
    spec: { selector: {}, template: { metadata: { annotations } } },
  })

  it.each(mark.values)('is there: %s', (value) => {
    expect(checkRestartKept(deployment({ [annotation]: value }), mark)).toEqual([])
  })

  it('was taken away, and by whom', () => {
    expect(checkRestartKept(deployment({}), mark)).toMatchObject([
      {
        code: 'restart-undone',
        severity: 'warning',
        found: expect.stringContaining('taken out of its pod template by kustomize-controller'),
      },
    ])
  })

  const entries = (time: string): Deployment => ({
    ...deployment({}),
    metadata: { managedFields: [{ manager: 'kubectl', time, fieldsV1: template }] },
  })
  it.each([
    ['written before the restart', '2026-01-01T00:00:01Z', mark.writtenAt, undefined],
    ['in its second, before or after', '2026-01-01T00:00:02Z', mark.writtenAt, undefined],
    ['after it', '2026-01-01T00:00:03Z', mark.writtenAt, 'by kubectl'],
    ['where nothing shows when it was written', '2026-01-01T00:00:03Z', null, undefined],
  ])('names who wrote to the template %s only when that is newer', (_why, time, writtenAt, by) => {
    const [finding] = checkRestartKept(entries(time), { ...mark, writtenAt })
    expect(/ by (?!an?\b)[\w-]+/.exec(finding?.found ?? '')?.[0].trim()).toBe(by)
  })

  it('was overwritten by another restart', () => {
    expect(checkRestartKept(deployment({ [annotation]: '2026-01-01T09:00:00Z' }), mark)).toMatchObject([
      { found: expect.stringContaining('overwritten (2026-01-01T09:00:00Z) in its pod template') },
    ])
  })
})

it('restarts as kubectl does', () => {
  expect(restartAnnotation).toBe('kubectl.kubernetes.io/restartedAt')
})
