import * as z from 'zod'
import { type CodeWithCommand, type Finding, lookWith, type Remedy } from './findings.ts'
import { command } from './text/shell.ts'

/** What the steps need to know of an EKS cluster, from DescribeCluster. */
export const Cluster = z.strictObject({
  name: z.string(),
  arn: z.string(),
  /** CREATING, ACTIVE, DELETING, FAILED, UPDATING or PENDING. */
  status: z.string(),
  version: z.string(),
  /** Absent while the cluster is being created. */
  endpoint: z.string().optional(),
  /** Base64 of the API server's CA certificate in PEM. */
  certificateAuthority: z.string().optional(),
  /** EKS Auto Mode runs the Pod Identity agent itself. */
  autoMode: z.boolean(),
  /** In an IPv6 cluster pods are given the agent's IPv6 address. Absent where EKS does not say. */
  ipFamily: z.enum(['ipv4', 'ipv6']).optional(),
  createdAt: z.string().optional(),
  /** Its OIDC issuer without the scheme, by which IRSA knows it. */
  oidcIssuer: z.string().optional(),
})
export type Cluster = z.infer<typeof Cluster>

/** What lets an IAM principal into a cluster: whom, and as a member of which groups there. */
export const AccessEntry = z.strictObject({
  principalArn: z.string(),
  kubernetesGroups: z.array(z.string()),
})
export type AccessEntry = z.infer<typeof AccessEntry>

/** A cluster that answers: its endpoint and CA are known. */
export type ReachableCluster = Cluster & { endpoint: string; certificateAuthority: string }

export interface ClusterDecision {
  state: 'ready' | 'waiting' | 'failed'
  /** In a line for people. */
  message: string
  findings: Finding[]
}

/** How long the workflow waits between two looks at a cluster: its state ClusterSettling. */
const lookEverySeconds = 15

/** Whether EKS is still at making it. */
export const isBeingMade = ({ status }: Cluster): boolean => status === 'CREATING' || status === 'PENDING'

/** That a cluster is being made, since when, and how long that may take. */
export const beingMade = ({ status, createdAt }: Cluster): string =>
  `${status}${createdAt === undefined ? '' : ` since ${createdAt.replace(/\.\d+/, '')}`}, which takes a new cluster 8 to 16 minutes`

/**
 * Whether a run can go on with the cluster, must wait, or waits in vain. UPDATING is ready: the API server keeps
 * serving through version and configuration updates.
 * https://docs.aws.amazon.com/eks/latest/APIReference/API_Cluster.html
 */
export const decideCluster = (
  cluster: Cluster | undefined,
  asked: { name: string; region: string; timeoutSeconds: number },
): ClusterDecision => {
  const subject = `cluster ${asked.name}`
  const failed = (code: CodeWithCommand, found: string, remedy: Remedy): ClusterDecision => ({
    state: 'failed',
    message: found,
    findings: [{ code, severity: 'blocking', subject, found, remedy }],
  })
  if (!cluster) {
    return failed(
      'cluster-missing',
      `there is no cluster ${asked.name} in ${asked.region}`,
      lookWith('See which clusters there are.', command`aws eks list-clusters --region ${asked.region}`),
    )
  }
  switch (cluster.status) {
    case 'ACTIVE':
    case 'UPDATING':
      return { state: 'ready', message: `${cluster.version}, ${cluster.status}`, findings: [] }
    case 'CREATING':
    case 'PENDING':
      return {
        state: 'waiting',
        message: `${beingMade(cluster)}; it is looked at every ${lookEverySeconds} s, for ${Math.ceil(asked.timeoutSeconds / 60)} min at most`,
        findings: [],
      }
    default:
      return failed(
        'cluster-unusable',
        `its status is ${cluster.status}, which waiting does not change`,
        lookWith(
          'See what EKS says about it.',
          command`aws eks describe-cluster --name ${asked.name} --region ${asked.region} --query 'cluster.{status:status,health:health}'`,
        ),
      )
  }
}

/** For a cluster that a sweep could not look at; the error says why. */
export const notChecked = (
  { name, region }: { name: string; region: string },
  error: Pick<Error, 'name' | 'message'>,
): Finding => ({
  code: 'cluster-not-checked',
  severity: 'warning',
  subject: `cluster ${name}`,
  found: `it could not be checked: ${error.name}: ${error.message}`,
  remedy: lookWith(
    'See who may reach its API server.',
    command`aws eks describe-cluster --name ${name} --region ${region} --query cluster.resourcesVpcConfig`,
  ),
})

/** For a region whose clusters a sweep could not list. */
export const regionNotChecked = (region: string, error: Pick<Error, 'name' | 'message'>): Finding => ({
  code: 'region-not-checked',
  severity: 'warning',
  subject: `region ${region}`,
  found: `no cluster of it could be checked: ${error.name}: ${error.message}`,
})

/** Whether its API server may be asked: EKS has made it, and says where it is. */
export const isReachable = (cluster: Cluster): cluster is ReachableCluster =>
  (cluster.status === 'ACTIVE' || cluster.status === 'UPDATING') &&
  cluster.endpoint !== undefined &&
  cluster.certificateAuthority !== undefined
