import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Association } from '../../../core/association.ts'
import type { ReachableCluster } from '../../../core/cluster.ts'
import {
  AccessDenied,
  Conflict,
  InvalidRequest,
  PreflightFailed,
  Refused,
  Transient,
} from '../../../core/errors.ts'
import type { Before } from '../../../core/request.ts'
import { resolveRequest } from '../../../core/request-input.ts'
import { restartAnnotation } from '../../../core/workload/restart.ts'
import { undo } from '../../../functions/steps/undo.ts'
import { resources } from '../../../local/kubernetes/store/resources.ts'
import { type ServedCluster, serveCluster } from '../../support/servers/served-cluster.ts'

const role = 'arn:aws:iam::123456789012:role/carts'
const startTime = '2026-11-23T06:00:00.000Z'
const ours = '2026-11-23T06:00:00Z'

let cluster: ServedCluster

beforeEach(async () => {
  cluster = await serveCluster({ held: true })
  await cluster.deploy()
  annotate(ours)
})
afterEach(() => cluster.close())

const annotate = (value: string) =>
  cluster.store.mutate(resources.deployments, 'carts', 'carts', (draft) => {
    draft.spec.template.metadata = {
      ...draft.spec.template.metadata,
      annotations: { [restartAnnotation]: value },
    }
    return draft
  })
const annotation = () => current().spec.template.metadata?.annotations?.[restartAnnotation]
const current = () => cluster.store.read(resources.deployments, 'carts', 'carts')

const association: Association = {
  id: 'a-1',
  arn: 'arn:aws:eks:us-west-2:123456789012:podidentityassociation/eks-workshop/a-1',
  role,
  sessionTags: true,
  createdAt: startTime,
  modifiedAt: startTime,
  tags: { 'podid:run': 'run-1' },
}

/** EKS with an association that the run has made, or none; taking it away may fail. */
const eksWith = (there: boolean, failure?: Error) => ({
  findAssociation: async (): Promise<Association | undefined> => (there ? association : undefined),
  describeAssociation: async (): Promise<Association | undefined> => (there ? association : undefined),
  markAssociation: async () => {},
  deleteAssociation: async (_cluster: string, _id: string) => {
    if (failure) throw failure
  },
  describeAgentAddon: async () => undefined,
  runOfAccessEntry: async () => undefined,
  repointAssociation: async (): Promise<Association> => {
    throw new Error('nothing is to be pointed elsewhere')
  },
})

const noIam = (): never => {
  throw new Error('nothing is to be asked of IAM')
}

/** Undoes a run that found the workload and the association as these say. */
const undone = (
  workload: Before['workload'],
  eks = eksWith(false),
  former: Before['association'] = null,
  id: string | null = null,
  retries = 0,
) => {
  const before: Before = { run: 'run-1', restartedAt: ours, association: former, workload }
  const request = resolveRequest(
    {
      cluster: 'eks-workshop',
      namespace: 'carts',
      serviceAccount: 'carts',
      role,
      ...(workload ? { workload: 'deployment/carts' } : {}),
    },
    { arn: 'arn:aws:states:us-west-2:123456789012:execution:podid:run-1', startTime },
  )
  const apis = { shared: () => cluster.connection, fresh: () => cluster.connection }
  const step = undo(() => eks, noIam, apis, [], cluster)
  return step({ request, before, id, retries, cluster: { name: 'eks-workshop' } as ReachableCluster })
}

describe('the rollout back', () => {
  it.each([
    ['is compared with a workload that was healthy', { restartedAt: null, healthy: true }, true],
    ['and with one that was broken before, which need not heal', { restartedAt: null, healthy: false }, true],
    ['brings the former annotation back', { restartedAt: '2026-01-01T00:00:00Z', healthy: true }, true],
  ])('%s', async (_why, workload, rolloutToAwait) => {
    const step = await undone(workload)
    expect(step).toMatchObject({
      rolloutToAwait,
      done: [{ kind: 'restart', what: 'deployment/carts runs its earlier revision again' }],
      left: [],
      generation: current().metadata.generation,
    })
    expect(annotation()).toBe(workload.restartedAt ?? undefined)
  })

  it('is looked at also where the template was left alone', async () => {
    annotate('2030-01-01T00:00:00Z')
    expect(await undone({ restartedAt: null, healthy: true })).toMatchObject({
      rolloutToAwait: true,
      generation: null,
      done: [],
    })
  })

  it('is told where an earlier attempt may have brought it about', async () => {
    annotate('2026-01-01T00:00:00Z')
    const workload = { restartedAt: '2026-01-01T00:00:00Z', healthy: true }
    const retried = (retries: number) => undone(workload, eksWith(false), null, null, retries)
    expect((await retried(0)).done).toEqual([])
    const perhaps = '(an earlier attempt, which gave no answer, may have done that)'
    expect((await retried(1)).done).toEqual([
      {
        kind: 'association',
        what: `there is no association of carts/carts, as before ${perhaps}`,
        perhaps: true,
      },
      { kind: 'restart', what: `deployment/carts has its earlier template ${perhaps}`, perhaps: true },
    ])
  })

  it('is looked at also where somebody deletes the workload meanwhile', async () => {
    let looks = 0
    cluster.calls.onCall(({ operation }) => {
      if (operation === 'get deployments' && ++looks === 2)
        cluster.store.delete(resources.deployments, 'carts', 'carts')
    })
    expect(await undone({ restartedAt: null, healthy: true })).toMatchObject({
      rolloutToAwait: true,
      generation: null,
      done: [],
      kept: [
        {
          kind: 'restart',
          what: 'deployment/carts was deleted meanwhile, so there is no template to restore',
        },
      ],
    })
  })
})

describe('an association that the list does not show yet', () => {
  it('is looked up by its id, and taken away', async () => {
    const deleted: string[] = []
    const eks = {
      ...eksWith(false),
      describeAssociation: async () => association,
      deleteAssociation: async (_cluster: string, id: string) => void deleted.push(id),
    }
    expect(await undone(null, eks, null, 'a-1')).toMatchObject({
      done: [{ kind: 'association', what: 'the association a-1 is deleted' }],
    })
    expect(deleted).toEqual(['a-1'])
  })

  it('is nothing to undo where nobody knows an id, or the id is not there either', async () => {
    const nothing = { done: [], left: [], kept: [], message: 'nothing of the run is there' }
    expect(await undone(null, eksWith(false))).toMatchObject(nothing)
    expect(await undone(null, eksWith(false), null, 'a-1')).toMatchObject(nothing)
  })
})

describe('what fails', () => {
  it.each([new Transient('EKS is away'), new Conflict('somebody wrote'), new AccessDenied('not yet')])(
    'is left to a retry of the step: $name',
    async (error) => {
      await expect(undone(null, eksWith(true, error))).rejects.toBe(error)
    },
  )

  it('is left to a retry of the step where EKS still lists what it has deleted', async () => {
    await expect(undone(null, eksWith(true))).rejects.toMatchObject({
      name: 'Conflict',
      message: 'the association a-1 is deleted, and EKS still lists it',
    })
  })

  it('is left to a retry of the step where EKS still shows the role of the run', async () => {
    const former = {
      id: 'a-1',
      roleArn: 'arn:aws:iam::123456789012:role/former',
      targetRoleArn: null,
      disableSessionTags: false,
      policy: null,
      run: null,
    }
    const eks = { ...eksWith(true), repointAssociation: async () => association }
    await expect(undone(null, eks, former)).rejects.toMatchObject({
      name: 'Conflict',
      message: `the association a-1 was pointed back, and EKS answers ${role}`,
    })
  })

  it.each([
    new InvalidRequest('cannot be deleted'),
    new Refused('not ours'),
    new PreflightFailed('not now'),
    new TypeError('a fault of ours'),
  ])('is left to a person, with the command: $name', async (error) => {
    expect(await undone(null, eksWith(true, error))).toMatchObject({
      done: [],
      left: [
        {
          what: 'the association a-1 is deleted',
          error: error.message,
          command: expect.stringContaining('--association-id a-1'),
        },
      ],
      message: 'could not be put back: the association a-1 is deleted',
    })
  })

  it.each([
    [403, 'Forbidden', 'AccessDenied'],
    // The API server still shows the workload that it says is not there.
    [404, 'NotFound', 'Conflict'],
    [409, 'Conflict', 'Conflict'],
    [503, 'ServiceUnavailable', 'Transient'],
  ])('on the cluster with %i is left to a retry of the step', async (status, code, name) => {
    cluster.calls.inject({
      operation: 'patch deployments',
      action: { kind: 'error', status, code },
    })
    await expect(undone({ restartedAt: null, healthy: true })).rejects.toMatchObject({ name })
    // The retry finds the run's mark still there.
    expect(await undone({ restartedAt: null, healthy: true })).toMatchObject({ left: [] })
    expect(annotation()).toBeUndefined()
  })

  it('on the cluster for good is left to a person, and not waited for', async () => {
    cluster.calls.inject({
      operation: 'patch deployments',
      action: { kind: 'error', status: 422, code: 'Invalid', message: 'the template is immutable' },
    })
    expect(await undone({ restartedAt: null, healthy: true })).toMatchObject({
      done: [],
      left: [
        {
          what: 'deployment/carts runs its earlier revision again',
          error: expect.stringContaining('the template is immutable'),
          command: expect.stringMatching(/^kubectl -n carts patch deployment\/carts /),
        },
      ],
      rolloutToAwait: false,
    })
  })
})
