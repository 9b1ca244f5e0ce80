import { paginateListRoles } from '@aws-sdk/client-iam'
import { requiredMember, restateAwsError } from '../aws-errors.ts'
import type { Runtime } from '../runtime.ts'
import { iamSource } from './iam.ts'
import { allItems, callOptions } from './source.ts'

/**
 * The names of all roles of the account, a thousand a page: for a person at the command line, whose own credentials
 * may list them. No function of a stage may. Failures in the names of core/errors.ts.
 */
export const roleNames = async (runtime: Runtime, region: string): Promise<string[]> => {
  const source = iamSource(runtime, region)
  try {
    const pages = paginateListRoles({ client: source.client, pageSize: 1000 }, {}, callOptions(source))
    return await allItems(pages, ({ Roles }) =>
      Roles?.map(({ RoleName }) => requiredMember(RoleName, 'name of a role')),
    )
  } catch (error) {
    throw restateAwsError(error, 'listing roles')
  }
}
