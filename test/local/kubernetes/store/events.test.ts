import { expect, it } from 'vitest'
import { eventRecorder } from '../../../../local/kubernetes/store/events.ts'
import { type KubernetesObject, resources } from '../../../../local/kubernetes/store/resources.ts'
import { Store } from '../../../../local/kubernetes/store/store.ts'
import { steppedClock } from '../../../support/clocks/stepped-clock.ts'

it('keeps events for an hour after they last happened, and removes the others when another comes', () => {
  const clock = steppedClock()
  const store = new Store({ clock })
  store.create(resources.namespaces, { metadata: { name: 'carts' } })
  const about = store.create(resources.configmaps, { metadata: { name: 'a', namespace: 'carts' } })
  const record = eventRecorder({ store, clock })({ component: 'test' })
  const recordReason = (reason: string) =>
    record(about as KubernetesObject, { type: 'Normal', reason, message: reason })
  const reasons = () => store.list(resources.events).map(({ reason }) => reason)
  recordReason('Once')
  recordReason('Often')
  clock.advance(40 * 60_000)
  recordReason('Often')
  clock.advance(40 * 60_000)
  expect(reasons()).toEqual(['Once', 'Often'])
  recordReason('Late')
  expect(reasons()).toEqual(['Often', 'Late'])
})
