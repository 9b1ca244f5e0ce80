import type {
  ContextEntry,
  EvaluationResult,
  SimulatePolicyResponse,
  SimulatePrincipalPolicyRequest,
} from '@aws-sdk/client-iam'
import { evaluate, type PolicyLayers } from '../../../core/policy/evaluate.ts'
import type { Account } from '../account/account.ts'
import { outcome, type RequestContext, roleLayers } from '../authorization.ts'
import { AwsFailure } from '../failure.ts'
import { type Operations, operation, type Received } from '../operation.ts'
import { iamPage, noSuchEntity } from './support.ts'

type SimulateInput = Received<SimulatePrincipalPolicyRequest>

/**
 * SimulatePrincipalPolicy for roles, by the evaluator that also enforces. A resource with wildcards is taken
 * for the whole set, where AWS would be content with a part; resource policies are not looked at.
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
      const context = contextOf(input.ContextEntries)
      const results = input.ActionNames.flatMap((action) =>
        (input.ResourceArns ?? ['*']).map((resource) => simulate(layers, action, resource, context)),
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

const simulate = (
  layers: PolicyLayers,
  action: string,
  resource: string,
  context: RequestContext,
): EvaluationResult => {
  const { decision, by, missingKeys } = evaluate({ ...layers, action, resource, context })
  const bounded =
    layers.boundary && evaluate({ policies: [layers.boundary], action, resource, context }).decision
  return {
    EvalActionName: action,
    EvalResourceName: resource,
    EvalDecision: outcome(decision),
    MatchedStatements: by.map(({ policy }) => ({ SourcePolicyId: policy })),
    MissingContextValues: missingKeys,
    ...(bounded
      ? { PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: bounded === 'allowed' } }
      : {}),
  }
}
