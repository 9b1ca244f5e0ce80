import type { Account } from '../account/account.ts'
import type { Operations } from '../operation.ts'
import { accessEntryOperations } from './access-entries.ts'
import { addonOperations } from './addons.ts'
import { associationOperations } from './associations.ts'
import { clusterOperations } from './clusters.ts'
import { nodegroupOperations } from './nodegroups.ts'
import { tagOperations } from './tags.ts'
import { trailed } from './trail.ts'
import { updateOperations } from './updates.ts'

/** Everything of EKS that the stand-in serves. */
export const eksOperations = (account: Account): Operations =>
  trailed(account, {
    ...clusterOperations(account),
    ...addonOperations(account),
    ...associationOperations(account),
    ...accessEntryOperations(account),
    ...nodegroupOperations(account),
    ...updateOperations(account),
    ...tagOperations(account),
  })
