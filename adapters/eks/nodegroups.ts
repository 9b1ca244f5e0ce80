import { DescribeNodegroupCommand, paginateListNodegroups } from '@aws-sdk/client-eks'
import { requiredMember, restateAwsError } from '../aws-errors.ts'
import { concurrently } from '../concurrently.ts'
import type { Runtime } from '../runtime.ts'
import { eksClient } from './client.ts'

const describedAtOnce = 4

/** The role that the instances of each managed node group of a cluster have, by the group's name. */
export const nodeRolesOf = async (
  runtime: Runtime,
  region: string,
  clusterName: string,
): Promise<Map<string, string>> => {
  const sdk = eksClient(runtime, region)
  try {
    const names: string[] = []
    for await (const page of paginateListNodegroups({ client: sdk }, { clusterName }))
      names.push(...requiredMember(page.nodegroups, 'list of node groups'))
    const roles = await concurrently(names, describedAtOnce, async (nodegroupName) => {
      const { nodegroup } = await sdk.send(new DescribeNodegroupCommand({ clusterName, nodegroupName }))
      return nodegroup?.nodeRole ? [[nodegroupName, nodegroup.nodeRole] as const] : []
    })
    return new Map(roles.flat())
  } catch (error) {
    throw restateAwsError(error, `listing the node groups of ${clusterName}`)
  }
}
