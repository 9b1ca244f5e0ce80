import { randomUUID } from 'node:crypto'
import http from 'node:http'
import type { Call, CallLog, FaultAction } from '../calls.ts'
import type { WorkClock } from '../clock.ts'
import type { Account } from './account/account.ts'
import type { AccessKey } from './account/principals.ts'
import { authenticate } from './authentication.ts'
import { denialText, type PolicyAuthorizer, type RequiredPermission } from './authorization.ts'
import { AwsFailure } from './failure.ts'
import type { Operation, Operations } from './operation.ts'
import { validateInput } from './protocol/constraints.ts'
import { type OperationModel, type ServiceModel, type ServiceName, serviceModels } from './protocol/model.ts'
import { failWith, replyWith, type WireReply } from './protocol/replies.ts'
import { findOperation, readInput, type WireRequest } from './protocol/requests.ts'
import { readHeaderSignature } from './sigv4.ts'

export interface ServerOptions {
  account: Account
  authorizer: PolicyAuthorizer
  operations: Readonly<Record<ServiceName, Operations>>
  calls: CallLog
  clock: WorkClock
  /** The time that clients sign with, in milliseconds since the epoch. */
  signingTime: () => number
}

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

const READS = /^(Get|List|Describe|Simulate|Test)/

/** The HTTP server that AWS clients talk to; it listens on the loopback as soon as `listen` is called. */
export const createServer = (options: ServerOptions): http.Server => {
  const server = http.createServer((request, response) => {
    options.clock
      .work(() => respond(options, request))
      .then((reply) => {
        if (reply === 'silence') return
        if (reply) send(response, reply)
        else response.socket?.destroy()
      })
      .catch(() => response.socket?.destroy())
  })
  options.clock.attend(server)
  return server
}

const send = (response: http.ServerResponse, { status, headers, body }: WireReply): void => {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
}

/** What a client gets: an answer, a broken connection (undefined), or nothing at all until it gives up. */
type Outcome = WireReply | 'silence' | undefined

/** Answers a request. */
const respond = async (options: ServerOptions, incoming: http.IncomingMessage): Promise<Outcome> => {
  const requestId = randomUUID()
  const request = await readRequest(incoming)
  const service = serviceOf(request)
  if (!service) return notAnAwsRequest(requestId)
  const attempt = understand(options, service, request)
  const { call, fault } = options.calls.record(describeCall(options, attempt))
  const reply = await suffer(options, fault, service, requestId, () => perform(options, attempt, requestId))
  if (reply && reply !== 'silence') call.status = reply.status
  return reply
}

const readRequest = async (incoming: http.IncomingMessage): Promise<WireRequest> => {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const host = incoming.headers.host ?? 'localhost'
  return {
    method: incoming.method ?? 'GET',
    url: new URL(incoming.url ?? '/', `http://${host}`),
    headers: incoming.headers,
    body: Buffer.concat(chunks),
  }
}

const serviceOf = (request: WireRequest): ServiceModel | undefined => {
  const name = readHeaderSignature(request)?.service ?? ''
  return Object.hasOwn(serviceModels, name) ? serviceModels[name as ServiceName] : undefined
}

const notAnAwsRequest = (requestId: string): WireReply => ({
  status: 403,
  headers: {
    'content-type': 'application/json',
    'x-amzn-requestid': requestId,
    'x-amzn-errortype': 'MissingAuthenticationTokenException',
  },
  body: JSON.stringify({
    message: `Missing Authentication Token: sign with Signature Version 4 for one of ${Object.keys(serviceModels).join(', ')}`,
  }),
})

const understand = (options: ServerOptions, service: ServiceModel, request: WireRequest): Attempt => {
  const attempt: Attempt = { service }
  try {
    attempt.model = findOperation(service, request)
    attempt.input = readInput(service, attempt.model, request)
    const operation = options.operations[service.name][attempt.model.name]
    if (operation) attempt.operation = operation
    attempt.key = authenticateRequest(options, service, request)
    if (!operation)
      throw new AwsFailure('NotImplemented', `The stand-in does not serve ${attempt.model.name}`, {
        status: 501,
      })
    validateInput(service, attempt.model, attempt.input)
  } catch (error) {
    attempt.failure = asFailure(error)
  }
  return attempt
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
  return authenticate(service, signature, account.principals, { region: account.region, now: signingTime() })
}

const asFailure = (error: unknown): AwsFailure =>
  error instanceof AwsFailure
    ? error
    : new AwsFailure('InternalFailure', `The stand-in failed: ${String(error)}`, { status: 500 })

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

const perform = async (options: ServerOptions, attempt: Attempt, requestId: string): Promise<WireReply> => {
  try {
    if (attempt.failure) throw attempt.failure
    const understood = attempt as Understood // reading got to its end without a failure
    const output = await carryOut(options, understood)
    return replyWith(understood.service, understood.model, output, requestId)
  } catch (error) {
    return failWith(attempt.service, asFailure(error), requestId)
  }
}

const carryOut = (options: ServerOptions, { service, model, operation, input, key }: Understood): unknown => {
  const require = (need: RequiredPermission, terse: boolean): void => {
    const verdict = options.authorizer.decide(key.principal, need)
    if (verdict.decision !== 'allowed')
      throw denial(service, denialText(key.principal.arn, need, verdict, terse))
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

const denial = (service: ServiceModel, message: string): AwsFailure =>
  service.protocol === 'query'
    ? new AwsFailure('AccessDenied', message, { status: 403 })
    : new AwsFailure('AccessDeniedException', message, {
        status: service.protocol === 'restJson' ? 403 : 400,
      })
