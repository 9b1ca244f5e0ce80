import { advise, type Finding, lookWith, mendWith } from '../../findings.ts'
import { conditionHolds } from '../../policy/condition.ts'
import { lookupIn } from '../../policy/context.ts'
import { asList, type Fields, isFields, readDocument, type Statement } from '../../policy/document.ts'
import { covers, hasWildcard } from '../../policy/pattern.ts'
import { command } from '../../text/shell.ts'
import { roleSubject } from '../role.ts'
import { mostTrust, sizeOf } from '../sizes.ts'
import { statementsOf, type TrustChange, withStatements } from './change.ts'
import { updateTrust } from './findings.ts'

/** A ServiceAccount as its cluster's OIDC issuer vouches for it. */
export interface OidcSubject {
  /** Without the scheme: `oidc.eks.us-west-2.amazonaws.com/id/EXAMPLE`. */
  issuer: string
  cluster: string
  namespace: string
  serviceAccount: string
}

/** What a trust policy would lose of what it grants by OIDC, and what has to stay and why. */
export interface OidcRemoval {
  /** Absent where nothing is to be taken out. */
  change?: TrustChange
  findings: Finding[]
}

const assuming = 'sts:assumerolewithwebidentity'

/** What the issuer calls a ServiceAccount. https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html */
export const subjectOf = ({
  namespace,
  serviceAccount,
}: Pick<OidcSubject, 'namespace' | 'serviceAccount'>): string =>
  `system:serviceaccount:${namespace}:${serviceAccount}`

/**
 * What may be taken out of a role's trust once all pods of one ServiceAccount have their credentials by Pod Identity: a statement that is for this
 * ServiceAccount of this cluster alone, or its name out of a statement's list of subjects. What lets in anybody else besides, by a wildcard, without
 * a subject or for another provider in the same statement, stays as it is, and is told.
 */
export const oidcRemoval = (role: { name: string; trust: string }, subject: OidcSubject): OidcRemoval => {
  const read = readDocument(role.trust, 'trust')
  if (read.problems.length > 0) return { findings: [] }
  const raw = statementsOf(role.trust)
  const verdicts = read.statements.map((statement, at) => judge(statement, raw[at], subject))
  const what = verdicts.flatMap((verdict) => ('words' in verdict ? [verdict.words] : []))
  const planned = withStatements(role.trust, (all) =>
    all.flatMap((statement, at) => {
      const verdict = verdicts[at] as Verdict
      if (verdict.is === 'narrowed') return [verdict.statement]
      return verdict.is === 'removed' ? [] : [statement]
    }),
  )
  return {
    ...(what.length > 0 ? { change: { found: role.trust, planned, what } } : {}),
    findings: verdicts.flatMap((verdict, at) =>
      verdict.is === 'kept' ? [kept(role, subject, verdict, at)] : [],
    ),
  }
}

/** Whether a role's trust lets a ServiceAccount in by OIDC, as far as its conditions can be known. */
export const letsInByOidc = (trust: string, subject: OidcSubject): boolean => {
  const raw = statementsOf(trust)
  return readDocument(trust, 'trust').statements.some(
    (statement, at) => judge(statement, raw[at], subject).is !== 'unconcerned',
  )
}

type Verdict =
  | { is: 'unconcerned' }
  | { is: 'removed'; words: string }
  | { is: 'narrowed'; statement: Fields; words: string }
  /** `except`: whether a condition more would leave out this ServiceAccount alone. */
  | { is: 'kept'; sid: string; why: string; except: boolean }

const judge = (statement: Statement, raw: unknown, subject: OidcSubject): Verdict => {
  const { effect, principals, actions, sid } = statement
  const ours = principals.federated.filter((arn) => arn.endsWith(`:oidc-provider/${subject.issuer}`))
  const assumes = actions.patterns.some((pattern) => covers(pattern, assuming)) !== actions.negated
  if (effect !== 'Allow' || !assumes || principals.negated || ours.length === 0 || !isFields(raw))
    return { is: 'unconcerned' }
  if (!mayHold(statement, subject)) return { is: 'unconcerned' }
  if (
    principals.anyone ||
    principals.federated.length + principals.aws.length + principals.services.length > 1
  )
    return { is: 'kept', sid, why: 'names other principals besides', except: false }
  const key = `${subject.issuer}:sub`.toLowerCase()
  const entries = subjectEntries(raw, key)
  const [entry] = entries
  if (!entry || entries.length > 1)
    return {
      is: 'kept',
      sid,
      why: entry
        ? `asks for ${entry.key} more than once`
        : 'is for every ServiceAccount of the cluster, as it asks for no subject',
      except: !entry,
    }
  const own = subjectOf(subject)
  const others = entry.values.filter((value) => value !== own)
  const wide = others.filter((value) => entry.like && hasWildcard(value) && covers(value, own))
  if (!/^(?:ForAnyValue:)?String(?:Equals|Like)$/i.test(entry.operator))
    return { is: 'kept', sid, why: `asks for ${entry.key} by ${entry.operator}`, except: false }
  if (wide.length > 0)
    return { is: 'kept', sid, why: `is for ${wide.join(' and ')}, which others fit as well`, except: true }
  if (others.length === 0)
    return {
      is: 'removed',
      words: `take out statement ${sid}, which lets ${own} of ${subject.cluster} in by OIDC`,
    }
  return {
    is: 'narrowed',
    statement: withSubjects(raw, entry, others),
    words: `take ${own} out of statement ${sid}, which lets in ${others.join(', ')} by OIDC besides`,
  }
}

/** Whether the statement may let this ServiceAccount in: its conditions hold, or hang on what is not known here. */
const mayHold = ({ conditions }: Statement, subject: OidcSubject): boolean => {
  const lookup = lookupIn({
    [`${subject.issuer}:sub`]: subjectOf(subject),
    // Annotations may ask for another audience, so that none is held against the statement.
  })
  return conditions.every((condition) => conditionHolds(condition, lookup, new Set()) !== false)
}

interface SubjectEntry {
  operator: string
  key: string
  like: boolean
  values: string[]
}

/** Where a statement's Condition asks for the subject. */
const subjectEntries = (raw: Fields, key: string): SubjectEntry[] =>
  Object.entries(isFields(raw.Condition) ? raw.Condition : {}).flatMap(([operator, block]) =>
    Object.entries(isFields(block) ? block : {}).flatMap(([name, value]) =>
      name.toLowerCase() === key
        ? [{ operator, key: name, like: /like/i.test(operator), values: asList(value).map(String) }]
        : [],
    ),
  )

const withSubjects = (raw: Fields, { operator, key }: SubjectEntry, values: readonly string[]): Fields => {
  const conditions = isFields(raw.Condition) ? raw.Condition : {}
  const block = isFields(conditions[operator]) ? conditions[operator] : {}
  return { ...raw, Condition: { ...conditions, [operator]: { ...block, [key]: values } } }
}

const kept = (
  role: { name: string; trust: string },
  subject: OidcSubject,
  { sid, why, except }: Extract<Verdict, { is: 'kept' }>,
  at: number,
): Finding => {
  const without = leavingOut(role.trust, subject, at)
  return {
    code: 'oidc-trust-stays',
    severity: 'warning',
    subject: roleSubject(role),
    found: `statement ${sid} of its trust policy lets ${subjectOf(subject)} in by OIDC and stays: it ${why}`,
    remedy:
      except && sizeOf(without) <= mostTrust(role.trust)
        ? mendWith(
            'Leave this ServiceAccount alone out of it; nothing changes for others.',
            updateTrust(role.name, without),
          )
        : lookWith(
            'See whom else it lets in, and write a statement for each of them before this one goes.',
            command`aws iam get-role --role-name ${role.name} --query Role.AssumeRolePolicyDocument`,
          ),
  }
}

/** The document in which one statement lets in everybody it did but this ServiceAccount. */
const leavingOut = (trust: string, subject: OidcSubject, at: number): object => {
  const text = withStatements(trust, (all) =>
    all.map((statement, index) => {
      if (index !== at || !isFields(statement)) return statement
      const conditions = isFields(statement.Condition) ? statement.Condition : {}
      const block = isFields(conditions.StringNotEquals) ? conditions.StringNotEquals : {}
      const key = `${subject.issuer}:sub`
      return {
        ...statement,
        Condition: {
          ...conditions,
          StringNotEquals: { ...block, [key]: [subjectOf(subject)] },
        },
      }
    }),
  )
  return JSON.parse(text) as object
}

/** Said where taking out what OIDC grants was asked for, and the cluster does not say who its issuer is. */
export const issuerUnknown = (role: { name: string }, cluster: string): Finding => ({
  code: 'oidc-issuer-unknown',
  severity: 'warning',
  subject: roleSubject(role),
  found: `EKS does not say which OIDC issuer ${cluster} has, so that its trust policy stays as it is`,
  remedy: advise('Take the statement out by hand, or ask again later.'),
})
