import type {
  Namespace,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '../../../core/kubernetes.ts'
import { asCel, errorLine, evaluateCel } from '../store/cel.ts'
import { type ResourceKind, resources, type Stored } from '../store/resources.ts'
import { selects } from '../store/selectors.ts'
import { forbiddenObject, StatusError } from '../store/status.ts'
import type { PendingWrite, Store, ValidationHook } from '../store/store.ts'
import { namespaceLabels, ruleFits } from '../webhook/admission-webhooks.ts'

type Policy = Stored<ValidatingAdmissionPolicy>
type Binding = Stored<ValidatingAdmissionPolicyBinding>
type Match = NonNullable<Policy['spec']['matchConstraints']>
type Validation = NonNullable<Policy['spec']['validations']>[number]

/**
 * Refuses, or warns of, what the cluster's ValidatingAdmissionPolicies do not allow, by their bindings.
 * https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 */
export const validatingPolicies =
  (store: Store): ValidationHook =>
  (write) => {
    if (write.resource.group === 'admissionregistration.k8s.io') return
    for (const binding of store.list(resources.validatingadmissionpolicybindings)) {
      const { policyName = '', matchResources, validationActions = [] } = binding.spec
      const policy = store.get(resources.validatingadmissionpolicies, undefined, policyName)
      const { matchConstraints } = policy?.spec ?? {}
      if (!policy || !matchConstraints || !matches(store, matchConstraints, write)) continue
      if (matchResources && !matches(store, { resourceRules: anything, ...matchResources }, write)) continue
      const broken = judge(policy, scopeOf(store, policy, write))
      if (!broken) continue
      if (validationActions.includes('Deny')) throw denial(policy, binding, write, broken)
      if (validationActions.includes('Warn'))
        write.warn(
          `Validation failed for ValidatingAdmissionPolicy '${policyName}' with binding '${binding.metadata.name}': ${broken.message}`,
        )
    }
  }

const anything: NonNullable<Match['resourceRules']> = [
  { apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'] },
]

const matches = (store: Store, match: Match, { resource, object, operation }: PendingWrite): boolean => {
  const { resourceRules = [], excludeResourceRules = [], namespaceSelector, objectSelector } = match
  const names = (rules: Match['resourceRules']) =>
    (rules ?? []).some(
      (rule) =>
        ruleFits(rule, resource, operation) &&
        (!rule.resourceNames?.length || rule.resourceNames.includes(object.metadata.name)),
    )
  return (
    names(resourceRules) &&
    !names(excludeResourceRules) &&
    selects(objectSelector, object.metadata.labels) &&
    selects(namespaceSelector, namespaceLabels(store, resource, object))
  )
}

const scopeOf = (store: Store, { spec }: Policy, write: PendingWrite): Record<string, unknown> => {
  const { resource, object, previous, operation, dryRun, user, groups } = write
  const { namespace, name } = object.metadata
  const scope: Record<string, unknown> = {
    object: asCel(object),
    oldObject: previous ? asCel(previous) : null,
    namespaceObject: asCel(namespaceOf(store, resource, namespace) ?? null),
    request: requestOf(resource, { name, namespace, operation, dryRun, user, groups }),
  }
  const variables: Record<string, unknown> = {}
  for (const { name: variable, expression } of spec.variables ?? []) {
    let value: { known: unknown } | undefined
    // Evaluated when it is asked for, so that what a condition keeps away does not fail.
    Object.defineProperty(variables, variable, {
      enumerable: true,
      get: () => {
        value ??= { known: evaluateCel(expression, { ...scope, variables }) }
        return value.known
      },
    })
  }
  return { ...scope, variables }
}

const namespaceOf = (
  store: Store,
  { namespaced }: ResourceKind,
  name: string | undefined,
): Stored<Namespace> | undefined =>
  namespaced && name !== undefined ? store.get(resources.namespaces, undefined, name) : undefined

const requestOf = (
  { group, version, kind, plural }: ResourceKind,
  {
    name,
    namespace = '',
    operation,
    dryRun,
    user,
    groups = [],
  }: {
    name: string
    namespace: string | undefined
    operation: string
    dryRun: boolean
    user: string | undefined
    groups: readonly string[] | undefined
  },
) => ({
  kind: { group, version, kind },
  resource: { group, version, resource: plural },
  subResource: '',
  name,
  namespace,
  operation,
  dryRun,
  userInfo: { username: user ?? 'system:kube-controller-manager', groups: [...groups] },
})

interface Broken {
  message: string
  reason: string
}

/** The first validation that does not hold; where one cannot be evaluated, the policy says whether that counts. */
const judge = ({ spec }: Policy, scope: Record<string, unknown>): Broken | undefined => {
  const { failurePolicy = 'Fail', matchConditions = [], validations = [] } = spec
  const attempt = (expression: string): { value: unknown } | { failed: string } => {
    try {
      return { value: evaluateCel(expression, scope) }
    } catch (error) {
      return { failed: `expression '${expression}' resulted in error: ${errorLine(error)}` }
    }
  }
  for (const { expression } of matchConditions) {
    const result = attempt(expression)
    if ('value' in result && result.value === true) continue
    if ('value' in result || failurePolicy === 'Ignore') return undefined
    return { message: result.failed, reason: 'Invalid' }
  }
  for (const validation of validations) {
    const result = attempt(validation.expression)
    if ('value' in result && result.value === true) continue
    if ('failed' in result && failurePolicy === 'Ignore') continue
    const { reason = 'Invalid' } = validation
    return { message: 'failed' in result ? result.failed : messageOf(validation, attempt), reason }
  }
  return undefined
}

const messageOf = (
  { expression, message, messageExpression }: Validation,
  attempt: (expression: string) => { value: unknown } | { failed: string },
): string => {
  const made = messageExpression ? attempt(messageExpression) : undefined
  if (made && 'value' in made && typeof made.value === 'string' && made.value.trim()) return made.value
  return message?.trim() || `failed expression: ${expression.trim()}`
}

const codes: Record<string, number | undefined> = {
  Forbidden: 403,
  Unauthorized: 401,
  RequestEntityTooLarge: 413,
}

const denial = (
  policy: Policy,
  binding: Binding,
  { resource, object }: PendingWrite,
  { message, reason }: Broken,
): StatusError => {
  const why = `ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}' denied request: ${message}`
  const refusal = forbiddenObject(resource, object.metadata.name, why)
  return new StatusError(codes[reason] ?? 422, reason, refusal.message, {
    details: { ...refusal.details, causes: [{ message: why }] },
  })
}
