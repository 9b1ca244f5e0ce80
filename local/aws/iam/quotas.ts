import type { IamRole } from '../account/roles.ts'
import { AwsFailure } from '../failure.ts'

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const MANAGED_POLICY_SIZE = 6144
const INLINE_POLICIES_SIZE = 10_240

/** IAM counts characters without white space. */
const sizeOf = (document: string): number => document.replace(/\s/g, '').length

const limitExceeded = (message: string): AwsFailure => new AwsFailure('LimitExceededException', message)

/** Throws LimitExceeded where a managed policy is too large. */
export const checkManagedSize = (document: string): void => {
  if (sizeOf(document) > MANAGED_POLICY_SIZE)
    throw limitExceeded(`Cannot exceed quota for PolicySize: ${MANAGED_POLICY_SIZE}`)
}

/** Throws LimitExceeded where the inline policies of the role would together be too large. */
export const checkInlineSize = ({ name, inline }: IamRole, policy: string, document: string): void => {
  const documents = [...new Map(inline).set(policy, document).values()]
  if (documents.reduce((total, each) => total + sizeOf(each), 0) > INLINE_POLICIES_SIZE)
    throw limitExceeded(`Maximum policy size of ${INLINE_POLICIES_SIZE} bytes exceeded for role ${name}`)
}

/** Throws LimitExceeded where a trust policy is too large; `quota` is 2,048 unless AWS raised it, 8,192 at most. */
export const checkTrustSize = (document: string, quota: number): void => {
  if (sizeOf(document) > quota) throw limitExceeded(`Cannot exceed quota for ACLSizePerRole: ${quota}`)
}
