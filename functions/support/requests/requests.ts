import type { Requester } from '../../../core/chatops/access.ts'
import type { Origin } from '../../../core/triggers/origin.ts'

/** Why a request was refused, with a sentence for the requester. */
export interface Refusal {
  refused: 'unknown' | 'forbidden' | 'impossible'
  why: string
}

/** Where a request comes from, and what distinguishes it from every other: a request with the same cause is a repeat. */
export interface RequestSource {
  requester: Requester
  origin: Origin
  cause: readonly string[]
}

/** The status of a run, as replies show it. */
export interface RunStatus {
  run: string
  status: string
  startedAt: string
  /** `plan carts/carts on eks-workshop` */
  what: string
  /** What CloudTrail showed of the binding's pods at a sweep since; null where none has looked. */
  credentials: string | null
}

/** A refusal, with its sentence. */
export const refuse = (refused: Refusal['refused'], why: string): Refusal => ({ refused, why })
