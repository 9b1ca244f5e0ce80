import type {
  CheckNoNewAccessRequest,
  CheckNoNewAccessResponse,
  ValidatePolicyRequest,
  ValidatePolicyResponse,
} from '@aws-sdk/client-accessanalyzer'
import { type Operations, operation } from '../operation.ts'
import { lintPolicy } from './lint.ts'
import { newAccess } from './new-access.ts'

/**
 * IAM Access Analyzer, as far as it judges documents that it is handed: neither operation needs an analyzer, and
 * neither has a resource that a grant could be narrowed to.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsiamaccessanalyzer.html
 */
export const accessAnalyzerOperations = (): Operations => ({
  ValidatePolicy: operation<ValidatePolicyRequest, ValidatePolicyResponse>()({
    reads: ['policyDocument', 'policyType', 'validatePolicyResourceType'],
    resource: () => '*',
    handle: ({ policyDocument, policyType, validatePolicyResourceType }) => ({
      findings: lintPolicy(policyDocument, policyType, validatePolicyResourceType),
    }),
  }),
  CheckNoNewAccess: operation<CheckNoNewAccessRequest, CheckNoNewAccessResponse>()({
    reads: ['newPolicyDocument', 'existingPolicyDocument', 'policyType'],
    resource: () => '*',
    handle: ({ newPolicyDocument, existingPolicyDocument, policyType }) => {
      const reasons = newAccess(newPolicyDocument, existingPolicyDocument, policyType)
      return reasons.length === 0
        ? {
            result: 'PASS',
            message: 'The modified permissions do not grant new access compared to your existing policy.',
          }
        : {
            result: 'FAIL',
            message: 'The modified permissions grant new access compared to your existing policy.',
            reasons,
          }
    },
  }),
})
