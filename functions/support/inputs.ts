import * as z from 'zod'
import type { AssociationRequest } from '../../core/association.ts'
import { Cluster, type ReachableCluster } from '../../core/cluster.ts'
import { InvalidRequest } from '../../core/errors.ts'
import { Request } from '../../core/request.ts'
import type { WorkloadRef } from '../../core/workload/workload.ts'

/** What most steps get: the request and the cluster it is about, which answers by the time they run. */
export const OnCluster = z.strictObject({
  request: Request,
  cluster: Cluster.extend({ endpoint: z.string(), certificateAuthority: z.string() }),
})
export type OnCluster = { request: Request; cluster: ReachableCluster }

/** The workload of a request whose run has come to a step that needs one. */
export const requiredWorkload = (request: Request): WorkloadRef => {
  if (!request.workload) throw new InvalidRequest('workload: is missing, and this step is about one')
  return request.workload
}

/** The association a request is after. */
export const wantedAssociation = (request: Request): AssociationRequest => ({
  cluster: request.cluster,
  region: request.region,
  namespace: request.namespace,
  serviceAccount: request.serviceAccount,
  role: request.role,
  targetRole: request.targetRole,
  sessionTags: request.sessionTags,
  sessionPolicy: request.sessionPolicy,
  replace: request.replace,
})
