import { usedOf } from '../admission/quota-usage.ts'
import { resources } from '../store/resources.ts'
import { type Control, keyOf, type Running, runController } from './control.ts'

/** Writes into each ResourceQuota's status what is used of it. */
export const startResourceQuotaController = (control: Control): Running => {
  const { store } = control
  return runController(control, {
    resource: resources.resourcequotas,
    latencyMs: 5,
    reconcile: (quota) => {
      store.updateStatus(resources.resourcequotas, quota.metadata.namespace, quota.metadata.name, () => ({
        ...(quota.spec.hard ? { hard: quota.spec.hard } : {}),
        used: usedOf(store, quota),
      }))
      return undefined
    },
    wakes: ({ resource, object: { metadata } }) =>
      resource === resources.resourcequotas || metadata.namespace === undefined
        ? []
        : store
            .list(resources.resourcequotas, { namespace: metadata.namespace })
            .map((quota) => keyOf(quota.metadata)),
  })
}
