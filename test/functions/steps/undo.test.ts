import { describe, expect, it } from 'vitest'
import {
  AccessDenied,
  Conflict,
  InvalidRequest,
  PreflightFailed,
  Refused,
  Transient,
} from '../../../core/errors.ts'
import { resolveRequest } from '../../../core/request-input.ts'
import { restartAnnotation } from '../../../core/workload/restart.ts'
import { create } from '../../../functions/steps/undo.ts'
import { surroundings } from '../middleware/support.ts'
import { type UndoneGiven, undoOfCarts } from './undo/undone.ts'

const {
  execution,
  role,
  ours,
  cluster,
  association,
  former,
  carts,
  gone,
  undone,
  alone,
  nothing,
  restore,
  restored,
  deleted,
  expectUndone,
} = undoOfCarts
const earlier = '2026-01-01T00:00:00Z'
const later = '2030-01-01T00:00:00Z'

describe('the rollout back', () => {
  const perhaps = '(an earlier attempt, which gave no answer, may have done that)'
  it.each<[why: string, given: UndoneGiven, did: string[], step: object]>([
    [
      'is compared with a workload that was healthy',
      {},
      [restore(null)],
      { rolloutToAwait: true, done: [restored], left: [], kept: [], generation: 4, missedBefore: null },
    ],
    [
      'and with one that was broken before, which need not heal',
      { before: { workload: { restartedAt: null, healthy: false } } },
      [restore(null)],
      { rolloutToAwait: true, done: [restored] },
    ],
    [
      'brings the former annotation back',
      { before: { workload: { restartedAt: earlier, healthy: true } } },
      [restore(earlier)],
      { rolloutToAwait: true, done: [restored] },
    ],
    [
      'is not held to the deadline that the run’s own rollout has missed',
      {
        patched: carts(undefined, {
          status: {
            conditions: [
              {
                type: 'Progressing',
                status: 'False',
                reason: 'ProgressDeadlineExceeded',
                lastUpdateTime: execution.startTime,
              },
            ],
          },
        }),
      },
      [restore(null)],
      { missedBefore: expect.stringContaining(execution.startTime) },
    ],
    [
      'is looked at also where the template was left alone',
      { workloads: [carts(later)] },
      [],
      { rolloutToAwait: true, generation: null, missedBefore: null, ...nothing },
    ],
    [
      'is not told where no earlier attempt may have brought it about',
      { workloads: [carts(earlier)], before: { workload: { restartedAt: earlier, healthy: true } } },
      [],
      { done: [] },
    ],
    [
      'is told where an earlier attempt may have brought it about',
      {
        workloads: [carts(earlier)],
        before: { workload: { restartedAt: earlier, healthy: true } },
        retries: 1,
      },
      [],
      {
        done: [
          {
            kind: 'association',
            what: `there is no association of carts/carts, as before ${perhaps}`,
            perhaps: true,
          },
          { kind: 'restart', what: `deployment/carts has its earlier template ${perhaps}`, perhaps: true },
        ],
      },
    ],
    [
      'is looked at also where somebody deletes the workload meanwhile',
      { workloads: [carts(ours), gone] },
      [],
      {
        rolloutToAwait: true,
        generation: null,
        done: [],
        kept: [
          {
            kind: 'restart',
            what: 'deployment/carts was deleted meanwhile, so there is no template to restore',
          },
        ],
        message: 'deployment/carts was deleted meanwhile, so there is no template to restore',
      },
    ],
    [
      'is left to somebody who has restarted it meanwhile',
      { workloads: [carts(ours), carts(later)] },
      [],
      {
        rolloutToAwait: true,
        generation: null,
        done: [],
        kept: [
          {
            kind: 'restart',
            what: 'the template of deployment/carts stays as somebody has changed it since',
          },
        ],
      },
    ],
    [
      'is begun already where somebody has restored the template meanwhile',
      { workloads: [carts(ours), carts()] },
      [],
      { rolloutToAwait: true, generation: null, done: [restored], kept: [] },
    ],
    [
      'is compared with nothing where there was no workload before',
      { before: { workload: null } },
      [restore(null)],
      { rolloutToAwait: false, done: [restored] },
    ],
    [
      'is none where the request is about no workload',
      { request: { workload: undefined } },
      [],
      { rolloutToAwait: false, ...nothing },
    ],
  ])('%s', async (_why, given, did, step) => {
    await expectUndone(given, did, step)
  })
})

describe('what fails', () => {
  const failing = (error: Error): UndoneGiven => ({
    ...alone,
    listed: [association],
    fails: { delete: error },
  })
  it.each([new Transient('EKS is away'), new Conflict('somebody wrote'), new AccessDenied('not yet')])(
    'is left to a retry of the step: $name',
    async (error) => {
      await expect(undone(failing(error))).rejects.toBe(error)
    },
  )

  it.each<[why: string, given: UndoneGiven, message: string]>([
    [
      'EKS still lists what it has deleted',
      { listed: [association] },
      'the association a-1 is deleted, and EKS still lists it',
    ],
    [
      'EKS still shows the role of the run',
      { listed: [association], described: [association], before: { association: former } },
      `the association a-1 was pointed back, and EKS answers ${role}`,
    ],
    [
      'EKS shows none at all',
      { listed: [association], before: { association: former } },
      'the association a-1 was pointed back, and EKS answers that there is none',
    ],
  ])('is left to a retry of the step where %s', async (_why, given, message) => {
    await expect(
      undone({ ...given, ...alone, before: { ...alone.before, ...given.before } }),
    ).rejects.toMatchObject({ name: 'Conflict', message })
  })

  it.each([
    new InvalidRequest('cannot be deleted'),
    new Refused('not ours'),
    new PreflightFailed('not now'),
    new TypeError('a fault of ours'),
  ])('is left to a person, with the command: $name', async (error) => {
    await expectUndone(failing(error), [], {
      done: [],
      left: [
        {
          ...deleted,
          error: error.message,
          command:
            'aws eks delete-pod-identity-association --cluster-name shop --region eu-north-1 --association-id a-1',
        },
      ],
      message: 'could not be put back: the association a-1 is deleted',
    })
  })

  it('leaves the role and its trust alone, as what was not put back may live by them', async () => {
    const trust = { found: '{}', planned: '{}', what: [] }
    const given = { ...failing(new Refused('not ours')), trust: '{}' }
    await expectUndone(
      { ...given, request: { ...alone.request, createRole: true }, before: { ...alone.before, trust } },
      [],
      { kept: [], left: [{ kind: 'association' }] },
    )
  })

  it.each<[status: number, name: string, message: string]>([
    [403, 'AccessDenied', 'was refused'],
    [
      404,
      'Conflict',
      'the API server answers the PATCH of deployment/carts with 404, and shows that it is there',
    ],
    [409, 'Conflict', 'was refused'],
    [503, 'Transient', 'was refused'],
  ])('on the cluster with %i is left to a retry of the step', async (failure, name, message) => {
    await expect(undone({ patched: { failure, message: 'was refused' } })).rejects.toMatchObject({
      name,
      message: expect.stringContaining(message),
    })
  })

  it('on the cluster for good is left to a person, and not waited for', async () => {
    await expectUndone(
      {
        listed: [association],
        fails: { delete: new Refused('not ours') },
        patched: { failure: 422, message: 'the template is immutable' },
      },
      [restore(null)],
      {
        done: [],
        left: [
          { kind: 'association' },
          {
            ...restored,
            error: expect.stringContaining('the template is immutable'),
            command: `kubectl -n carts patch deployment/carts --type merge -p '{"spec":{"template":{"metadata":{"annotations":{"${restartAnnotation}":null}}}}}'`,
          },
        ],
        rolloutToAwait: false,
        message: `could not be put back: ${deleted.what}; ${restored.what}`,
      },
    )
  })
})

it('says which fields its input lacks', async () => {
  const request = resolveRequest(
    { cluster: 'shop', namespace: 'carts', serviceAccount: 'carts', role },
    execution,
  )
  await expect(create(surroundings())({ request, cluster })).rejects.toThrow(/before: .*id: .*retries: /)
})
