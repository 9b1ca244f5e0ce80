import { podIdentityService } from '../../names.ts'
import type { Context, ContextValue } from '../../policy/evaluate.ts'
import type { PodIdentity } from '../role.ts'
import { sessionTagsOf } from '../role.ts'

/** Who asks STS: EKS for a pod's role (service), or that role's session for the target role behind it (role). */
export type Hop = 'service' | 'role'

/** For whom STS is asked, and what is known of the pod by then. */
export interface SentFor extends PodIdentity {
  pod?: { name: string; uid: string }
  sessionName?: string
  /** The role whose session asks, at the hop to a target role. */
  role?: { arn: string; tags?: Record<string, string> | undefined }
}

/** One context key of the request: what it holds (null: nothing; undefined: only the request itself shows it). */
export interface SentKey {
  key: string
  hop: Hop | 'both'
  value: (facts: SentFor) => ContextValue | undefined
  /** The page that says so. */
  source: string
}

const guide = 'https://docs.aws.amazon.com/eks/latest/userguide'
const keys = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html'
const stsKeys = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html'

const tagNames = [
  'eks-cluster-arn',
  'eks-cluster-name',
  'kubernetes-namespace',
  'kubernetes-service-account',
  'kubernetes-pod-name',
  'kubernetes-pod-uid',
] as const

const tagValue = (facts: SentFor, name: string): string | null | undefined => {
  if (!facts.sessionTags) return null
  if (name === 'kubernetes-pod-name') return facts.pod?.name
  if (name === 'kubernetes-pod-uid') return facts.pod?.uid
  return sessionTagsOf(facts)[name]
}

const tagKeys = ({ sessionTags }: SentFor): ContextValue => (sessionTags ? tagNames : null)

/**
 * What the requests to STS carry, key by key. Of all other keys the request has none, but for the few in
 * `tellsItself`. The role check and the stand-in for EKS both read this table.
 */
export const sentToSts: readonly SentKey[] = [
  ...tagNames.map(
    (name): SentKey => ({
      key: `aws:RequestTag/${name}`,
      hop: 'both',
      value: (facts) => tagValue(facts, name),
      source: `${guide}/pod-id-abac.html`,
    }),
  ),
  { key: 'aws:TagKeys', hop: 'both', value: tagKeys, source: `${guide}/pod-id-abac.html` },
  { key: 'sts:TransitiveTagKeys', hop: 'service', value: tagKeys, source: `${guide}/pod-id-abac.html` },
  // The cluster's ARN, not the association's: https://github.com/terraform-aws-modules/terraform-aws-eks/pull/3743
  {
    key: 'aws:SourceArn',
    hop: 'service',
    value: ({ cluster }) => cluster.arn,
    source: `${guide}/cross-service-confused-deputy-prevention.html`,
  },
  {
    key: 'aws:SourceAccount',
    hop: 'service',
    value: ({ account }) => account,
    source: `${guide}/cross-service-confused-deputy-prevention.html`,
  },
  { key: 'aws:PrincipalIsAWSService', hop: 'service', value: () => 'true', source: keys },
  { key: 'aws:PrincipalServiceName', hop: 'service', value: () => podIdentityService, source: keys },
  { key: 'aws:SecureTransport', hop: 'both', value: () => 'true', source: keys },
  { key: 'sts:RoleSessionName', hop: 'both', value: ({ sessionName }) => sessionName, source: stsKeys },
  ...tagNames.map(
    (name): SentKey => ({
      key: `aws:PrincipalTag/${name}`,
      hop: 'role',
      // Without session tags a tag of the role of that name would stand there.
      value: (facts) => tagValue(facts, name) ?? facts.role?.tags?.[name] ?? (facts.role?.tags && null),
      source: `${guide}/pod-id-abac.html`,
    }),
  ),
  { key: 'aws:PrincipalArn', hop: 'role', value: ({ role }) => role?.arn, source: keys },
  { key: 'aws:PrincipalAccount', hop: 'role', value: ({ role }) => role?.arn.split(':')[4], source: keys },
  { key: 'aws:PrincipalType', hop: 'role', value: () => 'AssumedRole', source: keys },
  { key: 'aws:PrincipalIsAWSService', hop: 'role', value: () => 'false', source: keys },
  { key: 'aws:MultiFactorAuthPresent', hop: 'role', value: () => 'false', source: keys },
  {
    key: 'sts:ExternalId',
    hop: 'role',
    value: (facts) => (facts.sessionTags ? null : externalId(facts)),
    source: `${guide}/pod-id-assign-target-role.html`,
  },
]

/** Keys that a request has and that nobody can know before it is made: organization, network, time. */
const tellsItself: Record<Hop, RegExp> = {
  service:
    /^aws:(?:sourceorgid|sourceorgpaths|requestedregion|sourceip|vpcsourceip|sourcevpc\w*|currenttime|epochtime|useragent)$/,
  role: /^aws:(?:principalorgid|principalorgpaths|principaltag\/.*|requestedregion|userid|sourceip|vpcsourceip|sourcevpc\w*|currenttime|epochtime|useragent|tokenissuetime)$/,
}

/** The external id that EKS makes for an association without session tags. */
export const externalId = ({ cluster, account, namespace, serviceAccount }: PodIdentity): string =>
  [cluster.arn.split(':')[3], account, cluster.name, namespace, serviceAccount].join('/')

/**
 * The context of a request to STS: everything it carries, and for the keys that somebody asks about besides,
 * that they are absent, unless only the request itself can tell.
 */
export const sentContext = (hop: Hop, facts: SentFor, asked: readonly string[]): Context => {
  const rows = sentToSts.filter((row) => row.hop === hop || row.hop === 'both')
  const sent = new Set(rows.map(({ key }) => key.toLowerCase()))
  const absent = asked.filter((key) => !sent.has(key.toLowerCase()) && !isOpen(hop, facts, key))
  return Object.fromEntries([
    ...absent.map((key): [string, ContextValue] => [key, roleTag(facts, key) ?? null]),
    ...rows.map(({ key, value }): [string, ContextValue | undefined] => [key, value(facts)]),
  ])
}

/** Other tags of the principal are the role's own, which are known once the role was read. */
const isOpen = (hop: Hop, { role }: SentFor, key: string): boolean =>
  tellsItself[hop].test(key.toLowerCase()) && !(isPrincipalTag(key) && role?.tags !== undefined)

const isPrincipalTag = (key: string): boolean => key.toLowerCase().startsWith('aws:principaltag/')

const roleTag = ({ role }: SentFor, key: string): string | undefined => {
  if (!isPrincipalTag(key)) return undefined
  const name = key.slice('aws:PrincipalTag/'.length).toLowerCase()
  return Object.entries(role?.tags ?? {}).find(([tag]) => tag.toLowerCase() === name)?.[1]
}
