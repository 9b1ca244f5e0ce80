import { type KubernetesObject, resources, type Stored } from '../store/resources.ts'
import type { Control, Running } from './control.ts'

/** Gives every namespace its `default` ServiceAccount, and makes it again when it is deleted. */
export const startServiceAccountController = ({ store }: Pick<Control, 'store'>): Running => {
  const ensure = (namespace: string) => {
    if (!store.get(resources.namespaces, undefined, namespace)) return
    if (store.get(resources.serviceaccounts, namespace, 'default')) return
    store.create(resources.serviceaccounts, { metadata: { name: 'default', namespace } })
  }
  const nameOf = ({ metadata }: KubernetesObject | Stored) => metadata.name
  for (const namespace of store.list(resources.namespaces)) ensure(nameOf(namespace))
  const unsubscribe = store.subscribe(({ type, resource, object }) => {
    if (resource === resources.namespaces && type === 'ADDED') ensure(object.metadata.name)
    if (resource === resources.serviceaccounts && type === 'DELETED') ensure(object.metadata.namespace ?? '')
  })
  return { stop: unsubscribe }
}
