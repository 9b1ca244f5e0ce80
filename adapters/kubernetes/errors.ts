import type { IncomingHttpHeaders } from 'node:http'
import { AccessDenied, Conflict, InvalidRequest, PodidError, Transient } from '../../core/errors.ts'
import {
  type GrantedBy,
  grantedBy,
  type LackingRule,
  lackingRule,
  ruleText,
} from '../../core/steps/cluster-rights.ts'
import { excerpt, redact } from '../../core/text/redact.ts'
import { command } from '../../core/text/shell.ts'

/** What was asked of the API, as an error names it. */
export interface Asked {
  /** RBAC's verb: get, list, watch, patch, create. */
  verb: string
  /** `deployments "carts" in namespace carts` */
  subject: string
  cluster: string
}

/** Characters of what an API server says that are worth a reader's time. */
const mostOfAnswer = 1500

/** An answer of the API server that is not a success; its message is without secrets, as a proxy may repeat headers. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure'
  readonly status: number
  /** Kubernetes' own word for it: `Forbidden`, `Expired`, `NotFound`. */
  readonly reason: string
  readonly retryAfterMs: number | undefined

  constructor(status: number, reason: string, message: string, retryAfterMs?: number) {
    super(excerpt(message, mostOfAnswer))
    this.status = status
    this.reason = reason
    this.retryAfterMs = retryAfterMs
  }
}

/** A success whose body is not what was asked for: a proxy's page, nothing at all. */
export class UnreadableAnswer extends Error {
  override readonly name = 'UnreadableAnswer'
  constructor(body: string) {
    super(
      `what answered did not answer as the Kubernetes API does (${body.trim() === '' ? 'an empty body' : `"${foreign(body).slice(0, 200)}"`}). See whether a proxy answers in its place`,
    )
  }
}

/** Text of something that is not the API server, on one line. */
const foreign = (text: string): string => excerpt(text.replace(/\s+/g, ' ').trim())

/** Reads a failed answer's body, which is a Status object, or text where something before the API answered. */
export const readFailure = (status: number, headers: IncomingHttpHeaders, body: string): ApiFailure => {
  const seconds = Number(headers['retry-after'] ?? Number.NaN)
  const { message, reason } = parseStatus(body)
  return new ApiFailure(status, reason, message, Number.isFinite(seconds) ? seconds * 1000 : undefined)
}

const parseStatus = (body: string): { message: string; reason: string } => {
  try {
    const status: { message?: unknown; reason?: unknown } = JSON.parse(body)
    return { message: String(status.message ?? ''), reason: String(status.reason ?? '') }
  } catch {
    return { message: foreign(body), reason: '' }
  }
}

/** Restates whatever a request ran into in the names that the workflow knows, the original as cause. */
export const restateKubernetesError = (asked: Asked, error: unknown): PodidError => {
  if (error instanceof PodidError) return error
  if (error instanceof ApiFailure) return restateAnswer(asked, error)
  return error instanceof UnreadableAnswer
    ? new Transient(`${doing(asked)}: ${error.message}`, { cause: error })
    : restateSilence(asked, error)
}

const doing = ({ verb, subject, cluster }: Asked): string => `${verb} ${subject} on cluster ${cluster}`

const restateAnswer = (asked: Asked, failure: ApiFailure): PodidError => {
  const { status, reason } = failure
  const message = redact(failure.message)
  const said = `${doing(asked)}: ${[status, reason].filter(Boolean).join(' ')}${message && message !== reason ? `: ${message}` : ''}`
  const options = { cause: failure }
  if (status === 401) return new AccessDenied(`${said}. ${unknownCaller(asked.cluster)}`, options)
  if (status === 403) return new AccessDenied(`${said}. ${lackingRights(message)}`, options)
  if (status === 409) return new Conflict(said, options)
  if (status === 408 || status === 410 || status === 429 || status >= 500) return new Transient(said, options)
  return new InvalidRequest(said, options)
}

const unknownCaller = (cluster: string): string =>
  `The cluster does not know the caller: give its IAM role an access entry (${command`aws eks create-access-entry --cluster-name ${cluster} --principal-arn ROLE_ARN --kubernetes-groups GROUPS`}, with the groups that manifests/ binds); a fresh one takes some seconds to count. If it has one, see whether the credentials have expired and this machine’s clock is right`

const lackingRights = (message: string): string => {
  const rule = lackingRule(message)
  const granted = rule && grantedBy(rule)
  if (!rule || !granted)
    return `${rule ? `The rule ${ruleText(rule)} is missing. ` : ''}Apply manifests/ to the cluster and its namespace, and give the caller’s access entry the groups that it binds`
  return `The rule ${ruleText(rule)} is missing ${scopeOf(rule)}: the role ${granted.role} has it (${granted.at}). Apply manifests/ to the cluster and its namespace, and give the caller’s access entry the group ${granted.group}`
}

const scopeOf = ({ namespace }: LackingRule): string =>
  namespace === undefined ? 'for the whole cluster' : `in namespace ${namespace}`

/** Whom an API server refused by the cluster's RBAC, and which role of manifests/ would have let the caller through. */
export interface RbacRefusal {
  user: string
  /** Where the rule is missing: `for the whole cluster`, `in namespace carts`. */
  scope: string
  /** Undefined where no role of manifests/ grants it. */
  right: GrantedBy | undefined
}

/** The refusal behind a restated error; undefined where it is another failure, or does not say who lacks what. */
export const refusalOf = (error: unknown): RbacRefusal | undefined => {
  const rule = lackingRule(redact(failureOf(error)?.message ?? ''))
  return rule && { user: rule.user, scope: scopeOf(rule), right: grantedBy(rule) }
}

/** No answer at all: refused, reset, timed out, or a certificate that the cluster's CA did not sign. */
const restateSilence = (asked: Asked, error: unknown): Transient => {
  const root = rootOf(error)
  // A DOMException's code is a number without meaning to a reader.
  const code = 'code' in root && typeof root.code === 'string' ? root.code : undefined
  return new Transient(
    `${doing(asked)}: no answer from the API server (${[code, redact(root.message)].filter(Boolean).join(': ') || root.name})`,
    { cause: error },
  )
}

const rootOf = (error: unknown): Error => {
  if (!(error instanceof Error)) return new Error(String(error))
  return error.cause instanceof Error ? rootOf(error.cause) : error
}

/** The HTTP status behind a restated error, where the API server answered at all. */
export const statusOf = (error: unknown): number | undefined => failureOf(error)?.status

/**
 * Whether the API server itself said that there is no such object. A proxy's 404 says nothing of the object, and
 * neither does that of a kind that the server does not know.
 */
export const isNotFound = (error: unknown): boolean => {
  const failure = failureOf(error)
  return failure?.status === 404 && failure.reason === 'NotFound'
}

/** How long the API server asked to be left alone, in milliseconds. */
export const retryAfterOf = (error: unknown): number | undefined => failureOf(error)?.retryAfterMs

const failureOf = (error: unknown): ApiFailure | undefined => {
  if (error instanceof ApiFailure) return error
  return error instanceof Error && error.cause instanceof ApiFailure ? error.cause : undefined
}
