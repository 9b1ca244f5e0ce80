import { randomUUID } from 'node:crypto'
import http from 'node:http'
import type { Call, CallLog, FaultAction } from '../calls.ts'
import type { WorkClock } from '../clock.ts'
import type { Account } from './account/account.ts'
import type { AccessKey } from './account/principals.ts'
import { authenticate, checkPayload } from './authentication.ts'
import { denialText, type PolicyAuthorizer, type RequiredPermission } from './authorization.ts'
import { AwsFailure } from './failure.ts'
import type { Operation, Operations } from './operation.ts'
import { readRequestBody } from './protocol/body.ts'
import { validateInput } from './protocol/constraints/validate.ts'
import {
  isServed,
  modelOf,
  type OperationModel,
  type ServiceModel,
  type ServiceName,
  servedServices,
} from './protocol/model.ts'
import { accessDenied, failWith, replyWith } from './protocol/replies.ts'
import { findOperation, readInput } from './protocol/requests.ts'
import { unreadMembers } from './protocol/unread.ts'
import { failForClientOf } from './protocol/unserved.ts'
import type { WireReply, WireRequest } from './protocol/wire.ts'
import { readHeaderSignature, signedService } from './sigv4.ts'

export interface ServerOptions {
  account: Account
  authorizer: PolicyAuthorizer
  operations: Readonly<Record<ServiceName, Operations>>
  calls: CallLog
  clock: WorkClock
  /** The time that clients sign with, in milliseconds since the epoch. */
  signingTime: () => number
  pageSize?: PageSize | undefined
}

/** The most that a page of a list holds, whatever a request asks for; or of an operation's lists, by its name. */
export type PageSize = number | ((operation: string) => number)

/** A request that was understood: everything that is needed to carry it out. */
interface Understood {
  service: ServiceModel
  model: OperationModel
  operation: Operation
  input: Record<string, unknown>
  key: AccessKey
}

/** What could be read of a request, in order: reading stops at the first failure. */
type Attempt = { service: ServiceModel; failure?: AwsFailure } & Partial<Omit<Understood, 'service'>>

const READS = /^(Get|List|Describe|Head|Simulate|Test)/

/** The HTTP server that AWS clients talk to; it listens on the loopback as soon as `listen` is called. */
export const createServer = (options: ServerOptions): http.Server => {
  // Node's five seconds would cut off clients that reuse a connection after a pause; AWS keeps idle ones longer.
  const server = http.createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    options.clock
      .work(() => respond(options, request))
      .then((reply) => {
        if (reply === 'silence') return
        if (reply) send(response, reply)
        else response.socket?.destroy()
      })
      .catch((error: unknown) => {
        // The last boundary: nothing a client sends may end the process, and every request gets an answer.
        reportFault('answering a request', error)
        if (response.headersSent) response.socket?.destroy()
        else send(response, brokenReply(error))
      })
  })
  options.clock.attend(server)
  return server
}

const send = (response: http.ServerResponse, { status, headers, body }: WireReply): void => {
  // An answer to HEAD says how long the body is that it does not have.
  response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers }).end(body)
}

/** A fault of the stand-in itself goes to standard error, where whoever runs it sees it. */
const reportFault = (during: string, error: unknown): void =>
  void process.stderr.write(
    `The AWS stand-in failed at ${during}: ${error instanceof Error ? error.stack : String(error)}\n`,
  )

const brokenReply = (error: unknown): WireReply => ({
  status: 500,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'InternalFailure' },
  body: JSON.stringify({ __type: 'InternalFailure', message: `The stand-in failed: ${String(error)}` }),
})

/** What a client gets: an answer, a broken connection (undefined), or nothing at all until it gives up. */
type Outcome = WireReply | 'silence' | undefined

/** Answers a request. */
const respond = async (options: ServerOptions, incoming: http.IncomingMessage): Promise<Outcome> => {
  const requestId = randomUUID()
  const scoped = signedService(incoming.headers)
  const service = isServed(scoped) ? await modelOf(scoped) : undefined
  const { body, failure } = await readRequestBody(incoming, service?.name)
  const url = parseUrl(incoming.url ?? '/')
  const request = {
    method: incoming.method ?? 'GET',
    url: url ?? new URL(BASE),
    headers: incoming.headers,
    body,
  }
  if (!service) return refuseService(scoped, request, requestId)
  const attempt: Attempt =
    failure || !url
      ? { service, failure: failure ?? unreadableUrl(incoming.url) }
      : understand(options, service, request)
  const { call, fault } = options.calls.record(describeCall(options, attempt))
  const reply = await suffer(options, fault, service, requestId, async () => {
    const done = await perform(options, attempt, requestId, call)
    if (done.status < 400) call.applied = true
    return done
  })
  if (reply && reply !== 'silence') call.status = reply.status
  return reply
}

/** The Host header plays no part: it may be anything, and is covered by the signature as it came. */
const BASE = 'http://localhost'

const parseUrl = (target: string): URL | undefined => {
  const url = target.startsWith('/') ? `${BASE}${target}` : target
  return URL.canParse(url) ? new URL(url) : undefined
}

const unreadableUrl = (target = ''): AwsFailure =>
  new AwsFailure('MalformedHttpRequestException', `The request's target is no URL: ${target.slice(0, 100)}`, {
    status: 400,
  })

/** For whoever asks for a service that is not served, or asks without a signature that names one. */
const refuseService = (service: string | undefined, request: WireRequest, requestId: string): WireReply => {
  const served = servedServices.join(', ')
  const error =
    service === undefined
      ? {
          status: 403,
          code: 'MissingAuthenticationTokenException',
          message: `Missing Authentication Token: sign with Signature Version 4 for one of ${served}`,
        }
      : {
          status: 501,
          code: 'NotImplemented',
          message: `The stand-in does not serve ${service}; it serves ${served}`,
        }
  return failForClientOf(service ?? '', request, error, requestId)
}

const understand = (options: ServerOptions, service: ServiceModel, request: WireRequest): Attempt => {
  const attempt: Attempt = { service }
  try {
    attempt.model = findOperation(service, request)
    const { input, unknown } = readInput(service, attempt.model, request)
    attempt.input = input
    const operation = options.operations[service.name][attempt.model.name]
    if (operation) attempt.operation = operation
    attempt.key = authenticateRequest(options, service, request)
    if (!operation) throw notImplemented(`The stand-in does not serve ${attempt.model.name}`)
    validateInput(service, attempt.model, input)
    refuseUnread(attempt.model, operation, input, unknown)
    limitPage(operation, input, mostOn(options.pageSize, attempt.model.name))
  } catch (error) {
    attempt.failure = asFailure(error)
  }
  return attempt
}

const notImplemented = (message: string): AwsFailure =>
  new AwsFailure('NotImplemented', message, { status: 501 })

/** What an operation does not read would be ignored in silence, so a request that carries it is refused. */
const refuseUnread = (
  { name, input: schema }: OperationModel,
  { reads }: Operation,
  input: Record<string, unknown>,
  unknown: readonly string[],
): void => {
  const unread = [...new Set([...unreadMembers(schema, input, reads), ...unknown])]
  if (unread.length === 0) return
  const members = unread.length === 1 ? 'member' : 'members'
  throw notImplemented(
    `The stand-in's ${name} does not read the ${members} ${unread.slice(0, 20).join(', ')}; it reads ${reads.join(', ') || 'none'}`,
  )
}

/** How the services' lists are asked for the size of a page. */
const pageSizes = [
  'maxResults',
  'MaxResults',
  'MaxItems',
  'Limit',
  'limit',
  'MaxKeys',
  'MaxParts',
  'MaxUploads',
]

const mostOn = (size: PageSize | undefined, operation: string): number | undefined =>
  typeof size === 'function' ? size(operation) : size

const limitPage = ({ reads }: Operation, input: Record<string, unknown>, most: number | undefined): void => {
  if (most === undefined) return
  for (const member of pageSizes)
    if (reads.includes(member)) input[member] = Math.min(Number(input[member] || most), most)
}

const authenticateRequest = (
  { account, signingTime }: ServerOptions,
  service: ServiceModel,
  request: WireRequest,
): AccessKey => {
  const signature = readHeaderSignature(request)
  if (!signature)
    throw new AwsFailure('MissingAuthenticationTokenException', 'Missing Authentication Token', {
      status: 403,
    })
  const key = authenticate(service, signature, account.principals, {
    region: account.region,
    now: signingTime(),
  })
  checkPayload(service, request)
  return key
}

const asFailure = (error: unknown, call?: Call): AwsFailure => {
  if (error instanceof AwsFailure) return error
  reportFault(call ? `${call.service} ${call.operation}` : 'reading a request', error)
  if (call) call.failure = String(error)
  return new AwsFailure('InternalFailure', `The stand-in failed: ${String(error)}`, { status: 500 })
}

const describeCall = (options: ServerOptions, attempt: Attempt): Omit<Call, 'id'> => {
  const operation = attempt.model?.name ?? 'unknown'
  const complete = attempt.failure ? undefined : attempt.operation
  const subject = attempt.input && complete?.subject?.(attempt.input)
  return {
    service: attempt.service.name,
    operation,
    write: attempt.model !== undefined && !READS.test(operation),
    at: options.clock.now(),
    ...(attempt.key ? { principal: attempt.key.principal.arn } : {}),
    ...(subject === undefined ? {} : { subject }),
  }
}

/** Applies an injected fault around the real work. */
const suffer = async (
  { clock }: ServerOptions,
  fault: FaultAction | undefined,
  service: ServiceModel,
  requestId: string,
  work: () => Promise<WireReply>,
): Promise<Outcome> => {
  switch (fault?.kind) {
    case 'error': {
      const failure = new AwsFailure(fault.code, fault.message ?? fault.code, { status: fault.status })
      const reply = failWith(service, failure, requestId)
      return { ...reply, headers: { ...reply.headers, ...fault.headers } }
    }
    case 'cut':
      return undefined
    case 'lose':
      await work()
      return undefined
    case 'delay':
      await clock.sleep(fault.ms)
      return work()
    case 'hang':
      return 'silence'
    case 'garble':
      return {
        status: fault.status,
        headers: { 'content-type': fault.contentType ?? 'text/html' },
        body: fault.body,
      }
    default:
      return work()
  }
}

const perform = async (
  options: ServerOptions,
  attempt: Attempt,
  requestId: string,
  call: Call,
): Promise<WireReply> => {
  try {
    if (attempt.failure) throw attempt.failure
    const understood = attempt as Understood // reading got to its end without a failure
    const output = await carryOut(options, understood)
    return replyWith(understood.service, understood.model, output, requestId)
  } catch (error) {
    const bodiless = attempt.model?.http.method === 'HEAD'
    return failWith(attempt.service, asFailure(error, call), requestId, { bodiless })
  }
}

const carryOut = (options: ServerOptions, { service, model, operation, input, key }: Understood): unknown => {
  const require = (need: RequiredPermission, terse: boolean): void => {
    const verdict = options.authorizer.decide(key.principal, need)
    if (verdict.decision !== 'allowed')
      throw accessDenied(service, denialText(key.principal.arn, need, verdict, terse))
  }
  if (operation.authorized !== false)
    require(needOf(service, model, operation, input), service.name === 'eks')
  return operation.handle(input, { principal: key.principal, require: (need) => require(need, false) })
}

const needOf = (
  service: ServiceModel,
  model: OperationModel,
  operation: Operation,
  input: Record<string, unknown>,
): RequiredPermission => {
  const label = operation.resourceLabel?.(input)
  const context = operation.context?.(input)
  return {
    action: operation.action ?? `${service.name}:${model.name}`,
    resource: operation.resource(input),
    ...(label === undefined ? {} : { label }),
    ...(context === undefined ? {} : { context }),
  }
}
