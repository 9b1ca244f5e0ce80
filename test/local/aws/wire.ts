import { createHash } from 'node:crypto'
import http from 'node:http'
import type { AwsStandIn } from '../../../local/aws/index.ts'
import { formatAmzDate, signatureOf } from '../../../local/aws/sigv4.ts'

/** A request as it travels, before it is signed. */
export interface WireCall {
  service: string
  method: string
  /** With its query, encoded. */
  target: string
  headers?: Record<string, string>
  body?: string
}

export interface WireAnswer {
  status: number
  headers: http.IncomingHttpHeaders
  text: string
}

// Without connections that are reused: the server may close an idle one just as it is taken.
const agent = new http.Agent({ keepAlive: false })

const encoded = (part: string): string =>
  encodeURIComponent(part).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)

/** Sends a request that no SDK would make, signed as the administrator. */
export const sendSigned = (aws: AwsStandIn, call: WireCall): Promise<WireAnswer> => {
  const { service, method, target, headers = {}, body = '' } = call
  const date = formatAmzDate(Date.now())
  const scope = `${date.slice(0, 8)}/${aws.region}/${service}/aws4_request`
  const url = new URL(target, aws.url)
  const signature = signatureOf(
    {
      method,
      // Every service but S3 has it encoded once more than it travels.
      path: service === 's3' ? url.pathname : url.pathname.split('/').map(encoded).join('/'),
      query: [...url.searchParams],
      headers: [
        ['host', url.host],
        ['x-amz-date', date],
      ],
      payloadHash: createHash('sha256').update(body).digest('hex'),
      date,
      scope,
    },
    aws.credentials.secretAccessKey,
  )
  const authorization = `AWS4-HMAC-SHA256 Credential=${aws.credentials.accessKeyId}/${scope}, SignedHeaders=host;x-amz-date, Signature=${signature}`
  return new Promise((resolve, reject) => {
    const request = http.request(
      url,
      { method, agent, headers: { ...headers, authorization, 'x-amz-date': date } },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        )
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}
