import {
  advise,
  type CodeWithCommand,
  type Finding,
  mendWith,
  type Remedy,
  type Severity,
} from '../../findings.ts'
import type { Layer } from '../../policy/evaluate.ts'
import { command } from '../../text/shell.ts'
import { roleSubject } from '../role.ts'
import type { Explained } from './explained.ts'
import { grantMissing, holderOf, widenBoundary, widenSession } from './remedies.ts'
import { describeGroup, groupVerdicts, type Verdict } from './verdicts.ts'
import { findInOtherVersions, type OtherVersion } from './versions.ts'

/** One finding for each reason and group of resources why a verdict is not granted, all of them at once. */
export const explainVerdicts = (explained: Explained, verdicts: readonly Verdict[]): Finding[] => {
  const missingIn = (layer: Layer) =>
    verdicts.filter(({ decision, layers }) => decision === 'implicitDeny' && layers.includes(layer))
  const { switches, others, rest } = findInOtherVersions(explained, verdicts, missingIn('role'))
  return [
    ...switches.map((version) => switchFinding(explained, version)),
    ...missingFindings(explained, rest, others),
    ...boundaryFindings(explained, missingIn('boundary')),
    ...sessionFindings(explained, missingIn('session')),
    ...denialFindings(explained, verdicts),
    ...conditionalFindings(explained, verdicts),
  ]
}

const finding = (
  { role }: Explained,
  code: CodeWithCommand,
  severity: Severity,
  found: string,
  remedy: Remedy,
): Finding => ({ code, severity, subject: roleSubject(role), found, remedy })

/** Findings that one remedy mends: the first has it, as it would make an answer too long to have it in each. */
const mendedTogether = ([first, ...others]: Finding[]): Finding[] =>
  first
    ? [
        first,
        ...others.map(
          (other): Finding => ({
            ...other,
            remedy: advise(
              `The remedy of the first finding ${first.code} of ${first.subject} mends this too.`,
            ),
          }),
        ),
      ]
    : []

const missingFindings = (
  explained: Explained,
  verdicts: readonly Verdict[],
  versions: readonly OtherVersion[],
): Finding[] => {
  const remedy = grantMissing(explained, groupVerdicts(verdicts), versions)
  const inVersion = new Map(
    versions.flatMap((version) => version.solved.map((verdict) => [verdict, version])),
  )
  return mendedTogether([
    ...versions.map((version) =>
      finding(explained, 'permission-in-non-default-version', 'blocking', describeVersion(version), remedy),
    ),
    ...groupVerdicts(verdicts.filter((verdict) => !inVersion.has(verdict))).map((group) =>
      finding(
        explained,
        'permission-missing',
        'blocking',
        `no policy grants ${describeGroup(group)}`,
        remedy,
      ),
    ),
  ])
}

const switchFinding = (explained: Explained, version: OtherVersion): Finding =>
  finding(
    explained,
    'permission-in-non-default-version',
    'blocking',
    describeVersion(version),
    mendWith(
      `Put version ${version.id} in force: it adds nothing but what is needed, and the policy is attached to this role alone.`,
      command`aws iam set-default-policy-version --policy-arn ${version.policy.arn} --version-id ${version.id}`,
    ),
  )

const describeVersion = ({ policy, id, solved }: OtherVersion): string =>
  `version ${id} of policy ${policy.name} grants ${groupVerdicts(solved).map(describeGroup).join('; ')}, but version ${policy.version} is the one in force`

const boundaryFindings = (explained: Explained, verdicts: readonly Verdict[]): Finding[] => {
  const { boundary } = explained.role
  if (!boundary) return []
  const groups = groupVerdicts(verdicts)
  const remedy = widenBoundary(explained, boundary, groups)
  return mendedTogether(
    groups.map((group) =>
      finding(
        explained,
        'permission-boundary-blocks',
        'blocking',
        `the permissions boundary ${boundary.name} does not include ${describeGroup(group)}, so that no policy can grant it`,
        remedy,
      ),
    ),
  )
}

const sessionFindings = (explained: Explained, verdicts: readonly Verdict[]): Finding[] => {
  const { session } = explained.layers
  if (!session) return []
  const groups = groupVerdicts(verdicts)
  const remedy = widenSession(explained, session.document, groups)
  return mendedTogether(
    groups.map((group) =>
      finding(
        explained,
        'permission-session-policy-blocks',
        'blocking',
        `the session policy of the ${holderOf(explained)} does not include ${describeGroup(group)}, so that no policy of the role can grant it`,
        remedy,
      ),
    ),
  )
}

const denialFindings = (explained: Explained, verdicts: readonly Verdict[]): Finding[] =>
  byDecidingStatements(
    verdicts.filter(({ decision }) => decision === 'explicitDeny' || decision === 'partialDeny'),
  ).map((denied) => {
    const groups = groupVerdicts(denied).map(describeGroup).join('; ')
    const partly = denied.every(({ decision }) => decision === 'partialDeny') ? 'a part of ' : ''
    return {
      code: 'permission-denied-explicitly',
      severity: 'blocking',
      subject: roleSubject(explained.role),
      found: `${decidedBy(explained, denied)} denies ${partly}${groups}; no grant outweighs a Deny`,
      remedy: advise(
        `Have ${decidedBy(explained, denied)} spare ${groups}, or give the workload another role.`,
      ),
    }
  })

/** A decision that hangs on no key hangs on a document that cannot be read, which is a finding already. */
const conditionalFindings = (explained: Explained, verdicts: readonly Verdict[]): Finding[] =>
  byDecidingStatements(verdicts.filter(({ missingKeys }) => missingKeys.length > 0)).map((open) => {
    const keys = [...new Set(open.flatMap(({ missingKeys }) => missingKeys))].join(', ')
    return {
      code: 'permission-conditional',
      severity: 'warning',
      subject: roleSubject(explained.role),
      found: `whether the role may use ${groupVerdicts(open).map(describeGroup).join('; ')} depends on ${keys} (${decidedBy(explained, open)}), which cannot be known before a pod asks`,
      remedy: advise('Make sure that the requests of your pods meet these conditions.'),
    }
  })

/** The verdicts in groups that the same statements decided. */
const byDecidingStatements = (verdicts: readonly Verdict[]): Verdict[][] => [
  ...Map.groupBy(verdicts, ({ by }) => JSON.stringify(by)).values(),
]

/** A role may have hundreds of statements that say the same; a few show which they are. */
const mostNamed = 5

const decidedBy = (explained: Explained, verdicts: readonly Verdict[]): string => {
  const { by } = verdicts[0] as Verdict
  const named = by
    .slice(0, mostNamed)
    .map(({ layer, policy, sid }) =>
      layer === 'session'
        ? `statement ${sid} of the ${holderOf(explained)}'s session policy`
        : `statement ${sid} of the ${layer === 'boundary' ? 'permissions boundary' : 'policy'} ${policy}`,
    )
  return [...named, ...(by.length > mostNamed ? [`${by.length - mostNamed} more`] : [])].join(', ')
}
