import * as z from 'zod'

/** A pod that a rollout brings or takes away, as it was last seen. */
export const RolloutPod = z.object({
  pod: z.string(),
  /** Null where it is on none yet. */
  node: z.string().nullable(),
  /** Whether it is of the revision that the rollout brings, or one that it replaces. */
  revision: z.enum(['new', 'old']),
  /** In the words of whoever looked: `Running (new, ready, injected)`. */
  state: z.string(),
  /** When it was first seen to be gone, RFC 3339. */
  goneAt: z.string().exactOptional(),
})
export type RolloutPod = z.infer<typeof RolloutPod>

/** An answer names so many; its counts have them all. */
const mostPods = 100

/** The pods of one watch: those that are there, and those that were. */
export interface PodRegister {
  /** @param pods all that are there now. @param at RFC 3339 */
  look(pods: readonly Omit<RolloutPod, 'goneAt'>[], at: string): void
  /** The pods that came and went first: those that are new and there, then the replaced ones. */
  seen(): RolloutPod[]
}

/** Remembers the pods of a rollout over many looks, so that it is known by name which were replaced. */
export const podRegister = (): PodRegister => {
  const known = new Map<string, RolloutPod>()
  return {
    look: (pods, at) => {
      // Those that are there come anew.
      for (const [name, pod] of known) if (pod.goneAt === undefined) known.set(name, { ...pod, goneAt: at })
      for (const pod of pods) known.set(pod.pod, { ...pod })
    },
    seen: () => [...known.values()].toSorted((one, other) => rankOf(one) - rankOf(other)).slice(0, mostPods),
  }
}

const rankOf = ({ revision, goneAt }: RolloutPod): number =>
  revision === 'new' && goneAt === undefined ? 0 : revision === 'old' ? 1 : 2
