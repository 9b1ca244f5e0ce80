import { randomBytes, randomUUID } from 'node:crypto'
import type {
  AddonIssueCode,
  AddonStatus,
  AuthenticationMode,
  ClusterStatus,
  ComputeConfigResponse,
  ElasticLoadBalancing,
  Logging,
  StorageConfigResponse,
  Update,
  UpgradePolicyResponse,
} from '@aws-sdk/client-eks'
import { domainOf } from '../../../core/partitions/partitions.ts'

/** An EKS add-on of a cluster. */
export interface Addon {
  name: string
  arn: string
  clusterName: string
  version: string
  status: AddonStatus
  /** What DescribeAddon lists under `health`. */
  issues: { code: AddonIssueCode; message: string; resourceIds?: string[] }[]
  createdAt: Date
  modifiedAt: Date
  tags: Record<string, string>
  configurationValues?: string
  serviceAccountRoleArn?: string
}

/** What a policy of an access entry covers. */
export interface AccessScope {
  type: 'cluster' | 'namespace'
  namespaces: string[]
}

/** Lets one IAM principal into one cluster. */
export interface AccessEntry {
  principalArn: string
  /** IAM's id of the principal at creation: a role that was made anew is another principal. */
  principalId: string
  arn: string
  type: string
  username: string
  kubernetesGroups: string[]
  tags: Record<string, string>
  createdAt: Date
  modifiedAt: Date
  /** Access policies by ARN: `arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy`. */
  policies: Map<string, { scope: AccessScope; associatedAt: Date; modifiedAt: Date }>
}

/** A managed node group. */
export interface Nodegroup {
  name: string
  arn: string
  roleArn: string
  /** How many nodes it has. */
  size: number
  createdAt: Date
  tags: Record<string, string>
}

/** Parts of a cluster's configuration that are told as they were given. */
export interface ToldConfig {
  computeConfig?: ComputeConfigResponse
  storageConfig?: StorageConfigResponse
  elasticLoadBalancing?: ElasticLoadBalancing
  serviceIpv4Cidr?: string
  endpointPublicAccess?: boolean
  endpointPrivateAccess?: boolean
  publicAccessCidrs?: string[]
  logging?: Logging
  upgradePolicy?: UpgradePolicyResponse
}

/** An EKS cluster. */
export interface Cluster {
  name: string
  arn: string
  createdAt: Date
  status: ClusterStatus
  version: string
  platformVersion: string
  /** Absent while the control plane is being made. */
  endpoint?: string
  /** PEM, base64-encoded, as `certificateAuthority.data`. */
  certificateAuthority?: string
  oidcIssuer: string
  roleArn: string
  vpc: { vpcId: string; subnetIds: string[]; securityGroupIds: string[] }
  ipFamily: 'ipv4' | 'ipv6'
  authenticationMode: AuthenticationMode
  /** EKS Auto Mode, which has the agent built in. */
  autoMode: boolean
  /** What its maker said of it that has no effect here but to be told. */
  told: ToldConfig
  /** What EKS Auth does for its agents; absent: it answers. */
  eksAuth?: 'unreachable' | 'throttled' | 'packed-policy-too-large'
  tags: Record<string, string>
  addons: Map<string, Addon>
  accessEntries: Map<string, AccessEntry>
  nodegroups: Map<string, Nodegroup>
  /** Changes that were asked for, by id. */
  updates: Map<string, Update>
}

/** What a test or scenario says of a cluster; whatever is left out is as on an ordinary, running one. */
export interface ClusterSeed {
  name: string
  status?: ClusterStatus
  version?: string
  endpoint?: string
  certificateAuthority?: string
  roleArn?: string
  ipFamily?: 'ipv4' | 'ipv6'
  authenticationMode?: AuthenticationMode
  autoMode?: boolean
  tags?: Record<string, string>
  createdAt?: Date
}

const hex = (bytes: number): string => randomBytes(bytes).toString('hex')

/** A cluster as EKS would describe it, without add-ons and access entries. */
export const makeCluster = (seed: ClusterSeed, place: Place, now: Date): Cluster => ({
  name: seed.name,
  arn: `arn:${place.partition}:eks:${place.region}:${place.accountId}:cluster/${seed.name}`,
  createdAt: seed.createdAt ?? now,
  status: seed.status ?? 'ACTIVE',
  version: seed.version ?? '1.33',
  platformVersion: 'eks.9',
  ...(seed.endpoint === undefined ? {} : { endpoint: seed.endpoint }),
  ...(seed.certificateAuthority === undefined ? {} : { certificateAuthority: seed.certificateAuthority }),
  oidcIssuer: `https://oidc.eks.${place.region}.${domainOf(place.region)}/id/${hex(16).toUpperCase()}`,
  roleArn: seed.roleArn ?? `arn:${place.partition}:iam::${place.accountId}:role/${seed.name}-cluster`,
  vpc: {
    vpcId: `vpc-0${hex(8)}`,
    subnetIds: [`subnet-0${hex(8)}`, `subnet-0${hex(8)}`, `subnet-0${hex(8)}`],
    securityGroupIds: [`sg-0${hex(8)}`],
  },
  ipFamily: seed.ipFamily ?? 'ipv4',
  authenticationMode: seed.authenticationMode ?? 'API_AND_CONFIG_MAP',
  autoMode: seed.autoMode ?? false,
  told: {},
  tags: seed.tags ?? {},
  addons: new Map(),
  accessEntries: new Map(),
  nodegroups: new Map(),
  updates: new Map(),
})

/** Where a resource lives, for its ARN. */
export interface Place {
  partition: string
  region: string
  accountId: string
}

export type AddonSeed = Partial<Omit<Addon, 'arn' | 'clusterName'>> & { name: string }

/** An add-on as EKS would describe it: ACTIVE and healthy unless the seed says otherwise. */
export const makeAddon = (clusterName: string, seed: AddonSeed, place: Place, now: Date): Addon => ({
  version: 'v1.3.10-eksbuild.2',
  status: 'ACTIVE',
  issues: [],
  createdAt: now,
  modifiedAt: now,
  tags: {},
  ...seed,
  clusterName,
  arn: `arn:${place.partition}:eks:${place.region}:${place.accountId}:addon/${clusterName}/${seed.name}/${randomUUID()}`,
})

export type AccessEntrySeed = Partial<
  Pick<AccessEntry, 'type' | 'username' | 'kubernetesGroups' | 'tags'>
> & {
  principalArn: string
  /** Access policies that apply to the whole cluster, by name: `AmazonEKSClusterAdminPolicy`. */
  clusterPolicies?: readonly string[]
}

/** The ARN of an access policy of EKS. */
export const accessPolicyArn = ({ partition }: Pick<Place, 'partition'>, name: string): string =>
  `arn:${partition}:eks::aws:cluster-access-policy/${name}`

/** An access entry as EKS would describe it. */
export const makeAccessEntry = (
  clusterName: string,
  seed: AccessEntrySeed,
  principalId: string,
  place: Place,
  now: Date,
): AccessEntry => {
  const [kind = '', ...path] = seed.principalArn.split(':').slice(5).join(':').split('/')
  const name = path.at(-1) ?? ''
  const entry = `${clusterName}/${kind}/${place.accountId}/${name}/${randomUUID()}`
  const session = `arn:${place.partition}:sts::${place.accountId}:assumed-role/${name}/{{SessionName}}`
  return {
    principalArn: seed.principalArn,
    principalId,
    arn: `arn:${place.partition}:eks:${place.region}:${place.accountId}:access-entry/${entry}`,
    type: seed.type ?? 'STANDARD',
    username: seed.username ?? (kind === 'role' ? session : seed.principalArn),
    kubernetesGroups: seed.kubernetesGroups ?? [],
    tags: seed.tags ?? {},
    createdAt: now,
    modifiedAt: now,
    policies: new Map(
      (seed.clusterPolicies ?? []).map((policy) => [
        accessPolicyArn(place, policy),
        { scope: { type: 'cluster', namespaces: [] }, associatedAt: now, modifiedAt: now },
      ]),
    ),
  }
}
