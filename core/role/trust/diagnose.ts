import type { CodeWithCommand } from '../../findings.ts'
import { podIdentityService } from '../../names.ts'
import { type Condition, conditionHolds } from '../../policy/condition.ts'
import { lookupIn } from '../../policy/context.ts'
import { readDocument, type Statement } from '../../policy/document.ts'
import type { Context, Evaluation } from '../../policy/evaluate.ts'
import { covers } from '../../policy/pattern.ts'
import { editDistance } from '../../text/distance.ts'
import type { PodIdentity } from '../role.ts'
import { sessionTagsOf, tagContext } from '../role.ts'
import { addActions, dropPrincipal, exemptService, type Mend } from './mend.ts'

/**
 * A mistake in a trust policy, and the change that mends it. `append` asks for a statement of the pods' own;
 * `person` is for what nobody but a person may change.
 */
export interface TrustFault {
  code: CodeWithCommand
  found: string
  mend: Mend | 'append' | 'person'
  /** What goes besides, as IAM would refuse the mended document with it. */
  drop?: Mend
  /** What a person should know or do besides. */
  advice?: string
}

/** A statement and its place in the document. */
type Placed = Statement & { at: number }
type Asked = readonly (Evaluation & { action: string })[]

/**
 * Explains why a trust policy (one without faults of form) does not let EKS assume the role: each mistake by
 * itself, a Deny beside a missing Allow too.
 */
export const diagnoseTrust = (
  trust: unknown,
  identity: PodIdentity,
  context: Context,
  evaluations: Asked,
): TrustFault[] => {
  const statements = readDocument(trust, 'trust').statements.map((statement, at) => ({ ...statement, at }))
  const actions = evaluations.map(({ action }) => action)
  const allows = statements.filter(({ effect }) => effect === 'Allow')
  const ours = allows.filter(({ principals }) => namesService(principals))
  return [
    ...deniedFaults(statements, evaluations),
    ...(ours.length === 0
      ? [principalFault(allows)]
      : [...actionFaults(ours, actions, context), ...conditionFaults(ours, actions, identity, context)]),
  ]
}

const namesService = ({ anyone, services, negated }: Statement['principals']): boolean =>
  (anyone || services.includes(podIdentityService)) !== negated

const coversAction = ({ actions }: Statement, action: string): boolean =>
  actions.patterns.some((pattern) => covers(pattern, action.toLowerCase())) !== actions.negated

const deniedFaults = (statements: readonly Placed[], evaluations: Asked): TrustFault[] =>
  statements.flatMap((statement) => {
    const denied = evaluations.filter(
      ({ decision, by }) => decision === 'explicitDeny' && by.some(({ sid }) => sid === statement.sid),
    )
    if (denied.length === 0) return []
    return [
      {
        code: 'trust-explicit-deny',
        found: `its trust policy denies ${podIdentityService} ${listed(denied.map(({ action }) => action))} (statement ${statement.sid})`,
        ...exemption(statement),
      },
    ]
  })

/** A Deny of everybody can leave the service out; one that names it was meant for it. */
const exemption = ({ at, sid, principals, conditions }: Placed): Pick<TrustFault, 'mend' | 'advice'> => {
  const named = !principals.negated && principals.services.includes(podIdentityService)
  const asksAlready = conditions.some(({ key }) => key.toLowerCase() === 'aws:principalservicename')
  return named || asksAlready
    ? {
        mend: 'person',
        advice: `Ask who wrote statement ${sid} whether it may go; nobody denies a service by accident.`,
      }
    : { mend: exemptService(at) }
}

const principalFault = (allows: readonly Placed[]): TrustFault => {
  for (const { at, principals, negated } of allows.map(readPrincipalNames)) {
    const misspelt = negated ? undefined : principals.find(({ type, name }) => isMisspelling(type, name))
    if (!misspelt) continue
    return {
      code: 'trust-principal-misspelt',
      found: `its trust policy names the ${misspelt.type} "${misspelt.name}"; pods get their credentials through the Service "${podIdentityService}"`,
      mend: 'append',
      drop: dropPrincipal(at, misspelt.type, misspelt.name),
      advice: `The misspelt "${misspelt.name}" lets nobody in, and goes.`,
    }
  }
  const irsa = allows.find((statement) => coversAction(statement, 'sts:AssumeRoleWithWebIdentity'))
  if (irsa?.principals.federated.some((arn) => arn.includes(':oidc-provider/')))
    return {
      code: 'trust-irsa-only',
      found: `its trust policy is made for IRSA only: it trusts the OIDC provider ${irsa.principals.federated.join(', ')}, and not ${podIdentityService}`,
      mend: 'append',
    }
  const trusted = allows.map(readPrincipalNames).flatMap(({ principals, negated }) => {
    const names = principals.map(({ name }) => name)
    return negated && names.length > 0 ? [`everybody but ${names.join(' and ')}`] : names
  })
  return {
    code: 'trust-principal-missing',
    found: `its trust policy does not name ${podIdentityService}; it trusts ${trusted.length > 0 ? trusted.join(', ') : 'nobody'}`,
    mend: 'append',
  }
}

const readPrincipalNames = ({ at, principals }: Placed) => ({
  at,
  negated: principals.negated,
  principals: [
    ...principals.services.map((name) => ({ type: 'Service', name })),
    ...principals.aws.map((name) => ({ type: 'AWS', name })),
    ...principals.federated.map((name) => ({ type: 'Federated', name })),
  ],
})

/** The right name in the wrong place or case, or a name that somebody meant to be it. */
const isMisspelling = (type: string, name: string): boolean => {
  const lower = name.toLowerCase()
  if (lower === podIdentityService) return true
  if (type !== 'Service') return false
  return /pods?[.-]?eks|eks[.-]?pods?\b/.test(lower) || editDistance(lower, podIdentityService) <= 3
}

const actionFaults = (
  ours: readonly Placed[],
  actions: readonly string[],
  context: Context,
): TrustFault[] => {
  const lacking = actions.filter((action) => !ours.some((statement) => coversAction(statement, action)))
  const target = nearestTo('sts:AssumeRole', ours, context)?.statement ?? ours[0]
  if (lacking.length === 0 || !target) return []
  // What is added to a statement goes to everybody it names; pods that it lets in already may then be tagged too.
  const tagsOnly = !lacking.includes('sts:AssumeRole') && !target.actions.negated
  const mend = tagsOnly && isForPodsOnly(target) ? addActions(target.at, lacking) : 'append'
  return [
    lacking.includes('sts:AssumeRole')
      ? {
          code: 'trust-assume-role-missing',
          found: `its trust policy names ${podIdentityService} but does not allow it ${listed(lacking)}`,
          mend,
        }
      : {
          code: 'trust-tag-session-missing',
          found: `its trust policy allows ${podIdentityService} sts:AssumeRole but not sts:TagSession (statement ${target.sid}); EKS tags every session, so pods would get no credentials`,
          mend,
        },
  ]
}

/** Whether the statement names the pod service, and nobody else. */
const isForPodsOnly = ({ principals }: Statement): boolean =>
  !principals.negated &&
  !principals.anyone &&
  [...principals.aws, ...principals.federated].length === 0 &&
  principals.services.every((service) => service === podIdentityService)

/** The statement that comes nearest to allowing an action, with the conditions that keep it from that. */
const nearestTo = (
  action: string,
  ours: readonly Placed[],
  context: Context,
): { statement: Placed; failed: Condition[] } | undefined => {
  const lookup = lookupIn(context)
  return ours
    .filter((statement) => coversAction(statement, action))
    .map((statement) => ({
      statement,
      failed: statement.conditions.filter(
        (condition) => conditionHolds(condition, lookup, new Set()) === false,
      ),
    }))
    .sort((one, other) => one.failed.length - other.failed.length)[0]
}

/** The failed conditions of the statement that comes nearest to allowing each action. */
const conditionFaults = (
  ours: readonly Placed[],
  actions: readonly string[],
  identity: PodIdentity,
  context: Context,
): TrustFault[] => {
  const nearest = actions.flatMap((action) => nearestTo(action, ours, context) ?? [])
  // The same statement usually serves both actions; each of its conditions is one mistake.
  const unique = new Map(
    nearest.flatMap(({ statement, failed }) =>
      failed.map((condition) => [condition, { statement, condition }] as const),
    ),
  )
  return [...unique.values()].map(({ statement, condition }) =>
    conditionFault(statement, condition, identity),
  )
}

const conditionFault = (statement: Placed, condition: Condition, identity: PodIdentity): TrustFault => {
  const { name, key, values } = condition
  const asks = `its trust policy (statement ${statement.sid}) asks for ${key} ${name} ${values.join(' or ')}${literalWildcardNote(condition)}`
  const lowerKey = key.toLowerCase()
  if (lowerKey === 'aws:sourcearn') {
    const { arn } = identity.cluster
    if (values.some(isAssociationArn))
      return {
        code: 'trust-source-arn-is-association',
        found: `${asks}: the ARN of an association, where EKS sends the cluster's, ${arn}`,
        mend: 'append',
      }
    return {
      code: 'trust-source-arn-other-cluster',
      found: `${asks}; this cluster is ${arn}`,
      mend: 'append',
    }
  }
  if (lowerKey === 'aws:sourceaccount')
    return {
      code: 'trust-source-account-other',
      found: `${asks}; this cluster is in ${identity.account}`,
      mend: 'append',
    }
  if (
    !identity.sessionTags &&
    (lowerKey.startsWith('aws:requesttag/') ||
      lowerKey === 'aws:tagkeys' ||
      lowerKey === 'sts:transitivetagkeys')
  )
    return {
      code: 'trust-request-tag-without-session-tags',
      found: `${asks}, but the association switches session tags off, so that no request has any`,
      mend: 'append',
    }
  const value = tagContext('aws:RequestTag/', sessionTagsOf(identity), [key])[key]
  if (typeof value === 'string')
    return { code: 'trust-request-tag-other', found: `${asks}; here it is ${value}`, mend: 'append' }
  return {
    code: 'trust-condition-unmet',
    found: `${asks}, which no request of EKS for this cluster meets`,
    mend: 'append',
  }
}

const isAssociationArn = (arn: string): boolean => arn.includes(':podidentityassociation/')

const literalWildcardNote = ({ name, values }: Condition): string =>
  /equals/i.test(name) && !/arn/i.test(name) && values.some((value) => value.includes('*'))
    ? ` (${name} compares a * as it stands; StringLike and ArnLike take it as a wildcard)`
    : ''

const listed = (words: readonly string[]): string => words.join(' and ')
