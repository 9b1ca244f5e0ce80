import { conditionHolds } from './condition.ts'
import { type Context, fillIn, type Lookup, lookupIn, variableKeys } from './context.ts'
import {
  type DocumentKind,
  type DocumentProblem,
  type Element,
  type Principals,
  readDocument,
  type Statement,
} from './document.ts'
import { covers, overlaps } from './pattern.ts'
import type { Ternary } from './ternary.ts'

export type { Context, ContextValue } from './context.ts'
export type { DocumentKind, DocumentProblem } from './document.ts'

/** A policy as IAM has it: the document is parsed JSON of any shape, or the JSON text. */
export interface NamedPolicy {
  name: string
  document: unknown
}

/**
 * Who asks to assume a role: every name of theirs that a trust policy may use, such as a role's ARN and the
 * ARN of its session.
 */
export interface TrustCaller {
  AWS: string | readonly string[]
}

/** The documents that decide together. */
export interface PolicyLayers {
  policies: readonly NamedPolicy[]
  /** The role's permissions boundary. */
  boundary?: NamedPolicy | undefined
  /** The session policy of an association. */
  session?: NamedPolicy | undefined
  /** A service principal (`pods.eks.amazonaws.com`): `policies` are then trust policies. */
  service?: string | undefined
  /** Instead of a service, an AWS principal: `policies` are then trust policies too. */
  principal?: TrustCaller | undefined
}

/** What is asked. Action and resource may hold wildcards, and then the whole set must be granted. */
export interface PolicyQuestion {
  action: string
  /** Plays no part in trust policies. */
  resource: string
  context: Context
}

/** resource: a policy of the resource, which the evaluator does not see and a need may name. */
export type Layer = 'role' | 'boundary' | 'session' | 'trust' | 'resource'

/** A statement that decided. */
export interface DecidingStatement {
  layer: Layer
  policy: string
  /** Its Sid, or `#n` counted from 1. */
  sid: string
}

/**
 * allowed: every layer grants all of it and nothing denies any of it.
 * conditional: unknown context keys, or a statement that cannot be read, decide.
 * implicitDeny: some layer does not grant all of it.
 * explicitDeny: a Deny takes in all of it; partialDeny: a Deny takes in some of it.
 */
export type Decision = 'allowed' | 'conditional' | 'implicitDeny' | 'explicitDeny' | 'partialDeny'

export interface Evaluation {
  decision: Decision
  /** The statements that decided; none where the decision is that nothing grants it. */
  by: DecidingStatement[]
  /** The unknown context keys that a conditional decision hangs on. */
  missingKeys: string[]
}

/** An evaluation that also says which layers stood in the way. */
export interface Judgement extends Evaluation {
  layers: Layer[]
}

interface PreparedLayer {
  layer: Layer
  policies: readonly { name: string; statements: readonly Statement[] }[]
}

/** Policy layers that were read once, to answer many questions. */
export interface PreparedPolicies {
  layers: readonly PreparedLayer[]
  trustedAs?: { service?: string | undefined; aws: readonly string[] }
}

/**
 * What IAM would decide, from the documents alone: explicit Deny over everything, then every layer must
 * allow. Context keys that are not given make a decision conditional only where they matter.
 *
 * A document with a fault never grants, as IAM would not have taken it. Where it might deny (by a Deny, an
 * unreadable effect, or by being unreadable) every decision is conditional at best.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export const evaluate = (input: PolicyLayers & PolicyQuestion): Evaluation => {
  const { decision, by, missingKeys } = judge(preparePolicies(input), input)
  return { decision, by, missingKeys }
}

/** The faults of a policy document, each with the place it is at; none where IAM would accept its form. */
export const checkPolicyDocument = (
  document: unknown,
  kind: DocumentKind = 'identity',
): DocumentProblem[] => [...readDocument(document, kind).problems]

/** Every context key the documents ask about, in conditions or as variables, as they spell it. */
export const askedKeys = (policies: PreparedPolicies): string[] => {
  const keys = new Set<string>()
  const statements = policies.layers.flatMap((layer) => layer.policies.flatMap((policy) => policy.statements))
  for (const { conditions, resources } of statements) {
    for (const { key, values } of conditions) {
      keys.add(key)
      for (const name of variableKeys(values)) keys.add(name)
    }
    for (const name of variableKeys(resources.patterns)) keys.add(name)
  }
  return [...keys]
}

/** Reads the documents once, for many questions. Later changes of the documents have no effect on it. */
export const preparePolicies = (input: PolicyLayers): PreparedPolicies => {
  if (input.service !== undefined || input.principal !== undefined) {
    const names = input.principal?.AWS ?? []
    return {
      layers: [readLayer('trust', input.policies)],
      trustedAs: { service: input.service, aws: typeof names === 'string' ? [names] : names },
    }
  }
  return {
    layers: [
      readLayer('role', input.policies),
      ...(input.boundary ? [readLayer('boundary', [input.boundary])] : []),
      ...(input.session ? [readLayer('session', [input.session])] : []),
    ],
  }
}

const readLayer = (layer: Layer, policies: readonly NamedPolicy[]): PreparedLayer => ({
  layer,
  policies: policies.map(({ name, document }) => ({
    name,
    statements: readDocument(document, layer === 'trust' ? 'trust' : 'identity').statements,
  })),
})

/** A statement that bears on a question, and the unknown keys it hangs on. */
interface Hit extends DecidingStatement {
  missing: ReadonlySet<string>
}

interface Hits {
  allow: Hit[]
  maybeAllow: Hit[]
  deny: Hit[]
  partDeny: Hit[]
  maybeDeny: Hit[]
}

/** As evaluate, for policies already read, naming the layers that stood in the way as well. */
export const judge = ({ layers, trustedAs }: PreparedPolicies, question: PolicyQuestion): Judgement =>
  decide(layers, {
    action: question.action.toLowerCase(),
    resource: question.resource,
    lookup: lookupIn(question.context),
    trustedAs,
  })

const decide = (layers: readonly PreparedLayer[], ask: Ask): Judgement => {
  const judged = layers.map((layer) => ({ layer: layer.layer, hits: weigh(layer, ask) }))
  const all = (kind: keyof Hits) => judged.flatMap(({ hits }) => hits[kind])

  const denied = all('deny')
  if (denied.length > 0) return answer('explicitDeny', denied)
  const partlyDenied = all('partDeny')
  if (partlyDenied.length > 0) return answer('partialDeny', partlyDenied)
  const silent = judged.filter(({ hits }) => hits.allow.length + hits.maybeAllow.length === 0)
  if (silent.length > 0)
    return { decision: 'implicitDeny', by: [], missingKeys: [], layers: silent.map(({ layer }) => layer) }
  const open = judged.flatMap(({ hits }) => [
    ...hits.maybeDeny,
    ...(hits.allow.length === 0 ? hits.maybeAllow : []),
  ])
  return open.length > 0 ? answer('conditional', open) : answer('allowed', all('allow'))
}

const answer = (decision: Decision, hits: readonly Hit[]): Judgement => {
  const by = hits.map(({ layer, policy, sid }) => ({ layer, policy, sid }))
  return {
    decision,
    by,
    missingKeys: decision === 'conditional' ? [...new Set(hits.flatMap(({ missing }) => [...missing]))] : [],
    layers: decision === 'allowed' ? [] : [...new Set(by.map(({ layer }) => layer))],
  }
}

interface Ask {
  /** In lower case, as all actions are compared. */
  action: string
  resource: string
  lookup: Lookup
  trustedAs: PreparedPolicies['trustedAs']
}

/** Sorts the statements that bear on the question by what they do to it. */
const weigh = ({ layer, policies }: PreparedLayer, ask: Ask): Hits => {
  const hits: Hits = { allow: [], maybeAllow: [], deny: [], partDeny: [], maybeDeny: [] }
  for (const { name: policy, statements } of policies)
    for (const statement of statements) {
      const missing = new Set<string>()
      const effect = effectOf(statement, ask, missing)
      if (effect) hits[effect].push({ layer, policy, sid: statement.sid, missing })
    }
  return hits
}

const effectOf = (statement: Statement, ask: Ask, missing: Set<string>): keyof Hits | undefined => {
  const allows = statement.effect === 'Allow'
  if (statement.faulty) return allows ? undefined : 'maybeDeny'
  const applies = statementApplies(statement, ask, allows, missing)
  if (applies === false) return undefined
  if (applies === 'unknown') return allows ? 'maybeAllow' : 'maybeDeny'
  if (allows) return 'allow'
  return statementApplies(statement, ask, true, missing) === true ? 'deny' : 'partDeny'
}

/** Whether the whole of what is asked lies in the statement, or (not `whole`) a part of it. */
const statementApplies = (statement: Statement, ask: Ask, whole: boolean, missing: Set<string>): Ternary => {
  if (ask.trustedAs && !namesCaller(statement.principals, ask.trustedAs)) return false
  if (elementApplies(statement.actions, ask.action, whole, ask.lookup, missing) !== true) return false
  const resource = ask.trustedAs
    ? true
    : elementApplies(statement.resources, ask.resource, whole, ask.lookup, missing)
  if (resource === false) return false
  let result: Ternary = resource
  for (const condition of statement.conditions) {
    const holds = conditionHolds(condition, ask.lookup, missing)
    if (holds === false) return false
    if (holds === 'unknown') result = holds
  }
  return result
}

const elementApplies = (
  element: Element,
  asked: string,
  whole: boolean,
  lookup: Lookup,
  missing: Set<string>,
): Ternary => {
  // All of it lies outside what is excluded if no part lies inside; a part does, if not all lies inside.
  const matches = whole !== element.negated ? covers : overlaps
  const open: string[] = []
  for (const pattern of element.patterns) {
    const text = element.variables ? fillIn(pattern, lookup) : pattern
    if (typeof text === 'string') {
      if (matches(text, asked)) return !element.negated
    } else if ((!text.known || element.negated) && overlaps(text.widest, asked)) {
      // What IAM excludes by a variable without a value is not documented, so neither answer is assumed.
      open.push(text.key)
    }
  }
  for (const key of open) missing.add(key)
  return open.length > 0 ? 'unknown' : element.negated
}

const namesCaller = (
  { anyone, services, aws, negated }: Principals,
  caller: NonNullable<PreparedPolicies['trustedAs']>,
): boolean => {
  const named =
    anyone ||
    services.some((service) => service === caller.service) ||
    caller.aws.some((arn) => aws.some((principal) => principal === arn || isAccountOf(principal, arn)))
  return named !== negated
}

/** An account, as its number or its root, matches every principal in it. */
const isAccountOf = (principal: string, arn: string): boolean => {
  const [, partition, , , account] = arn.split(':')
  return principal === account || principal === `arn:${partition}:iam::${account}:root`
}
