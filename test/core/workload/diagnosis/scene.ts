import type { ContainerStatus, Event, Pod } from '../../../../core/kubernetes.ts'
import type { DiagnosisFacts } from '../../../../core/workload/diagnosis/facts.ts'
import { pod } from '../../../support/pods.ts'

export const facts = (changes: Partial<DiagnosisFacts>): DiagnosisFacts => ({
  ref: { kind: 'Deployment', name: 'carts' },
  namespace: 'shop',
  pods: [],
  events: [],
  logs: [],
  ...changes,
})
export const container = (change: Partial<ContainerStatus>): ContainerStatus => ({
  name: 'app',
  image: 'carts:1',
  imageID: '',
  ready: false,
  restartCount: 0,
  ...change,
})
export const withStatus = (change: Partial<ContainerStatus>, name = 'a'): Pod =>
  pod({ metadata: { name }, status: { phase: 'Running', containerStatuses: [container(change)] } })
export const waiting = (reason: string, message?: string, name = 'a') =>
  withStatus({ state: { waiting: { reason, ...(message ? { message } : {}) } } }, name)
export const crashing = (name = 'a', reason = 'Error', restartCount = 4): Pod =>
  withStatus(
    {
      restartCount,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 1, reason } },
    },
    name,
  )
export const running = (name = 'a') => withStatus({ state: { running: {} } }, name)
export const log = (text: string, name = 'a', of = 'app') => ({ pod: name, container: of, text })
export const event = (changes: Partial<Event>): Event => ({
  metadata: { name: 'e', namespace: 'shop' },
  involvedObject: { kind: 'Pod', name: 'a' },
  type: 'Normal',
  lastTimestamp: '2026-01-01T00:00:00Z',
  ...changes,
})
