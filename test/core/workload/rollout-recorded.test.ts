import { describe, expect, it } from 'vitest'
import { assessRollout, type Workload } from '../../../core/workload/rollout.ts'
import recordings from '../../recordings/kubernetes/rollouts.json' with { type: 'json' }

type Recording = { patched: unknown; events: { object: unknown }[] }

/** The messages a watcher sees in a recording, repetitions left out. */
const messages = ({ patched, events }: Recording) => {
  const generation = (patched as Workload).metadata?.generation ?? 0
  const seen = events.map(({ object }) => {
    const { state, message } = assessRollout(object as Workload, { generation })
    return `${state}: ${message}`
  })
  return seen.filter((line, index) => line !== seen[index - 1])
}

describe('a recorded rollout', () => {
  it('is reported in kubectl’s words, and complete only with the last event', () => {
    expect(messages(recordings.restart)).toEqual([
      'progressing: Waiting for deployment spec update to be observed...',
      'progressing: Waiting for deployment "carts" rollout to finish: 0 out of 2 new replicas have been updated...',
      'progressing: Waiting for deployment "carts" rollout to finish: 1 out of 2 new replicas have been updated...',
      'progressing: Waiting for deployment "carts" rollout to finish: 1 old replicas are pending termination...',
      'complete: deployment "carts" successfully rolled out',
    ])
  })

  it('fails when it exceeds its progress deadline', () => {
    expect(messages(recordings.deadlineExceeded).at(-1)).toBe(
      'failed: deployment "carts" exceeded its progress deadline',
    )
  })

  it('is not judged by the deadline that the rollout before it exceeded', () => {
    const [first] = recordings.recovery.events
    expect(JSON.stringify(first)).toContain('ProgressDeadlineExceeded')
    expect(messages(recordings.recovery).filter((line) => line.startsWith('failed'))).toEqual([])
    expect(messages(recordings.recovery).at(-1)).toBe('complete: deployment "carts" successfully rolled out')
  })

  it('does not progress when the Deployment is paused', () => {
    expect(messages(recordings.paused).at(-1)).toBe(
      'failed: deployment "carts" is paused, so its rollout does not progress (run kubectl rollout resume first)',
    )
  })

  it('of a DaemonSet counts updated pods, then available ones', () => {
    expect(messages(recordings.daemonSet)).toEqual([
      'progressing: Waiting for daemon set spec update to be observed...',
      'progressing: Waiting for daemon set "eks-pod-identity-agent" rollout to finish: 0 out of 3 new pods have been updated...',
      'progressing: Waiting for daemon set "eks-pod-identity-agent" rollout to finish: 1 out of 3 new pods have been updated...',
      'progressing: Waiting for daemon set "eks-pod-identity-agent" rollout to finish: 2 out of 3 new pods have been updated...',
      'progressing: Waiting for daemon set "eks-pod-identity-agent" rollout to finish: 2 of 3 updated pods are available...',
      'complete: daemon set "eks-pod-identity-agent" successfully rolled out',
    ])
  })
})
