import type { Cluster as SdkCluster } from '@aws-sdk/client-eks'
import type { Cluster } from '../../core/cluster.ts'
import { requiredMember } from '../aws-errors.ts'

/** A cluster of DescribeCluster's answer in the project's words; throws IncompleteAnswer where it lacks what each has. */
export const clusterFrom = (name: string, described: SdkCluster | undefined): Cluster => {
  const cluster = requiredMember(described, 'cluster')
  return {
    name,
    arn: requiredMember(cluster.arn, 'ARN of the cluster'),
    status: requiredMember(cluster.status, 'status of the cluster'),
    version: cluster.version ?? '',
    ...(cluster.endpoint ? { endpoint: cluster.endpoint } : {}),
    ...(cluster.certificateAuthority?.data
      ? { certificateAuthority: cluster.certificateAuthority.data }
      : {}),
    autoMode: cluster.computeConfig?.enabled ?? false,
    ...(cluster.kubernetesNetworkConfig?.ipFamily
      ? { ipFamily: cluster.kubernetesNetworkConfig.ipFamily }
      : {}),
    ...(cluster.createdAt ? { createdAt: cluster.createdAt.toISOString() } : {}),
    ...(cluster.identity?.oidc?.issuer
      ? { oidcIssuer: cluster.identity.oidc.issuer.replace(/^https:\/\//, '') }
      : {}),
  }
}
