import * as z from 'zod'
import type { AssociationRequest } from '../../core/association.ts'
import { Cluster, type ReachableCluster } from '../../core/cluster.ts'
import { Request } from '../../core/request.ts'

/** What most steps get: the request and the cluster it is about, which answers by the time they run. */
export const OnCluster = z.strictObject({
  request: Request,
  cluster: Cluster.extend({ endpoint: z.string(), certificateAuthority: z.string() }),
})
export type OnCluster = { request: Request; cluster: ReachableCluster }

/** The association a request is after. */
export const wantedAssociation = (request: Request): AssociationRequest => ({
  cluster: request.cluster,
  region: request.region,
  namespace: request.namespace,
  serviceAccount: request.serviceAccount,
  role: request.role,
  targetRole: request.targetRole,
  sessionTags: request.sessionTags,
  replace: request.replace,
})
