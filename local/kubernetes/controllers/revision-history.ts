import { isDeepStrictEqual } from 'node:util'
import type { Deployment, PodTemplateSpec, ReplicaSet } from '../../../core/kubernetes.ts'
import { newReplicaSetSize, type Size } from './deployment/rolling-update.ts'
import { boundsOf, replicasOf, type StoredDeployment } from './deployment/status.ts'
import { controllerReference } from './pods.ts'
import type { StoredReplicaSet } from './replica-set.ts'
import { hashOf } from './template-hash.ts'

const prefix = 'deployment.kubernetes.io'
/** The annotations by which Deployments and their ReplicaSets remember revisions and sizes. */
export const annotation = {
  revision: `${prefix}/revision`,
  history: `${prefix}/revision-history`,
  desired: `${prefix}/desired-replicas`,
  max: `${prefix}/max-replicas`,
}

const hashLabel = 'pod-template-hash'

/** A Deployment's annotations that its ReplicaSets do not take over. */
const ownAnnotations = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'deprecated.deployment.rollback.to',
  ...Object.values(annotation),
])

const withoutHash = (template: PodTemplateSpec | undefined): PodTemplateSpec => {
  const { [hashLabel]: _hash, ...labels } = template?.metadata?.labels ?? {}
  return { ...template, metadata: { ...template?.metadata, labels } }
}

const oldestFirst = (a: StoredReplicaSet, b: StoredReplicaSet) =>
  a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp) || revisionOf(a) - revisionOf(b)

/** The ReplicaSet that has the Deployment's present template, whenever it was made. */
export const findNew = (
  deployment: StoredDeployment,
  sets: StoredReplicaSet[],
): StoredReplicaSet | undefined => {
  const wanted = withoutHash(deployment.spec.template)
  return sets.toSorted(oldestFirst).find(({ spec }) => isDeepStrictEqual(withoutHash(spec.template), wanted))
}

export const revisionOf = ({ metadata }: StoredReplicaSet): number =>
  Number.parseInt(metadata.annotations?.[annotation.revision] ?? '0', 10) || 0

/** The number of the next revision: one more than any of the old ones has. */
export const nextRevision = (old: StoredReplicaSet[]): number => Math.max(0, ...old.map(revisionOf)) + 1

/** The annotations that a Deployment's sizing leaves on a ReplicaSet, for scaling in proportion later. */
export const sizeAnnotations = (deployment: StoredDeployment): Record<string, string> => {
  const replicas = replicasOf(deployment)
  return {
    [annotation.desired]: String(replicas),
    [annotation.max]: String(replicas + boundsOf(deployment).maxSurge),
  }
}

/** The annotations of the new ReplicaSet: the Deployment's, and a revision that never goes back. */
export const revisedAnnotations = (
  deployment: StoredDeployment,
  set: StoredReplicaSet,
  revision: number,
): Record<string, string> => {
  const present = set.metadata.annotations ?? {}
  const merged = { ...present, ...inherited(deployment) }
  const before = revisionOf(set)
  if (before >= revision) return merged
  const history = before ? [present[annotation.history], before].filter(Boolean).join(',') : undefined
  return {
    ...merged,
    [annotation.revision]: String(revision),
    ...(history === undefined ? {} : { [annotation.history]: history }),
  }
}

const inherited = ({ metadata }: StoredDeployment): Record<string, string> =>
  Object.fromEntries(Object.entries(metadata.annotations ?? {}).filter(([key]) => !ownAnnotations.has(key)))

export const sizeOfReplicaSet = ({ metadata, spec, status }: StoredReplicaSet): Size => ({
  name: metadata.name,
  wanted: spec.replicas ?? 0,
  available: status?.availableReplicas ?? 0,
  createdAt: metadata.creationTimestamp,
  maxReplicas: Number.parseInt(metadata.annotations?.[annotation.max] ?? '0', 10) || 0,
})

/** The ReplicaSet for a template that no existing one has, as large as the rollout's bounds allow at once. */
export const newReplicaSet = (deployment: StoredDeployment, old: StoredReplicaSet[]): ReplicaSet => {
  const { metadata, spec } = deployment
  const template = spec.template
  const hash = hashOf(template)
  const labels = { ...template.metadata?.labels, [hashLabel]: hash }
  const replicas =
    spec.strategy?.type === 'Recreate'
      ? replicasOf(deployment)
      : newReplicaSetSize(replicasOf(deployment), boundsOf(deployment), 0, old.map(sizeOfReplicaSet))
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${metadata.name}-${hash}`,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      labels,
      annotations: {
        ...inherited(deployment),
        ...sizeAnnotations(deployment),
        [annotation.revision]: String(nextRevision(old)),
      },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas,
      ...(spec.minReadySeconds ? { minReadySeconds: spec.minReadySeconds } : {}),
      selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, [hashLabel]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  }
}

/** Old ReplicaSets without pods beyond the history limit, the lowest revisions first. */
export const beyondHistory = (
  deployment: Pick<Deployment, 'spec'>,
  old: StoredReplicaSet[],
): StoredReplicaSet[] => {
  const alive = old.filter(({ metadata }) => !metadata.deletionTimestamp)
  const surplus = alive.length - (deployment.spec?.revisionHistoryLimit ?? 10)
  return alive
    .toSorted((a, b) => revisionOf(a) - revisionOf(b))
    .slice(0, Math.max(0, surplus))
    .filter(
      ({ metadata, spec, status }) =>
        !spec.replicas &&
        !status?.replicas &&
        (metadata.generation ?? 1) <= (status?.observedGeneration ?? 0),
    )
}
