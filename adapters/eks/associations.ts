import { paginateListPodIdentityAssociations } from '@aws-sdk/client-eks'
import type { PlacedAssociation } from '../../core/fleet/status.ts'
import { requiredMember, restateAwsError } from '../aws-errors.ts'
import { concurrently } from '../concurrently.ts'
import type { Runtime } from '../runtime.ts'
import { eksClient } from './client.ts'
import { eks } from './eks.ts'

/** A list does not say the roles, so that each association is described. */
const describedAtOnce = 8

/** Every association of a cluster, or of one of its namespaces; one that is deleted meanwhile is left out. */
export const associationsOf = async (
  runtime: Runtime,
  region: string,
  { cluster: clusterName, namespace }: { cluster: string; namespace?: string | undefined },
): Promise<PlacedAssociation[]> => {
  const listed: { id: string; namespace: string; serviceAccount: string }[] = []
  try {
    const pages = paginateListPodIdentityAssociations(
      { client: eksClient(runtime, region) },
      { clusterName, namespace },
    )
    for await (const page of pages)
      for (const found of requiredMember(page.associations, 'list of associations'))
        listed.push({
          id: requiredMember(found.associationId, 'id of the association'),
          namespace: found.namespace ?? '',
          serviceAccount: found.serviceAccount ?? '',
        })
  } catch (error) {
    throw restateAwsError(error, `listing the associations of ${clusterName}`)
  }
  const described = await concurrently(listed, describedAtOnce, async ({ id, ...place }) => {
    const association = await eks(runtime, region).describeAssociation(clusterName, id)
    return association ? [{ ...place, association }] : []
  })
  return described.flat()
}
