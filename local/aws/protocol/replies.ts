import { AwsFailure } from '../failure.ts'
import { writeJson } from './json.ts'
import type { OperationModel, ServiceModel } from './model.ts'
import { escapeXml, writeXml } from './query.ts'
import { headersOf as memberHeaders, payloadOf, xmlFailure, xmlReply } from './rest-xml.ts'
import type { WireReply } from './wire.ts'

/** The answer of an operation that did what it was asked. */
export const replyWith = (
  service: ServiceModel,
  operation: OperationModel,
  output: unknown,
  requestId: string,
): WireReply => {
  if (service.protocol === 'restXml')
    return xmlReply(operation, output, { namespace: service.namespace, requestId })
  if (service.protocol === 'restJson' && payloadOf(operation.output))
    return payloadReply(service, operation, output as Record<string, unknown>, requestId)
  return {
    status: operation.http.status,
    headers: headersOf(service, requestId),
    body:
      service.protocol === 'query'
        ? queryBody(service, operation, output, requestId)
        : JSON.stringify(writeJson(operation.output, output ?? {}) ?? {}),
  }
}

/** An answer of which one member is the body, some are headers, and one may be the status. */
const payloadReply = (
  service: ServiceModel,
  operation: OperationModel,
  output: Record<string, unknown>,
  requestId: string,
): WireReply => {
  const members = operation.output.isStructSchema() ? [...operation.output.structIterator()] : []
  const [status] = members.find(([, member]) => member.getMergedTraits().httpResponseCode) ?? []
  const body = output[payloadOf(operation.output)?.[0] ?? '']
  return {
    status: Number(output[status ?? ''] ?? operation.http.status),
    headers: { ...headersOf(service, requestId), ...memberHeaders(operation.output, output) },
    body: body instanceof Uint8Array ? Buffer.from(body) : '',
  }
}

const headersOf = (service: ServiceModel, requestId: string): Record<string, string> => ({
  'content-type': service.contentType,
  'x-amzn-requestid': requestId,
})

const queryBody = (
  service: ServiceModel,
  operation: OperationModel,
  output: unknown,
  requestId: string,
): string => {
  const result = operation.output.isUnitSchema()
    ? ''
    : writeXml(operation.output, `${operation.name}Result`, output ?? {})
  const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`
  return `<${operation.name}Response xmlns="${service.namespace}">${result}${metadata}</${operation.name}Response>`
}

/** The answer of an operation that refused, in the shape from which the service's clients make errors. */
export const failWith = (
  service: ServiceModel,
  failure: AwsFailure,
  requestId: string,
  { bodiless = false }: { bodiless?: boolean } = {},
): WireReply => {
  const model = service.errors.get(failure.code)
  const status = failure.status ?? model?.status ?? 400
  if (service.protocol === 'restXml') return xmlFailure(failure, { status, requestId, bodiless })
  const headers = headersOf(service, requestId)
  const code = model?.wireCode ?? failure.code
  if (service.protocol === 'query') {
    const type = status >= 500 ? 'Receiver' : 'Sender'
    const error = `<Type>${type}</Type><Code>${escapeXml(code)}</Code><Message>${escapeXml(failure.message)}</Message>`
    const body = `<ErrorResponse xmlns="${service.namespace}"><Error>${error}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`
    return { status, headers, body }
  }
  const type = service.protocol === 'json' ? { __type: `${service.namespace}#${failure.code}` } : {}
  return {
    status,
    headers: { ...headers, 'x-amzn-errortype': failure.code },
    body: JSON.stringify({ ...type, message: failure.message, ...failure.fields }),
  }
}

/** The refusal of what the caller's policies do not allow, under the name that the service has for it. */
export const accessDenied = (service: ServiceModel, message: string): AwsFailure =>
  service.protocol === 'query' || service.protocol === 'restXml'
    ? new AwsFailure('AccessDenied', message, { status: 403 })
    : new AwsFailure('AccessDeniedException', message, {
        status: service.protocol === 'restJson' ? 403 : 400,
      })
