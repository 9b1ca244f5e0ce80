import type { Store } from '../store/store.ts'
import { type AdmissionWebhooks, admissionWebhooks } from '../webhook/admission-webhooks.ts'
import { limitRangeDefaults, limitRangeRefusals } from './limit-range.ts'
import { podSecurity } from './pod-security/pod-security.ts'
import { podWarnings } from './pod-warnings.ts'
import { podAdmission } from './pods.ts'
import { quotaRefusals } from './quota.ts'
import { validatingPolicies } from './validating-policy.ts'

/**
 * Puts the API server's own admission plugins into a store, in their order: what changes objects before any
 * webhook, the webhooks, what refuses objects after all, and quotas last of all.
 */
export const installAdmission = (store: Store, random?: () => number): AdmissionWebhooks => {
  const webhooks = admissionWebhooks(store)
  store.admission.unshift(limitRangeDefaults(store), podAdmission(store, random), webhooks.mutate)
  store.validation.push(
    podWarnings,
    limitRangeRefusals(store),
    podSecurity(store),
    validatingPolicies(store),
    webhooks.validate,
    quotaRefusals(store),
  )
  return webhooks
}
