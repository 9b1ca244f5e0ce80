import type { Paint } from './style.ts'

/** A pod as a step that follows a rollout reports it. */
interface SeenPod {
  name: string
  /** `CrashLoopBackOff (new, injected)` */
  state: string
  /** Why it does not come up, in the words of its log. */
  cause?: string
}

/** Of more pods than these only those in trouble have lines: a large rollout is followed by its counts. */
const mostPods = 8

/** What changes about the pods of a rollout, as lines. */
export const createPodLines = (paint: Paint) => {
  const states = new Map<string, Set<string>>()
  const causes = new Set<string>()
  const steps = new Set<string>()

  const lineOf = ({ name, state, cause }: SeenPod, many: boolean): string[] => {
    const known = states.get(name)
    const news = cause !== undefined && !causes.has(cause)
    states.set(name, new Set([...(known ?? []), state]))
    if (cause !== undefined) causes.add(cause)
    // What was there before is worth a line when it changes; a crash that comes back is not.
    if (known?.has(state) && !news) return []
    if (!known && state.includes('(old')) return []
    if (many && !news) return []
    return [`${name} ${state}${news ? `: ${paint('red', cause)}` : ''}`]
  }

  return {
    /** The lines that a look at the pods adds. */
    look: (step: string, found: unknown): string[] => {
      const pods = Array.isArray(found) ? found.filter(isPod) : []
      if (pods.length === 0) return []
      if (pods.length <= mostPods) steps.add(step)
      return pods.flatMap((pod) => lineOf(pod, pods.length > mostPods))
    },
    /** Whether a step's pods are shown one by one, so that its counts need not be. */
    seen: (step: string): boolean => steps.has(step),
  }
}

const isPod = (value: unknown): value is SeenPod =>
  typeof value === 'object' && value !== null && 'name' in value && 'state' in value
