import { advise, type Finding } from '../findings.ts'
import { podIdentityService } from '../names.ts'
import type { Fields } from '../policy/document.ts'
import { firstOf } from '../text/list.ts'
import { ownNeeds, type RolePlan, type Wants } from './make.ts'
import { type PodIdentity, roleSubject } from './role.ts'
import { assumingActions } from './trust/findings.ts'

/** A document that podid is about to write, as IAM Access Analyzer is asked about it. */
export interface WrittenDocument {
  /** As a person calls it: `the trust policy`, `the policy podid-needs`. */
  name: string
  kind: 'trust' | 'permissions'
  document: object
  /** What the request allows at the most: whatever the document allows beyond it is new access. */
  atMost: object
}

/** What IAM Access Analyzer's validation says of one place in a document. */
export interface LintIssue {
  level: 'error' | 'security-warning' | 'warning' | 'suggestion'
  /** `INVALID_ACTION` */
  code: string
  details: string
  /** AWS's page about it. */
  link: string
  /** `Statement[0].Action`; empty for the document itself. */
  at: string
}

/** What IAM Access Analyzer answers about one document, or why an answer is missing. */
export interface Analysis {
  name: string
  /** How the document allows more than `atMost`; empty where it does not. */
  newAccess: readonly string[] | { skipped: string }
  issues: readonly LintIssue[] | { skipped: string }
}

/**
 * The documents of a role that podid makes. Each is held against the request itself, written out: the policy against
 * the needs one by one, the trust policy against whatever EKS does for pods of this cluster.
 */
export const writtenDocuments = (
  plan: Pick<RolePlan, 'trust' | 'policies'>,
  { cluster, sessionTags, ...wants }: Pick<PodIdentity, 'cluster'> & Wants,
): WrittenDocument[] => [
  {
    name: 'the trust policy',
    kind: 'trust',
    document: plan.trust,
    atMost: allowing({
      Principal: { Service: podIdentityService },
      Action: assumingActions({ sessionTags }),
      Condition: {
        StringEquals: { [sessionTags ? 'aws:RequestTag/eks-cluster-arn' : 'aws:SourceArn']: cluster.arn },
      },
    }),
  },
  ...plan.policies.map(
    ({ name, document }): WrittenDocument => ({
      name: `the policy ${name}`,
      kind: 'permissions',
      document,
      atMost: allowing(
        ...ownNeeds({ sessionTags, ...wants }).map(({ actions, resources }) => ({
          Action: actions,
          Resource: resources,
        })),
      ),
    }),
  ),
]

const allowing = (...statements: Fields[]): object => ({
  Version: '2012-10-17',
  Statement: statements.map((statement) => ({ Effect: 'Allow', ...statement })),
})

/** What IAM Access Analyzer's answers mean for a role that podid is about to make. */
export const analysisFindings = (role: { name: string }, analyses: readonly Analysis[]): Finding[] => {
  const subject = roleSubject(role)
  return analyses.flatMap(({ name, newAccess, issues }): Finding[] => [
    ...('skipped' in newAccess
      ? [skipped(subject, `whether ${name} would allow more than the request`, newAccess.skipped)]
      : newAccess.length > 0
        ? [
            {
              code: 'access-analyzer-new-access',
              severity: 'blocking' as const,
              subject,
              found: `${name} that podid would write allows more than the request does, says IAM Access Analyzer (CheckNoNewAccess): ${firstOf([...newAccess], 5)}`,
              remedy: advise(
                'Let podid write nothing here: see the document with podid role, and make the role by hand without what is too much.',
              ),
            },
          ]
        : []),
    ...('skipped' in issues
      ? [skipped(subject, `whether ${name} is valid`, issues.skipped)]
      : issues.map((issue) => lintFinding(subject, name, issue))),
  ])
}

const severities = {
  error: 'blocking',
  'security-warning': 'warning',
  warning: 'info',
  suggestion: 'info',
} as const satisfies Readonly<Record<LintIssue['level'], Finding['severity']>>

const lintFinding = (
  subject: string,
  name: string,
  { level, code, details, link, at }: LintIssue,
): Finding => ({
  code: level === 'error' ? 'access-analyzer-error' : 'access-analyzer-warning',
  severity: severities[level],
  subject,
  found: `${name} that podid would write${at === '' ? '' : `, ${at}`}: ${details} (${level} ${code} of IAM Access Analyzer's ValidatePolicy)`,
  remedy: advise(
    level === 'error'
      ? `Correct the request's needs, from which podid writes it: ${link}`
      : `See whether it is meant so: ${link}`,
  ),
})

const skipped = (subject: string, what: string, why: string): Finding => ({
  code: 'access-analyzer-skipped',
  severity: 'warning',
  subject,
  found: `IAM Access Analyzer did not say ${what} (${why})`,
  remedy: advise(
    'Grant the caller access-analyzer:CheckNoNewAccess and access-analyzer:ValidatePolicy on *, or leave accessAnalyzer out.',
  ),
})

/** What IAM Access Analyzer has said in full, for a summary; undefined where something is missing or found. */
export const analysisSummary = (analyses: readonly Analysis[]): string | undefined =>
  analyses.length > 0 && analyses.every(isClean)
    ? `IAM Access Analyzer finds no new access and no fault in ${analyses.map(({ name }) => name).join(' and ')}`
    : undefined

/** Nothing was found, and nothing skipped. */
const isClean = ({ newAccess, issues }: Analysis): boolean =>
  [...Object.values(newAccess), ...Object.values(issues)].length === 0
