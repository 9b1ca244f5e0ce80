import type { Finding } from '../findings.ts'
import type { GateQuestion } from '../fleet/waves/gate.ts'
import type { FleetPlan } from '../fleet/waves/plan.ts'
import type { WaveJudged } from '../fleet/waves/report.ts'
import type { PodEvidence } from '../workload/proof/evidence.ts'
import type { RolloutPod } from '../workload/rollout-pods.ts'

/** What all run events say. Events are plain JSON, and hold neither credentials nor task tokens. */
interface Event {
  /** When it happened, RFC 3339 in UTC. */
  at: string
  /** The execution's name. */
  run: string
}

/** What the events of one step say: a Task, Parallel or Map state. */
interface StepEvent extends Event {
  /** The state's name: `EnsureAssociation`. */
  step: string
  /** 1 at first, 2 the next time round a loop; a retry is another attempt at the same visit. */
  visit: number
  /** The step that this one is a part of: `Preflight` of `CheckAgent`. */
  within?: string
}

export interface RunStarted extends Event {
  type: 'run.started'
}

export interface StepStarted extends StepEvent {
  type: 'step.started'
}

/** An attempt failed, and there will be another one. */
export interface StepRetrying extends StepEvent {
  type: 'step.retrying'
  /** Which retry this is, from 1. */
  attempt: number
  /** How many retries this error is allowed, where the definition is known. */
  of?: number
  /** The pause before it: what it is at most, or what it was where the definition is unknown. */
  seconds: number
  error: string
  message: string
}

/** The step does not work but wait: for a person's answer, or for time to pass (then it is a Wait state). */
export interface StepWaiting extends StepEvent {
  type: 'step.waiting'
  for: 'answer' | 'time'
}

export interface StepSucceeded extends StepEvent {
  type: 'step.succeeded'
  /** Seconds from entering the state to leaving it. */
  duration: number
  /** What the step says of itself, where its answer has a `summary` or `message`. */
  message?: string
}

export interface StepFailed extends StepEvent {
  type: 'step.failed'
  duration: number
  /** `Stopped` where the step was taken down because another one failed or the run was ended. */
  error: string
  message: string
  /** Whether the run goes on by another way. */
  caught: boolean
}

/** How far a workload's new pods have come. */
export interface RolloutProgress extends StepEvent {
  type: 'rollout.progress'
  state: string
  message: string
  /** Pods by what they are: desired, updated, available, … */
  counts?: Record<string, number>
  /** Pods by name, as they were last seen; of very many some. */
  pods?: RolloutPod[]
}

/** What was seen of the credentials of each pod; of very many some, those in doubt first. */
export interface ProofSeen extends StepEvent {
  type: 'proof.seen'
  evidence: PodEvidence[]
}

/** A rollout of many bindings knows its waves. */
export interface WavesPlanned extends StepEvent {
  type: 'waves.planned'
  plan: FleetPlan
}

/** What a round of a wave came to, and what a person is asked before the next wave. */
export interface WaveSeen extends StepEvent {
  type: 'wave.judged'
  judged: WaveJudged
  question: GateQuestion | null
}

/** A check's finding; each distinct finding is reported once in a run. */
export interface FindingFound extends StepEvent {
  type: 'finding'
  finding: Finding
}

export interface RunSucceeded extends Event {
  type: 'run.succeeded'
  duration: number
  findings: Finding[]
  /** What the state `Report` answered. */
  report?: unknown
}

export interface RunFailed extends Event {
  type: 'run.failed'
  duration: number
  status: 'FAILED' | 'TIMED_OUT' | 'ABORTED'
  error: string
  message: string
  findings: Finding[]
  report?: unknown
}

/**
 * What happens in a run, as everything that shows runs reads it: the terminal, JSON Lines, messages, tests.
 * `run.succeeded` or `run.failed` is the last one.
 */
export type RunEvent =
  | RunStarted
  | StepStarted
  | StepRetrying
  | StepWaiting
  | StepSucceeded
  | StepFailed
  | RolloutProgress
  | ProofSeen
  | WavesPlanned
  | WaveSeen
  | FindingFound
  | RunSucceeded
  | RunFailed
