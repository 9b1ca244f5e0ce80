import { isDeepStrictEqual } from 'node:util'
import type {
  ControllerRevision,
  DaemonSet,
  PodTemplateSpec,
  StatefulSet,
} from '../../../../core/kubernetes.ts'
import { type KubernetesObject, resources, type Stored } from '../../store/resources.ts'
import type { Store } from '../../store/store.ts'
import { claim, controllerReference } from '../pods.ts'
import { hashOf } from '../template-hash.ts'

export type StoredRevision = Stored<ControllerRevision>

/** The templates that a DaemonSet or StatefulSet has had. */
export interface TemplateHistory {
  /** That of the present template. */
  current: StoredRevision
  /** The others, oldest first. */
  old: StoredRevision[]
}

const byRevision = (a: StoredRevision, b: StoredRevision) => a.revision - b.revision

/** The patch that brings the template back, which is what kubectl's undo applies. */
const dataOf = (template: PodTemplateSpec) => ({ spec: { template: { ...template, $patch: 'replace' } } })

/** The template that a revision keeps. */
export const templateOf = ({ data }: StoredRevision): PodTemplateSpec => {
  const { $patch: _patch, ...template } = (data as ReturnType<typeof dataOf>).spec.template
  return template
}

/**
 * Brings the history of templates up to date: a new template gets a ControllerRevision, one that was there
 * before gets the next number again. `hashLabel` is the label that carries the template's hash.
 */
export const reviseHistory = (
  store: Store,
  owner: Stored<DaemonSet> | Stored<StatefulSet>,
  hashLabel: string,
): TemplateHistory => {
  const { selector, template } = owner.spec
  const revisions = claim(store, resources.controllerrevisions, owner as KubernetesObject, selector)
  const data = dataOf(template)
  const present = revisions.toSorted(byRevision).findLast((one) => isDeepStrictEqual(one.data, data))
  const old = revisions.filter((one) => one !== present).toSorted(byRevision)
  const revision = (old.at(-1)?.revision ?? 0) + 1
  const { namespace, name } = owner.metadata
  if (present && present.revision >= revision) return { current: present, old }
  if (present) {
    const renumbered = store.mutate(
      resources.controllerrevisions,
      namespace,
      present.metadata.name,
      (draft) => ({
        ...draft,
        revision,
      }),
    )
    return { current: renumbered, old }
  }
  const hash = hashOf(template)
  const current = store.create(resources.controllerrevisions, {
    metadata: {
      name: `${name}-${hash}`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...template.metadata?.labels, [hashLabel]: hash },
      ...(owner.metadata.annotations ? { annotations: owner.metadata.annotations } : {}),
      ownerReferences: [controllerReference(owner as KubernetesObject)],
    },
    data,
    revision,
  })
  return { current, old }
}

/** Deletes the oldest revisions beyond `limit`, sparing those that are still in use. */
export const truncateHistory = (
  store: Store,
  old: StoredRevision[],
  limit: number,
  isUsed: (revision: StoredRevision) => boolean,
): void => {
  const surplus = old.filter((one) => !isUsed(one)).slice(0, Math.max(0, old.length - limit))
  for (const { metadata } of surplus)
    store.delete(resources.controllerrevisions, metadata.namespace, metadata.name)
}
