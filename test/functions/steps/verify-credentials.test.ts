import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Association } from '../../../core/association.ts'
import type { ReachableCluster } from '../../../core/cluster.ts'
import { resolveRequest } from '../../../core/request-input.ts'
import { restartValue } from '../../../core/undo.ts'
import { restartAnnotation, revisionOfPod } from '../../../core/workload/restart.ts'
import { verifyCredentials } from '../../../functions/steps/verify-credentials.ts'
import { resources } from '../../../local/kubernetes/store/resources.ts'
import { type ServedCluster, serveCluster } from '../../support/servers/served-cluster.ts'

let cluster: ServedCluster

beforeEach(async () => {
  cluster = await serveCluster({ held: true })
})
afterEach(() => cluster.close())

const now = () => new Date(cluster.clock.now()).toISOString()

/** Gives the pod template the restart annotation, as a run or somebody else does, and lets the rollout end. */
const annotate = async (value: string) => {
  cluster.store.mutate(resources.deployments, 'carts', 'carts', (draft) => {
    draft.spec.template.metadata = {
      ...draft.spec.template.metadata,
      annotations: { [restartAnnotation]: value },
    }
    return draft
  })
  await cluster.clock.advance(20_000)
}

const association: Association = {
  id: 'a-1',
  arn: 'arn:aws:eks:us-west-2:123456789012:podidentityassociation/eks-workshop/a-1',
  role: 'arn:aws:iam::123456789012:role/carts',
  sessionTags: true,
  createdAt: '2026-11-23T06:00:00.000Z',
  modifiedAt: '2026-11-23T06:00:00.000Z',
  tags: {},
}

const requestOf = (startTime: string) =>
  resolveRequest(
    {
      cluster: 'eks-workshop',
      namespace: 'carts',
      serviceAccount: 'carts',
      role: 'arn:aws:iam::123456789012:role/carts',
      workload: 'deployment/carts',
    },
    { arn: 'arn:aws:states:us-west-2:123456789012:execution:podid:run-1', startTime },
  )

/** The revisions that the pods are of, as a run sees them before its restart. */
const revisions = () => cluster.store.list(resources.pods, { namespace: 'carts' }).map(revisionOfPod)

/** Looks at the pods as the step of a run that began at `startTime` and replaced the revisions `former` does. */
const verify = (startTime: string, former: string[] = [], found: Association | undefined = association) => {
  const request = requestOf(startTime)
  const verified = verifyCredentials(
    () => ({ describeAssociation: async () => found }),
    () => cluster.connection,
    { clock: cluster.clock, progress: () => {} },
  )
  return verified({
    request,
    association,
    writtenAt: null,
    former,
    visits: 0,
    cluster: { name: 'eks-workshop' } as ReachableCluster,
  })
}

it('says that the restart was undone where pods without credentials are of the revision that it replaced', async () => {
  await cluster.deploy()
  await cluster.clock.advance(60_000)
  // By the clocks the pods are newer than the run, which is ahead.
  expect(await verify('2030-01-01T00:00:00Z', revisions())).toMatchObject({
    proven: false,
    missed: 2,
    message: expect.stringContaining('the restart of this run was taken out of its pod template'),
    findings: [{ code: 'restart-undone' }],
  })
})

it('blames nobody for pods that the webhook missed after the run had begun', async () => {
  await cluster.deploy()
  await cluster.clock.advance(60_000)
  const former = revisions()
  // Somebody else has restarted it meanwhile: the mark is gone, and yet these pods are not the former ones.
  await annotate('2030-01-01T00:00:00Z')
  const proof = await verify(now(), former)
  expect(proof).toMatchObject({ proven: false, missed: 2, findings: [] })
  expect(proof.message).not.toContain('restart of this run')
})

it.each([0, 1, 2])('knows the annotation of its restart %i as its own', async (attempt) => {
  await cluster.deploy()
  const started = now()
  const former = revisions()
  await annotate(restartValue(requestOf(started).restartedAt, attempt))
  expect(await verify(started, former)).toMatchObject({ missed: 2, findings: [] })
})

/** Lets the caller list these, everywhere or in kube-system alone. */
const mayList = (where: 'everywhere' | 'kube-system', apiGroups: string[], resource: string) => {
  const { store } = cluster
  const kinds =
    where === 'everywhere'
      ? ([resources.clusterroles, resources.clusterrolebindings, 'ClusterRole', {}] as const)
      : ([resources.roles, resources.rolebindings, 'Role', { namespace: where }] as const)
  const [role, binding, kind, place] = kinds
  const metadata = { name: `podid-${resource}`, ...place }
  store.create(role as typeof resources.roles, {
    metadata,
    rules: [{ apiGroups, resources: [resource], verbs: ['list'] }],
  })
  store.create(binding as typeof resources.rolebindings, {
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: metadata.name },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'podid' }],
  })
}

it.each<[what: string, allow: () => void, reason: RegExp]>([
  [
    'may be Auto Mode, where nodes may not be listed',
    () => mayList('everywhere', ['apps'], 'daemonsets'),
    /could not look at the nodes \(.*403 Forbidden/,
  ],
  [
    'may be in a namespace that may not be looked at',
    () => {
      mayList('kube-system', ['apps'], 'daemonsets')
      mayList('everywhere', [''], 'nodes')
    },
    /could not look at the agent’s pods outside of kube-system/,
  ],
])('does not take for an agent out of reach what %s', async (_what, allow, reason) => {
  allow()
  cluster.associate()
  await cluster.deploy()
  // Were it taken for one, the step would look again until its time is over.
  cluster.clock.release('jump')
  const proof = await cluster.clock.work(() => verify(now()))
  expect(proof).toMatchObject({
    proven: true,
    evidence: [{ seen: 'not-observable' }, { seen: 'not-observable' }],
  })
  expect(proof.message).toMatch(reason)
})
