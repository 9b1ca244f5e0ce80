import type { Account } from '../account/account.ts'
import type { PolicyAuthorizer } from '../authorization.ts'
import type { Operations } from '../operation.ts'
import { lastAccessedOperations } from './last-accessed.ts'
import { policyOperations } from './policies.ts'
import { rolePolicyOperations } from './role-policies.ts'
import { roleOperations } from './roles.ts'
import { simulateOperations } from './simulate.ts'
import { userOperations } from './users.ts'

/** Everything of IAM that the stand-in serves. */
export const iamOperations = (account: Account, authorizer: PolicyAuthorizer): Operations => ({
  ...roleOperations(account),
  ...rolePolicyOperations(account),
  ...policyOperations(account),
  ...simulateOperations(account),
  ...userOperations(account),
  ...lastAccessedOperations(account, authorizer),
})
