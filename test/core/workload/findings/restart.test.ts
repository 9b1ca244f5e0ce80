import { describe, expect, it } from 'vitest'
import {
  checkRestartKept,
  decideRestart,
  type RestartFacts,
  revisionOfPod,
  writtenAtOf,
} from '../../../../core/workload/restart.ts'
import type { Workload } from '../../../../core/workload/rollout.ts'
import { injectedSpec, pod } from '../../../support/pods.ts'

const at = (time: string) => Date.parse(`2026-01-01T00:${time}Z`)
const born = (name: string, time: string) =>
  pod({ metadata: { name, creationTimestamp: `2026-01-01T00:${time}Z` } })
const bare = pod({ metadata: { name: 'b' }, spec: { containers: [{ name: 'carts' }] } })
const association = { createdAt: at('01:00'), modifiedAt: at('01:00'), action: 'kept' } as const
const rollout = { state: 'complete', counts: { desired: 1, updated: 1, available: 1, old: 0 } } as const

it.each<[reason: string, restart: boolean, facts: Partial<RestartFacts>]>([
  [
    'it wants no pods now, and later ones get the credentials when they are created',
    false,
    { rollout: { ...rollout, counts: { ...rollout.counts, desired: 0 } } },
  ],
  [
    'a rollout is under way, and its pods get the credentials when they are created',
    false,
    { pods: [], rollout: { ...rollout, state: 'progressing' } },
  ],
  ['there is no live pod of the current revision', true, { pods: [] }],
  ['pod b was created without the credentials', true, { pods: [born('a', '02:00'), bare] }],
  [
    'this run gave the association another role, and the credentials of pod a may be those of the former one',
    true,
    { association: { ...association, action: 'repointed' } },
  ],
  [
    'pods had credentials before this run made the association, and those of pod a may be of one that is gone',
    true,
    { association: { ...association, action: 'created' }, carried: true },
  ],
  ['its pod has the credentials of the association already', false, { carried: true }],
  [
    "pod a is older than the association's last change, and its credentials may be those of the former role",
    true,
    { pods: [born('z', '02:00'), born('a', '00:00')] },
  ],
  [
    'its last rollout failed; a new one gives its pods a fresh start and a fresh deadline',
    true,
    { rollout: { ...rollout, state: 'failed' } },
  ],
  ['its pod has the credentials of the association already', false, {}],
  [
    'all 2 pods have the credentials of the association already',
    false,
    { pods: [born('a', '02:00'), born('b', '02:00')] },
  ],
])('%s: %s', (reason, restart, facts) => {
  expect(
    decideRestart({
      pods: [born('a', '02:00')],
      association,
      carried: false,
      rollout,
      injectionLive: true,
      template: injectedSpec({ containers: [{ name: 'carts' }] }),
      ...facts,
    }),
  ).toEqual({ restart, reason })
})

const owner = (uid: string, controller: boolean) => ({
  apiVersion: 'v1',
  kind: 'X',
  name: uid,
  uid,
  controller,
})
it.each([
  [
    'the hash of its revision',
    { labels: { 'controller-revision-hash': 'h' }, ownerReferences: [owner('u', true)] },
    'h',
  ],
  [
    'the uid of its controller',
    { labels: { a: 'b' }, ownerReferences: [owner('x', false), owner('u', true)] },
    'u',
  ],
  ['nothing, where only others own it', { ownerReferences: [owner('x', false)] }, ''],
  ['nothing, where nobody does', {}, ''],
])('knows the revision of a pod by %s', (_why, metadata, revision) => {
  expect(revisionOfPod({ metadata })).toBe(revision)
})

const entry = (manager: string, time: string | undefined, change: object = {}) => ({
  manager,
  ...(time ? { time } : {}),
  fieldsV1: { 'f:spec': { 'f:template': {} } },
  ...change,
})
const written = (managedFields?: object[], annotations?: Record<string, string>) =>
  ({
    metadata: { ...(managedFields ? { managedFields } : {}) },
    spec: { template: { metadata: { ...(annotations ? { annotations } : {}) } } },
  }) as unknown as Workload

it.each<[why: string, fields: object[] | undefined, time: string | null]>([
  ['by its own note', [entry('kubectl', 't0'), entry('podid', 't1', { operation: 'Update' })], 't1'],
  ['not by one of applying', [entry('podid', 't0', { operation: 'Apply' }), entry('podid', 't1')], 't1'],
  ['nothing without a time', [entry('podid', undefined)], null],
  ['nothing without its note', [entry('kubectl', 't0')], null],
  ['nothing without notes', undefined, null],
])('knows when podid wrote last: %s', (_why, fields, time) => {
  expect(writtenAtOf(written(fields))).toBe(time)
})

describe('a restart that was undone is told whole', () => {
  const mark = {
    ref: { kind: 'Deployment', name: 'carts' },
    namespace: 'shop',
    annotation: 'a/b',
    values: ['v'],
    writtenAt: '2026-01-01T00:00:02Z',
  } as const
  const time = (second: number) => `2026-01-01T00:00:0${second}Z`
  it.each<[said: string, workload: Workload, writtenAt: string | null]>([
    ['taken out of its pod template', written(), mark.writtenAt],
    ['taken out of its pod template', written([], { x: 'y' }), mark.writtenAt],
    ['overwritten (w) in its pod template', written([], { 'a/b': 'w' }), mark.writtenAt],
    [
      'taken out of its pod template by flux',
      written([
        entry('argo', time(3)),
        entry('flux', time(5)),
        entry('kubectl', time(4)),
        entry('podid', time(9)),
      ]),
      mark.writtenAt,
    ],
    [
      'taken out of its pod template',
      written([
        entry('x', undefined),
        entry('y', time(9), { fieldsV1: { 'f:status': {} } }),
        entry('z', time(9), { fieldsV1: undefined }),
      ]),
      mark.writtenAt,
    ],
    ['taken out of its pod template', written([entry('argo', time(3))]), null],
  ])('%s', (said, workload, writtenAt) => {
    expect(checkRestartKept(workload, { ...mark, writtenAt })).toEqual([
      {
        code: 'restart-undone',
        severity: 'warning',
        subject: 'deployment/carts',
        found: `the restart of this run was ${said}: a tool that keeps it as a repository has it would do that`,
        remedy: {
          advice:
            'Let that tool leave the annotation a/b alone (Argo CD: ignoreDifferences; Flux: the annotation kustomize.toolkit.fluxcd.io/ssa: Merge), and see who writes.',
          command:
            'kubectl get deployment/carts -n shop --show-managed-fields -o jsonpath=\'{range .metadata.managedFields[*]}{.time} {.manager}{"\\n"}{end}\'',
          looks: true,
        },
      },
    ])
  })

  it('and not where it stands', () => {
    expect(checkRestartKept(written([], { 'a/b': 'v' }), mark)).toEqual([])
  })
})
