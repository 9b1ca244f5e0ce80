import { expect, it } from 'vitest'
import type { ContainerStatus, Pod } from '../../../../core/kubernetes.ts'
import { viewPod } from '../../../../core/workload/diagnosis/pod-view.ts'
import { injectedSpec, pod } from '../../../support/pods.ts'

const plain = { containers: [{ name: 'carts' }] }
const status = (change: Partial<ContainerStatus>): ContainerStatus => ({
  name: 'carts',
  image: 'carts:1',
  imageID: '',
  ready: false,
  restartCount: 0,
  ...change,
})
const running = status({ ready: true, state: { running: {} } })
const failed = status({ state: { terminated: { exitCode: 1 } } })
const made = (
  containers: ContainerStatus[] | undefined,
  change: { metadata?: object; phase?: string; spec?: typeof plain } = {},
): Pod =>
  pod({
    metadata: { name: 'carts-a', uid: 'u-a', ...change.metadata },
    spec: change.spec ?? plain,
    status: {
      ...('phase' in change ? change.phase && { phase: change.phase } : { phase: 'Running' }),
      ...(containers && { containerStatuses: containers }),
    } as never,
  })

it.each<[why: string, seen: Pod, state: string]>([
  ['it runs', made([running]), 'Running (old, ready)'],
  [
    'it has the credentials',
    made([running], { spec: injectedSpec(plain) }),
    'Running (old, ready, injected)',
  ],
  ['one of two containers is ready', made([running, status({ state: { running: {} } })]), 'Running (old)'],
  ['nothing is known of its containers', made([]), 'Running (old)'],
  ['nothing is known of its status', made(undefined, { phase: '' }), 'Pending (old)'],
  [
    'it is being deleted, whatever its containers do',
    made([failed], { metadata: { deletionTimestamp: '2026-11-23T06:00:00Z' } }),
    'Terminating (old)',
  ],
  [
    'it waits, and says why',
    made([running, status({ state: { waiting: { reason: 'CrashLoopBackOff' } } })]),
    'CrashLoopBackOff (old)',
  ],
  [
    'it waits and another has failed',
    made([failed, status({ state: { waiting: { reason: 'ErrImagePull' } } })]),
    'ErrImagePull (old)',
  ],
  ['it has failed, and is not started again yet', made([failed]), 'Error (old)'],
  ['it has come to its end', made([status({ state: { terminated: { exitCode: 0 } } })]), 'Running (old)'],
  ['nothing is known of its state', made([status({})]), 'Running (old)'],
])('a pod for whoever looks on: %s', (_why, seen, state) => {
  expect(viewPod(seen, { pods: [], logs: [] })).toEqual({
    name: 'carts-a',
    node: null,
    revision: 'old',
    state,
  })
})

it('tells the new pods from the old by their uid', () => {
  const seen = made([running])
  expect(
    viewPod(seen, { pods: [made([]), pod({ metadata: { name: 'carts-b', uid: 'u-b' } })], logs: [] }).state,
  ).toBe('Running (new, ready)')
  expect(viewPod(seen, { pods: [seen], logs: [] }).revision).toBe('new')
  expect(viewPod(seen, { pods: [pod({ metadata: { name: 'carts-a', uid: 'u-b' } })], logs: [] }).state).toBe(
    'Running (old, ready)',
  )
})

it('names the node that it is on', () => {
  const placed = made([running], { spec: { ...plain, nodeName: 'ip-10-0-0-1' } as typeof plain })
  expect(viewPod(placed, { pods: [], logs: [] }).node).toBe('ip-10-0-0-1')
})

it('says the cause that its own logs show, and none that they do not', () => {
  const log = (name: string, text: string) => ({ pod: name, container: 'carts', text })
  const denied = 'AccessDeniedException: no'
  const causeOf = (...logs: ReturnType<typeof log>[]) => viewPod(made([failed]), { pods: [], logs }).cause
  expect(causeOf(log('carts-a', 'started'), log('carts-a', denied))).toBe(denied)
  expect(causeOf(log('carts-b', denied))).toBeUndefined()
  expect(causeOf(log('carts-a', 'Error: no table'))).toBeUndefined()
  expect(causeOf(log('carts-a', ''))).toBeUndefined()
})
