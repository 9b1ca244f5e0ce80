import { expect, it } from 'vitest'
import type { Deployment } from '../../../core/kubernetes.ts'
import { type RolloutTrack, stuckAt, trackRollout } from '../../../core/workload/rollout-progress.ts'

const deployment = (updated: number, available: number, generation = 3): Deployment => ({
  kind: 'Deployment',
  metadata: { name: 'carts', uid: 'u', generation },
  spec: { replicas: 3, selector: {}, template: {} },
  status: {
    observedGeneration: generation,
    replicas: 4,
    updatedReplicas: updated,
    availableReplicas: available,
  },
})

/** Each state comes one millisecond after the one before; answers when the rollout last came farther. */
const progressedAt = (states: Deployment[]): number => {
  let track: RolloutTrack | undefined
  for (const [now, state] of states.entries()) track = trackRollout(track, state, now, {}).track
  return track?.progressedAt ?? -1
}

it.each<[why: string, states: Deployment[], at: number]>([
  ['the first sight counts', [deployment(1, 3)], 0],
  ['the same again is none', [deployment(1, 3), deployment(1, 3)], 0],
  ['another new pod', [deployment(1, 3), deployment(2, 3)], 1],
  ['another available pod', [deployment(3, 1), deployment(3, 2)], 1],
  ['a pod that crashes and comes back', [deployment(3, 2), deployment(3, 1), deployment(3, 2)], 0],
  ['one that comes up after another was replaced', [deployment(1, 3), deployment(2, 2), deployment(2, 3)], 2],
  ['fewer new pods, for all that are available', [deployment(2, 2), deployment(1, 3)], 0],
  ['another spec begins anew', [deployment(2, 3), deployment(0, 3, 4)], 1],
])('progress: %s', (_why, states, at) => {
  expect(progressedAt(states)).toBe(at)
})

it('says whether there is something new to report', () => {
  const first = trackRollout(undefined, deployment(1, 3), 0, {})
  expect(first.changed).toBe(true)
  expect(trackRollout(first.track, deployment(1, 3), 1, {}).changed).toBe(false)
  expect(trackRollout(first.track, deployment(1, 2), 1, {}).changed).toBe(true)
  // Of the same words, as many old ones go.
  const { track } = trackRollout(undefined, deployment(3, 3), 0, {})
  const more = deployment(4, 3)
  expect(trackRollout(track, { ...more, status: { ...more.status, replicas: 5 } }, 1, {})).toMatchObject({
    track: { message: track.message },
    changed: true,
  })
})

it.each<[why: string, deadlineSeconds: number | undefined, stuckAfterMs: number]>([
  ['no deadline of its own: the caller decides', undefined, 300_000],
  ['a deadline switched off', 2 ** 31 - 1, 300_000],
  ['a shorter one, which its controller minds', 60, 300_000],
  ['a longer one is its own affair', 1800, 1_810_000],
])('stuck: %s', (_why, progressDeadlineSeconds, stuckAfterMs) => {
  const object = deployment(1, 3)
  const spec = { ...object.spec, ...(progressDeadlineSeconds && { progressDeadlineSeconds }) }
  const { track } = trackRollout(undefined, { ...object, spec } as Deployment, 0, {})
  expect(stuckAt(track, 300_000)).toBe(stuckAfterMs)
})
