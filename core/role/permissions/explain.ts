import { advise, type Finding, mendWith, type Remedy, type Severity } from '../../findings.ts'
import { asList, type Fields, isFields } from '../../policy/document.ts'
import { type Context, judge, type Layer, type PolicyLayers, preparePolicies } from '../../policy/evaluate.ts'
import { shellWord } from '../../shell.ts'
import { type PodIdentity, type RoleFacts, type RolePolicy, roleSubject } from '../role.ts'
import { describeGroup, type Group, groupVerdicts, type Verdict } from './verdicts.ts'

/** What the verdicts were made from. */
export interface Explained {
  role: RoleFacts
  layers: PolicyLayers
  identity: PodIdentity
  /** The context a verdict's resource was judged in. */
  context: (resource: string) => Context
}

/** One finding for each reason and group of resources why a verdict is not granted, all of them at once. */
export const explainVerdicts = (explained: Explained, verdicts: readonly Verdict[]): Finding[] => {
  const missingIn = (layer: Layer) =>
    verdicts.filter(({ decision, layers }) => decision === 'implicitDeny' && layers.includes(layer))
  const { switches, rest } = findInOtherVersions(explained, verdicts, missingIn('role'))
  return [
    ...switches,
    ...missingFindings(explained, rest),
    ...boundaryFindings(explained, missingIn('boundary')),
    ...sessionFindings(explained, missingIn('session')),
    ...denialFindings(explained, verdicts),
    ...conditionalFindings(explained, verdicts),
  ]
}

const finding = (
  { role }: Explained,
  code: string,
  severity: Severity,
  found: string,
  remedy: Remedy,
): Finding => ({ code, severity, subject: roleSubject(role), found, remedy })

const missingFindings = (explained: Explained, verdicts: readonly Verdict[]): Finding[] => {
  const { role } = explained
  const groups = groupVerdicts(verdicts)
  const document = { Version: '2012-10-17', Statement: groups.map(allowing) }
  const remedy = mendWith(
    'Grant what is missing in an inline policy of its own.',
    `aws iam put-role-policy --role-name ${shellWord(role.name)} --policy-name ${newPolicyName(explained)} --policy-document ${json(document)}`,
  )
  return groups.map((group) =>
    finding(explained, 'permission-missing', 'blocking', `no policy grants ${describeGroup(group)}`, remedy),
  )
}

/** A name that no inline policy of the role has, since putting it would replace that policy. */
const newPolicyName = ({ role, identity }: Explained): string => {
  const base = `podid-${identity.namespace}-${identity.serviceAccount}`.slice(0, 120)
  const taken = new Set(role.policies.filter(({ kind }) => kind === 'inline').map(({ name }) => name))
  let name = base
  for (let count = 2; taken.has(name); count++) name = `${base}-${count}`
  return name
}

/**
 * Somebody may have written the right policy and not put it in force. A version is proposed only if it takes
 * away nothing that is needed and granted now.
 */
const findInOtherVersions = (
  explained: Explained,
  verdicts: readonly Verdict[],
  missing: readonly Verdict[],
): { switches: Finding[]; rest: readonly Verdict[] } => {
  const switches: Finding[] = []
  let rest = missing
  for (const policy of explained.role.policies) {
    for (const version of newestFirst(policy)) {
      if (rest.length === 0) break
      const grants = grantsWith(explained, policy, version.document)
      const solved = rest.filter(grants)
      const harmless = verdicts.every((verdict) => !verdict.granted || grants(verdict))
      if (solved.length === 0 || !harmless) continue
      rest = rest.filter((verdict) => !solved.includes(verdict))
      switches.push(versionFinding(explained, policy, version.id, solved))
      break
    }
  }
  return { switches, rest }
}

const versionFinding = (
  explained: Explained,
  policy: RolePolicy,
  version: string,
  solved: readonly Verdict[],
): Finding =>
  finding(
    explained,
    'permission-in-non-default-version',
    'blocking',
    `version ${version} of policy ${policy.name} grants ${groupVerdicts(solved).map(describeGroup).join('; ')}, but version ${policy.version ?? 'v1'} is the one in force`,
    mendWith(
      `Put version ${version} in force.`,
      `aws iam set-default-policy-version --policy-arn ${shellWord(policy.arn ?? policy.name)} --version-id ${shellWord(version)}`,
    ),
  )

const newestFirst = ({ otherVersions = [] }: RolePolicy) =>
  [...otherVersions].sort((one, other) => Number(other.id.slice(1)) - Number(one.id.slice(1)))

const grantsWith = ({ role, context }: Explained, policy: RolePolicy, document: unknown) => {
  const policies = preparePolicies({
    policies: role.policies.map((other) => (other === policy ? { ...policy, document } : other)),
  })
  return ({ action, resource }: Verdict): boolean =>
    judge(policies, { action, resource, context: context(resource) }).decision === 'allowed'
}

const boundaryFindings = (explained: Explained, verdicts: readonly Verdict[]): Finding[] => {
  const { boundary } = explained.role
  if (!boundary) return []
  const groups = groupVerdicts(verdicts)
  const remedy = isOwnedByAws(boundary.arn)
    ? advise(
        `The boundary ${boundary.arn} is AWS's own and cannot be changed: give ${explained.role.name} another one (aws iam put-role-permissions-boundary).`,
      )
    : mendWith(
        'Include it in the boundary.',
        `aws iam create-policy-version --policy-arn ${shellWord(boundary.arn)} --set-as-default --policy-document ${json(withStatements(boundary.document, groups))}`,
      )
  return groups.map((group) =>
    finding(
      explained,
      'permission-boundary-blocks',
      'blocking',
      `the permissions boundary ${boundary.name} does not include ${describeGroup(group)}, so that no policy can grant it`,
      remedy,
    ),
  )
}

const sessionFindings = (explained: Explained, verdicts: readonly Verdict[]): Finding[] => {
  const { session } = explained.layers
  if (!session) return []
  const groups = groupVerdicts(verdicts)
  const { cluster, namespace, serviceAccount } = explained.identity
  const name = shellWord(cluster.name)
  const id = `"$(aws eks list-pod-identity-associations --cluster-name ${name} --namespace ${namespace} --service-account ${serviceAccount} --query 'associations[0].associationId' --output text)"`
  const remedy = mendWith(
    'Include it in the session policy.',
    `aws eks update-pod-identity-association --cluster-name ${name} --association-id ${id} --policy ${json(withStatements(session.document, groups))}`,
  )
  return groups.map((group) =>
    finding(
      explained,
      'permission-session-policy-blocks',
      'blocking',
      `the session policy of the association does not include ${describeGroup(group)}, so that no policy of the role can grant it`,
      remedy,
    ),
  )
}

const denialFindings = (explained: Explained, verdicts: readonly Verdict[]): Finding[] =>
  byDecidingStatements(
    verdicts.filter(({ decision }) => decision === 'explicitDeny' || decision === 'partialDeny'),
  ).map((denied) => {
    const groups = groupVerdicts(denied).map(describeGroup).join('; ')
    const partly = denied.every(({ decision }) => decision === 'partialDeny') ? 'a part of ' : ''
    return finding(
      explained,
      'permission-denied-explicitly',
      'blocking',
      `${decidedBy(denied)} denies ${partly}${groups}; no grant outweighs a Deny`,
      advise(`Have ${decidedBy(denied)} spare ${groups}, or give the workload another role.`),
    )
  })

/** A decision that hangs on no key hangs on a document that cannot be read, which is a finding already. */
const conditionalFindings = (explained: Explained, verdicts: readonly Verdict[]): Finding[] =>
  byDecidingStatements(
    verdicts.filter(({ decision, missingKeys }) => decision === 'conditional' && missingKeys.length > 0),
  ).map((open) => {
    const keys = [...new Set(open.flatMap(({ missingKeys }) => missingKeys))].join(', ')
    return finding(
      explained,
      'permission-conditional',
      'warning',
      `whether the role may use ${groupVerdicts(open).map(describeGroup).join('; ')} depends on ${keys} (${decidedBy(open)}), which cannot be known before a pod asks`,
      advise('Make sure that the requests of your pods meet these conditions.'),
    )
  })

/** The verdicts in groups that the same statements decided. */
const byDecidingStatements = (verdicts: readonly Verdict[]): Verdict[][] => [
  ...Map.groupBy(verdicts, ({ by }) => JSON.stringify(by)).values(),
]

const layerNames: Readonly<Record<Layer, string>> = {
  role: 'policy',
  boundary: 'permissions boundary',
  session: 'association',
  trust: 'trust policy',
}

const decidedBy = ([first]: readonly Verdict[]): string =>
  (first?.by ?? [])
    .map(
      ({ layer, policy, sid }) =>
        `statement ${sid} of the ${layerNames[layer]}${layer === 'session' ? "'s session policy" : ` ${policy}`}`,
    )
    .join(', ')

const allowing = ({ actions, resources }: Group): Fields => ({
  Effect: 'Allow',
  Action: actions,
  Resource: resources,
})

const withStatements = (document: unknown, groups: readonly Group[]): Fields => {
  const fields = typeof document === 'string' ? parsed(document) : document
  const own = isFields(fields) ? fields : {}
  return { Version: '2012-10-17', ...own, Statement: [...asList(own.Statement), ...groups.map(allowing)] }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isOwnedByAws = (arn: string): boolean => /^arn:[^:]+:iam::aws:/.test(arn)

const json = (document: object): string => shellWord(JSON.stringify(document, null, 2))
