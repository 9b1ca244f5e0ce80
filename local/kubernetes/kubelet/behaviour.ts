import type { Container } from '../../../core/kubernetes.ts'
import type { Trouble } from '../../trouble.ts'
import type { StoredPod } from '../controllers/pods.ts'

/** What becomes of one start of a container. Times are milliseconds. */
export interface ContainerPlan {
  /** From the decision to start until it runs, pulling the image included; 500 when not said. */
  startMs?: number
  /**
   * From running until ready; by default what the readiness probe's initial delay says, or at once without a
   * probe. Infinity: never.
   */
  readyAfterMs?: number
  /** It ends by itself, `afterMs` after it began to run. Init containers end with code 0 when this is not said. */
  exit?: { afterMs: number; code: number; reason?: string; log?: string }
  /** The image cannot be pulled, and this is why. */
  pullError?: string
  /** What it writes when it starts. */
  log?: string
  /** Called when it begins to run, with what adds to its log from then on. */
  onRun?: (write: (text: string) => void) => void
  /** From the request to stop until it stops, if its grace period lets it; 800 when not said. */
  stopMs?: number
  /** It cannot be stopped, not even by force: its pod stays Terminating until it is taken out of the API. */
  unstoppable?: boolean
}

/**
 * Decides what a container does, anew at every start: `attempt` counts the starts and pulls of this container
 * in this pod, from 0.
 */
export type PodBehaviour = (pod: StoredPod, container: Container, attempt: number) => ContainerPlan

/** A behaviour that never fails: where the one given does, the container ends with an error that says so. */
export const guardedBehaviour =
  (behaviour: PodBehaviour, trouble: Trouble): PodBehaviour =>
  (pod, container, attempt) => {
    try {
      return behaviour(pod, container, attempt)
    } catch (error) {
      trouble(`deciding what container ${container.name} of pod ${pod.metadata.name} does`, error)
      const why = error instanceof Error ? error.message : String(error)
      return { exit: { afterMs: 0, code: 1, log: `the stand-in could not run this container: ${why}\n` } }
    }
  }
