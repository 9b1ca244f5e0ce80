import type { Finding } from '../../findings.ts'
import type { Event, Pod } from '../../kubernetes.ts'
import type { WorkloadRef } from '../workload.ts'

/** The end of what a container wrote before it stopped, or so far. */
export interface LogTail {
  pod: string
  container: string
  text: string
}

/** What a run knows of its binding, beside what pods write. */
export interface BindingOfRun {
  cluster: string
  region: string
  namespace: string
  serviceAccount: string
  /** What the request narrows the role by, as JSON. */
  sessionPolicy?: string | undefined
}

export interface DiagnosisFacts {
  ref: WorkloadRef
  namespace: string
  /** The pods of the current revision. */
  pods: readonly Pod[]
  /** Warnings about the workload, its ReplicaSets and its pods. */
  events: readonly Event[]
  logs: readonly LogTail[]
  /** What could not be looked at and why, one line each. */
  unseen?: readonly string[]
  /** Where a run diagnoses its own rollout: what its commands are about. */
  binding?: BindingOfRun
  /** What the same diagnosis said before anything was touched. */
  before?: readonly Finding[]
  /** The pods are taken away next, so that nobody can look at them: what they wrote is part of what is found. */
  leaves?: boolean
}
