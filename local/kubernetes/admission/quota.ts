import type { Pod, ResourceQuota } from '../../../core/kubernetes.ts'
import { canonical, compareQuantities, sumOf } from '../store/quantity.ts'
import { resources, type Stored } from '../store/resources.ts'
import { forbiddenObject } from '../store/status.ts'
import type { Store, ValidationHook } from '../store/store.ts'
import { counts, unsaid, usageOf, usedOf } from './quota-usage.ts'

/**
 * Refuses what would exceed a ResourceQuota of the namespace, and pods that leave open what a quota counts. What
 * is used is counted anew each time, where a real server goes by the quota's status.
 */
export const quotaRefusals =
  (store: Store): ValidationHook =>
  ({ resource, object, operation }) => {
    if (operation !== 'CREATE' || !resource.namespaced) return
    const refuse = (why: string) => forbiddenObject(resource, object.metadata.name, why)
    for (const quota of store.list(resources.resourcequotas, { namespace: object.metadata.namespace })) {
      if (!counts(quota, resource, object)) continue
      const { name } = quota.metadata
      const missing =
        resource === resources.pods ? unsaid(object as Pod, Object.keys(quota.spec.hard ?? {})) : []
      if (missing.length > 0)
        throw refuse(
          `failed quota: ${name}: must specify ${missing.map(([what, who]) => `${what} for: ${who.join(',')}`).join('; ')}`,
        )
      const excess = excessOf(store, quota, usageOf(resource, object))
      if (excess)
        throw refuse(
          `exceeded quota: ${name}, requested: ${excess.requested}, used: ${excess.used}, limited: ${excess.limited}`,
        )
    }
  }

const excessOf = (store: Store, quota: Stored<ResourceQuota>, requested: Record<string, string>) => {
  const hard = (quota.spec.hard ?? {}) as Record<string, string>
  const used = usedOf(store, quota)
  const over = Object.keys(hard)
    .filter((name) => {
      const more = requested[name]
      if (more === undefined || compareQuantities(more, '0') === 0) return false
      return compareQuantities(sumOf(used[name] ?? '0', more), hard[name] ?? '0') > 0
    })
    .sort()
  if (over.length === 0) return undefined
  const show = (amounts: Record<string, string>) =>
    over.map((name) => `${name}=${canonical(String(amounts[name]))}`).join(',')
  return { requested: show(requested), used: show(used), limited: show(hard) }
}
