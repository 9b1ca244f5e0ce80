import type { AwsFailure } from '../failure.ts'
import { writeJson } from './json.ts'
import type { OperationModel, ServiceModel } from './model.ts'
import { escapeXml, writeXml } from './query.ts'

/** An HTTP answer, ready to be sent. */
export interface WireReply {
  status: number
  headers: Record<string, string>
  body: string | Buffer
}

/** The answer of an operation that did what it was asked. */
export const replyWith = (
  service: ServiceModel,
  operation: OperationModel,
  output: unknown,
  requestId: string,
): WireReply => ({
  status: operation.http.status,
  headers: headersOf(service, requestId),
  body:
    service.protocol === 'query'
      ? queryBody(service, operation, output, requestId)
      : JSON.stringify(writeJson(operation.output, output ?? {}) ?? {}),
})

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
export const failWith = (service: ServiceModel, failure: AwsFailure, requestId: string): WireReply => {
  const model = service.errors.get(failure.code)
  const status = failure.status ?? model?.status ?? 400
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
