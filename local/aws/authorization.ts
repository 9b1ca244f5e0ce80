import {
  type ContextValue,
  type Decision,
  type Evaluation,
  evaluate,
  type NamedPolicy,
  type PolicyLayers,
} from '../../core/policy/evaluate.ts'
import { appendBounded, setBounded } from '../bounded.ts'
import type { Account } from './account/account.ts'
import type { Principal } from './account/principals.ts'
import type { IamRole } from './account/roles.ts'

/** A permission that a request takes. */
export interface RequiredPermission {
  /** `eks:DescribeCluster`. */
  action: string
  /** An ARN, or `*` for what cannot be narrowed. */
  resource: string
  /** How the denial names the resource, where it is not the ARN: `role eks-workshop-carts-dynamo`. */
  label?: string
  context?: RequestContext
}

/** Condition keys and their values; null is known to be absent. */
export type RequestContext = Record<string, ContextValue>

/** The outcome for one permission, and the kind of policy that decided a denial. */
export interface PolicyDecision {
  decision: 'allowed' | 'implicitDeny' | 'explicitDeny'
  /** As AWS's messages name it. */
  policyType: string
}

/** A permission that somebody needed, and whether they had it. */
export interface Authorization {
  /** The role's or user's ARN. */
  principal: string
  action: string
  resource: string
  decision: PolicyDecision['decision']
}

/** How many decisions are remembered: more than any test or scenario needs. */
const MOST_DECISIONS = 20_000
/** Of how many roles and users it is known what they needed last. */
const MOST_PRINCIPALS = 1000

/** Decides what principals may do from the account's policies, and remembers the latest decisions. */
export class PolicyAuthorizer {
  readonly #account: Account
  /** The latest decisions, in order. */
  readonly log: Authorization[] = []
  /** When each role or user last needed each action, by its ARN. */
  readonly lastUse = new Map<string, Map<string, Date>>()

  constructor(account: Account) {
    this.#account = account
  }

  decide(principal: Principal, need: RequiredPermission): PolicyDecision {
    const context = { ...this.#contextOf(principal), ...need.context }
    const verdict = decide(this.#layersOf(principal), need, context, this.#account.serviceControlPolicies)
    const { action, resource } = need
    const arn = this.#account.identityArn(principal)
    appendBounded(this.log, { principal: arn, action, resource, decision: verdict.decision }, MOST_DECISIONS)
    const uses = this.lastUse.get(arn) ?? new Map<string, Date>()
    setBounded(this.lastUse, arn, uses.set(action, this.#account.now()), MOST_PRINCIPALS)
    return verdict
  }

  #layersOf(principal: Principal): PolicyLayers {
    if (principal.kind === 'user') return { policies: named(principal.policies) }
    const role = this.#account.roleByArn(principal.roleArn)
    if (!role) return { policies: [] }
    return {
      ...roleLayers(this.#account, role),
      ...(principal.policy ? { session: { name: 'session', document: principal.policy } } : {}),
    }
  }

  #contextOf(principal: Principal): RequestContext {
    const now = this.#account.now()
    return {
      'aws:PrincipalArn': this.#account.identityArn(principal),
      'aws:PrincipalAccount': this.#account.accountId,
      'aws:PrincipalType': principal.kind === 'user' ? 'User' : 'AssumedRole',
      'aws:userid': principal.userId,
      'aws:username': principal.kind === 'user' ? principal.name : null,
      // Only temporary credentials say so.
      'aws:MultiFactorAuthPresent': principal.kind === 'user' ? null : 'false',
      'aws:RequestedRegion': this.#account.region,
      'aws:ResourceAccount': this.#account.accountId,
      'aws:CurrentTime': now.toISOString(),
      'aws:EpochTime': String(Math.floor(now.getTime() / 1000)),
      'aws:SourceIp': '127.0.0.1',
      // The stand-in speaks plain HTTP on the loopback only; policies are to see what they would see at AWS.
      'aws:SecureTransport': 'true',
      'aws:ViaAWSService': 'false',
      'aws:PrincipalIsAWSService': 'false',
      ...this.#principalTags(principal),
    }
  }

  #principalTags(principal: Principal): RequestContext {
    if (principal.kind === 'user') return {}
    const role = this.#account.roleByArn(principal.roleArn)
    const tags = { ...Object.fromEntries(role?.tags ?? []), ...principal.tags }
    return Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:PrincipalTag/${key}`, value]))
  }
}

/** The permissions policies of a role in their default versions, and its boundary. */
export const roleLayers = (account: Account, role: IamRole): PolicyLayers => {
  const boundary = role.boundary && managedPolicies(account, [role.boundary])
  return {
    policies: [...managedPolicies(account, role.attached), ...named(role.inline)],
    // A boundary that was deleted allows nothing.
    ...(boundary ? { boundary: boundary[0] ?? { name: 'boundary', document: { Statement: [] } } } : {}),
  }
}

const managedPolicies = (account: Account, arns: Iterable<string>): NamedPolicy[] =>
  [...arns].flatMap((arn) => {
    const policy = account.policy(arn)
    const version = policy?.versions.get(policy.defaultVersion)
    return policy && version ? [{ name: policy.name, document: version.document }] : []
  })

const named = (documents: Iterable<readonly [string, string]>): NamedPolicy[] =>
  [...documents].map(([name, document]) => ({ name, document }))

/** What AWS would decide of one permission in a complete context. */
const decide = (
  { policies, boundary, session }: PolicyLayers,
  { action, resource }: Pick<RequiredPermission, 'action' | 'resource'>,
  context: RequestContext,
  organization: readonly NamedPolicy[] = [],
): PolicyDecision => {
  const layers: [policyType: string, policies: readonly NamedPolicy[]][] = [
    ...(organization.length > 0
      ? [['service control policy', organization] as [string, readonly NamedPolicy[]]]
      : []),
    ['identity-based policy', policies],
    ...(boundary ? [['permissions boundary', [boundary]] as [string, NamedPolicy[]]] : []),
    ...(session ? [['session policy', [session]] as [string, NamedPolicy[]]] : []),
  ]
  // Layer by layer, since the message names the kind of policy that stood in the way.
  const verdicts = layers.map(([policyType, layer]): PolicyDecision => {
    const ask = (known: RequestContext) => evaluate({ policies: layer, action, resource, context: known })
    return { decision: outcome(settle(ask, context).decision), policyType }
  })
  const find = (decision: PolicyDecision['decision']) =>
    verdicts.find((verdict) => verdict.decision === decision)
  return find('explicitDeny') ?? find('implicitDeny') ?? { decision: 'allowed', policyType: '' }
}

/** A decision as AWS has it, where nothing is unknown. */
export const outcome = (decision: Decision): PolicyDecision['decision'] => {
  if (decision === 'allowed') return 'allowed'
  return decision === 'explicitDeny' || decision === 'partialDeny' ? 'explicitDeny' : 'implicitDeny'
}

/**
 * Decides with a complete context: the evaluator treats a key that it was not given as unknown, while a
 * request carries all the keys that it will ever have, so what is not among them is absent.
 */
export const settle = <Answer extends Evaluation>(
  ask: (context: RequestContext) => Answer,
  context: RequestContext,
): Answer => {
  const answer = ask(context)
  const absent = answer.missingKeys.filter((key) => !(key in context))
  return absent.length === 0
    ? answer
    : settle(ask, { ...context, ...Object.fromEntries(absent.map((key) => [key, null])) })
}

/** The text of AWS's AccessDenied; `terse` for services that do not say which policy was missing. */
export const denialText = (
  caller: string,
  need: RequiredPermission,
  verdict: PolicyDecision,
  terse = false,
): string => {
  const what = `User: ${caller} is not authorized to perform: ${need.action} on resource: ${need.label ?? need.resource}`
  const { decision, policyType } = verdict
  if (decision === 'explicitDeny') {
    const article = policyType.startsWith('i') ? 'an' : 'a'
    return terse
      ? `${what} with an explicit deny`
      : `${what} with an explicit deny in ${article} ${policyType}`
  }
  return terse ? what : `${what} because no ${policyType} allows the ${need.action} action`
}
