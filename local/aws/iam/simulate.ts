import type {
  ContextEntry,
  EvaluationResult,
  PolicyEvaluationDecisionType,
  SimulatePolicyResponse,
  SimulatePrincipalPolicyRequest,
} from '@aws-sdk/client-iam'
import { evaluate, type NamedPolicy, type PolicyLayers } from '../../../core/policy/evaluate.ts'
import type { Account } from '../account/account.ts'
import { outcome, type RequestContext, roleLayers } from '../authorization.ts'
import { AwsFailure } from '../failure.ts'
import { type Operations, operation, type Received } from '../operation.ts'
import { iamPage, noSuchEntity } from './support.ts'

type SimulateInput = Received<SimulatePrincipalPolicyRequest>

/**
 * SimulatePrincipalPolicy for roles, by the evaluator that also enforces, in the form of answers since
 * 2026-07-30: one result for each action, with the resources in it. A resource with wildcards is taken for the
 * whole set, where AWS would be content with a part.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html
 */
export const simulateOperations = (account: Account): Operations => ({
  SimulatePrincipalPolicy: operation<SimulatePrincipalPolicyRequest, SimulatePolicyResponse>()({
    reads: [
      'PolicySourceArn',
      'ActionNames',
      'PolicyInputList',
      'PermissionsBoundaryPolicyInputList',
      'ResourceArns',
      'ContextEntries',
      'MaxItems',
      'Marker',
    ],
    resource: ({ PolicySourceArn }) => PolicySourceArn,
    subject: ({ PolicySourceArn }) => PolicySourceArn,
    handle: (input) => {
      const role = account.roleByArn(input.PolicySourceArn)
      if (!role) throw noSuchEntity(`The principal ${input.PolicySourceArn} cannot be found.`)
      for (const action of input.ActionNames)
        if (!/^[\w-]+:[\w*?-]+$|^\*$/.test(action))
          throw new AwsFailure('InvalidInputException', `Invalid Action: ${action}`)
      const layers = withExtraPolicies(roleLayers(account, role), input)
      const question = { context: contextOf(input.ContextEntries), resources: input.ResourceArns ?? ['*'] }
      const organization = account.serviceControlPolicies
      const results = input.ActionNames.map((action) =>
        simulateAction({ layers, organization }, { ...question, action }),
      )
      const { items, more } = iamPage(results, input)
      return { EvaluationResults: items, ...more }
    },
  }),
})

const withExtraPolicies = (layers: PolicyLayers, input: SimulateInput): PolicyLayers => {
  const extra = (input.PolicyInputList ?? []).map((document, index) => ({
    name: `PolicyInputList.${index + 1}`,
    document,
  }))
  const [boundary] = input.PermissionsBoundaryPolicyInputList ?? []
  return {
    ...layers,
    policies: [...layers.policies, ...extra],
    ...(boundary ? { boundary: { name: 'PermissionsBoundaryPolicyInputList.1', document: boundary } } : {}),
  }
}

const contextOf = (entries: readonly ContextEntry[] = []): RequestContext =>
  Object.fromEntries(
    entries.map(({ ContextKeyName = '', ContextKeyType = '', ContextKeyValues = [] }) => [
      ContextKeyName,
      ContextKeyType.endsWith('List') ? ContextKeyValues : (ContextKeyValues[0] ?? null),
    ]),
  )

interface Policies {
  layers: PolicyLayers
  /** The service control policies that the account is under; none where it is in no organization. */
  organization: readonly NamedPolicy[]
}

interface Simulated {
  resource: string
  decision: PolicyEvaluationDecisionType
  statements: string[]
  missing: string[]
  bounded?: boolean
  /** Absent where the account is in no organization. */
  byOrganization?: boolean
}

/** One result for an action, whose own decision is the most restrictive of those for the resources. */
const simulateAction = (
  policies: Policies,
  { action, resources, context }: { action: string; resources: readonly string[]; context: RequestContext },
): EvaluationResult => {
  const each = resources.map((resource) => simulate(policies, action, resource, context))
  const worst = (['explicitDeny', 'implicitDeny'] as const).find((decision) =>
    each.some((one) => one.decision === decision),
  )
  const decisive = each.filter(({ decision }) => decision === (worst ?? 'allowed'))
  const whole: Simulated = {
    resource: '*',
    decision: worst ?? 'allowed',
    statements: [...new Set(decisive.flatMap(({ statements }) => statements))],
    missing: [...new Set(each.flatMap(({ missing }) => missing))],
    ...(policies.layers.boundary ? { bounded: each.every(({ bounded }) => bounded) } : {}),
  }
  const inOrganization = policies.organization.length > 0
  return {
    EvalActionName: action,
    EvalResourceName: arnTemplate(action),
    EvalDecision: whole.decision,
    ...detailsOf(whole),
    ...(inOrganization
      ? {
          OrganizationsDecisionDetail: {
            AllowedByOrganizations: each.every(({ byOrganization }) => byOrganization),
          },
        }
      : {}),
    ...(resources.every((resource) => resource === '*')
      ? {}
      : {
          ResourceSpecificResults: each.map((one) => ({
            EvalResourceName: one.resource,
            EvalResourceDecision: one.decision,
            ...detailsOf(one),
          })),
        }),
  }
}

const detailsOf = ({ statements, missing, bounded }: Simulated) => ({
  MatchedStatements: statements.map((SourcePolicyId) => ({ SourcePolicyId })),
  MissingContextValues: missing,
  ...(bounded === undefined
    ? {}
    : { PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: bounded } }),
})

/** The form of the ARNs that an action of the workshop's kind applies to; `*` for all others. */
const arnTemplate = (action: string): string => {
  const [service = '', name = ''] = action.toLowerCase().split(':')
  if (service === 'dynamodb') return `arn:\${Partition}:dynamodb:\${Region}:\${Account}:table/\${TableName}`
  if (service === 's3' && name.includes('object')) return `arn:\${Partition}:s3:::\${BucketName}/\${KeyName}`
  return '*'
}

const simulate = (
  { layers, organization }: Policies,
  action: string,
  resource: string,
  context: RequestContext,
): Simulated => {
  const { decision, by, missingKeys } = evaluate({ ...layers, action, resource, context })
  const decide = (policies: readonly NamedPolicy[]) =>
    outcome(evaluate({ policies, action, resource, context }).decision)
  const own = {
    resource,
    decision: outcome(decision),
    statements: by.map(({ policy }) => policy),
    missing: missingKeys,
    ...(layers.boundary ? { bounded: decide([layers.boundary]) === 'allowed' } : {}),
  }
  if (organization.length === 0) return own
  const theirs = decide(organization)
  // Statements of service control policies are never shown, so that a Deny of theirs comes without any.
  const blocked =
    theirs === 'allowed' || own.decision === 'explicitDeny' ? {} : { decision: theirs, statements: [] }
  return { ...own, ...blocked, byOrganization: theirs === 'allowed' }
}
