import { isDeepStrictEqual } from 'node:util'
import type { RecordEvent } from '../../store/events.ts'
import { resources } from '../../store/resources.ts'
import { StatusError } from '../../store/status.ts'
import { controllerManager } from '../../store/store.ts'
import type { Control } from '../control.ts'
import { claim } from '../pods.ts'
import type { StoredReplicaSet } from '../replica-set.ts'
import {
  annotation,
  beyondHistory,
  findNew,
  newReplicaSet,
  nextRevision,
  revisedAnnotations,
  revisionOf,
  sizeAnnotations,
} from '../revision-history.ts'
import type { Resize } from './rolling-update.ts'
import {
  type ConditionChange,
  countsOf,
  deploymentCondition,
  hasDeadline,
  isComplete,
  progress,
  rolloutStatus,
  type StoredDeployment,
  type StoredDeploymentStatus,
  untilOverdue,
  withCondition,
} from './status.ts'

/** A Deployment's ReplicaSets: the one with the present template, if there is one, and all others. */
export interface Sets {
  fresh: StoredReplicaSet | undefined
  old: StoredReplicaSet[]
}

export const allOf = ({ fresh, old }: Sets): StoredReplicaSet[] => (fresh ? [...old, fresh] : old)

/**
 * One round of reconciling a Deployment: what it reads and writes. It works on what it read at its start: after
 * its first write of the Deployment, a second one is a conflict and waits for the next round. That is why a
 * rollout's first writes arrive as separate events.
 */
export class DeploymentRound {
  readonly #control: Control
  readonly #record: RecordEvent
  #deployment: StoredDeployment

  constructor(control: Control, record: RecordEvent, deployment: StoredDeployment) {
    this.#control = control
    this.#record = record
    this.#deployment = deployment
  }

  /** The Deployment as read, with this round's own changes. */
  get deployment(): StoredDeployment {
    return this.#deployment
  }

  /** What belongs to the Deployment, without a change to any of it. */
  claimed(): StoredReplicaSet[] {
    const { store } = this.#control
    return claim(store, resources.replicasets, this.#deployment, this.#deployment.spec.selector)
  }

  /** The Deployment's sets, with revisions brought up to date; makes the new one where `create` says so. */
  reviseSets({ create }: { create: boolean }): Sets {
    const sets = this.claimed()
    const present = findNew(this.#deployment, sets)
    const old = sets.filter((set) => set !== present)
    if (present) return { fresh: this.#reviseSet(present, nextRevision(old)), old }
    return { fresh: create ? this.#createSet(old) : undefined, old }
  }

  /** Writes a verdict on the rollout's progress, and the revision that goes with it. */
  writeProgress(verdict: ConditionChange, revision?: number): void {
    const { status } = this.#deployment
    const conditions = withCondition(status?.conditions, verdict, this.#control.store.timestamp())
    this.#write({ ...status, conditions }, revision)
  }

  /** Sizes sets in turn and marks them with the Deployment's present size; says whether any size changed. */
  resize(changes: Pick<Resize, 'name' | 'to'>[]): boolean {
    return changes.map((change) => this.#resizeOne(change)).some(Boolean)
  }

  /** Reports counts and progress; returns when to look again at a rollout that makes no progress. */
  reportRollout(sets: Sets): number | undefined {
    const { store, clock } = this.#control
    const now = clock.now()
    const status = rolloutStatus(this.#deployment, allOf(sets), sets.fresh, now, store.timestamp())
    if (isDeepStrictEqual(status, this.#deployment.status)) return untilOverdue(this.#deployment, status, now)
    this.#write(status)
    return undefined
  }

  /** Reports counts alone. */
  reportCounts(sets: Sets): undefined {
    this.#write(countsOf(this.#deployment, allOf(sets), sets.fresh, this.#control.store.timestamp()))
  }

  /** Deletes old sets beyond the history limit, once the rollout is complete. */
  forgetOldest({ old }: Sets): void {
    if (!isComplete(this.#deployment, this.#deployment.status)) return
    for (const { metadata } of beyondHistory(this.#deployment, old))
      this.#control.store.delete(resources.replicasets, metadata.namespace, metadata.name)
  }

  #write(status: StoredDeploymentStatus | undefined, revision?: number): void {
    const { metadata } = this.#deployment
    const annotations =
      revision === undefined
        ? metadata.annotations
        : { ...metadata.annotations, [annotation.revision]: String(revision) }
    this.#deployment = {
      ...this.#deployment,
      metadata: { ...metadata, ...(annotations && { annotations }) },
      ...(status && { status }),
    }
    this.#control.store.replaceStatus(resources.deployments, this.#deployment)
  }

  #reviseSet(set: StoredReplicaSet, revision: number): StoredReplicaSet {
    const deployment = this.#deployment
    const annotations = revisedAnnotations(deployment, set, revision)
    const minReadySeconds = deployment.spec.minReadySeconds ?? 0
    const outdated =
      !isDeepStrictEqual(annotations, set.metadata.annotations) ||
      minReadySeconds !== (set.spec.minReadySeconds ?? 0)
    if (outdated)
      return this.#mutateSet(set.metadata.name, (draft) => {
        draft.metadata.annotations = annotations
        draft.spec.minReadySeconds = minReadySeconds
      })
    const unknown = hasDeadline(deployment) && !deploymentCondition(deployment.status, 'Progressing')
    const shown = deployment.metadata.annotations?.[annotation.revision]
    if (unknown) this.writeProgress(progress.found(set.metadata.name), revisionOf(set))
    else if (shown !== String(revisionOf(set))) this.#write(deployment.status, revisionOf(set))
    return set
  }

  #createSet(old: StoredReplicaSet[]): StoredReplicaSet {
    const wanted = newReplicaSet(this.#deployment, old)
    const created = this.#creating(wanted.metadata?.name ?? '', () =>
      this.#control.store.create(resources.replicasets, wanted, { manager: controllerManager }),
    )
    const { name } = created.metadata
    const size = created.spec.replicas ?? 0
    if (size > 0) this.#recordScaling(name, 0, size)
    if (hasDeadline(this.#deployment)) this.writeProgress(progress.created(name), revisionOf(created))
    else this.#write(this.#deployment.status, revisionOf(created))
    return created
  }

  #creating(set: string, create: () => StoredReplicaSet): StoredReplicaSet {
    try {
      return create()
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      const reason = 'ReplicaSetCreateError'
      const message = `Failed to create new replica set "${set}": ${error.message}`
      this.writeProgress({ type: 'Progressing', status: 'False', reason, message })
      this.#record(this.#deployment, { type: 'Warning', reason, message })
      throw error
    }
  }

  #resizeOne({ name, to }: Pick<Resize, 'name' | 'to'>): boolean {
    const { namespace } = this.#deployment.metadata
    const before = this.#control.store.read(resources.replicasets, namespace, name).spec.replicas ?? 0
    this.#mutateSet(name, (draft) => {
      draft.spec.replicas = to
      draft.metadata.annotations = { ...draft.metadata.annotations, ...sizeAnnotations(this.#deployment) }
    })
    if (before !== to) this.#recordScaling(name, before, to)
    return before !== to
  }

  #mutateSet(name: string, change: (draft: StoredReplicaSet) => void): StoredReplicaSet {
    const { namespace } = this.#deployment.metadata
    return this.#control.store.mutate(resources.replicasets, namespace, name, (draft) => {
      change(draft)
      return draft
    })
  }

  #recordScaling(set: string, from: number, to: number): void {
    this.#record(this.#deployment, {
      type: 'Normal',
      reason: 'ScalingReplicaSet',
      message: `Scaled ${from < to ? 'up' : 'down'} replica set ${set} from ${from} to ${to}`,
    })
  }
}
