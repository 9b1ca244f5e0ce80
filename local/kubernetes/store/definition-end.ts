import type { CustomResourceDefinition } from '../../../core/kubernetes.ts'
import { type KubernetesObject, type ResourceKind, resources } from './resources.ts'

type Definition = CustomResourceDefinition
type Condition = NonNullable<NonNullable<Definition['status']>['conditions']>[number]

/** What a definition waits for before it goes: the end of its objects. */
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io'

/** The finalizers with which a deletion begins: a definition's objects are to go first. */
export const withCleanup = (
  resource: ResourceKind,
  finalizers: string[],
  { metadata }: KubernetesObject,
): string[] =>
  resource !== resources.customresourcedefinitions ||
  metadata.deletionTimestamp ||
  finalizers.includes(cleanupFinalizer)
    ? finalizers
    : [...finalizers, cleanupFinalizer]

/** Conditions with one of them set; it keeps its time where its status stays. */
export const conditionsWith = (
  conditions: readonly Condition[] | undefined,
  set: Omit<Condition, 'lastTransitionTime'>,
  now: string,
): Condition[] => {
  const have = conditions ?? []
  const former = have.find(({ type }) => type === set.type)
  const lastTransitionTime = (
    former?.status === set.status ? former.lastTransitionTime : now
  ) as Condition['lastTransitionTime']
  const next = { ...set, lastTransitionTime } as Condition
  return former ? have.map((one) => (one === former ? next : one)) : [...have, next]
}

/** An object whose deletion has begun; a definition says so in its status. */
export const marked = (
  resource: ResourceKind,
  definition: KubernetesObject,
  now: string,
): KubernetesObject => {
  if (resource !== resources.customresourcedefinitions) return definition
  const status = (definition as unknown as Definition).status
  const conditions = conditionsWith(
    status?.conditions,
    {
      type: 'Terminating',
      status: 'True',
      reason: 'InstanceDeletionPending',
      message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
    },
    now,
  )
  return { ...definition, status: { ...status, conditions } }
}
