import type { Store } from '../store/store.ts'
import { limitRangeDefaults, limitRangeRefusals } from './limit-range.ts'
import { podSecurity } from './pod-security/pod-security.ts'
import { podAdmission } from './pods.ts'
import { quotaRefusals } from './quota.ts'

/**
 * Puts the API server's own admission plugins into a store, in their order: what changes objects before any
 * webhook, what refuses them after all, and quotas last of all.
 */
export const installAdmission = (store: Store, random?: () => number): void => {
  store.admission.unshift(limitRangeDefaults(store), podAdmission(store, random))
  store.validation.push(limitRangeRefusals(store), podSecurity(store), quotaRefusals(store))
}
