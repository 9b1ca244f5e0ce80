import { createHash, createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'
import { setBounded } from '../bounded.ts'
import type { WireRequest } from './protocol/wire.ts'

/** What a signature covers, apart from the secret. */
export interface SignedRequest {
  method: string
  /** Encoded as the service's signing rules ask. */
  path: string
  query: [string, string][]
  /** Lower-case names in the order of SignedHeaders. */
  headers: [string, string][]
  payloadHash: string
  /** `20240109T161638Z`. */
  date: string
  /** `20240109/us-west-2/eks/aws4_request`. */
  scope: string
}

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex')

const hmac = (key: KeyObject, data: string): Buffer => createHmac('sha256', key).update(data).digest()

/** The hash of an empty payload. */
export const EMPTY_HASH = sha256('')

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)

const canonicalQuery = (pairs: [string, string][]): string =>
  pairs
    .map(([name, value]): [string, string] => [encode(name), encode(value)])
    .sort(([name, value], [otherName, otherValue]) => order(name, otherName) || order(value, otherValue))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')

const order = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)

/** The last keys of secrets and scopes, which many requests share for a day. */
const signingKeys = new Map<string, KeyObject>()
const remembered = 64

// Keys as Node keeps them: an HMAC with a Buffer takes six times as long.
const signingKey = (secret: string, scope: string): KeyObject => {
  const name = `${secret}\n${scope}`
  const known = signingKeys.get(name)
  if (known) return known
  const made = scope
    .split('/')
    .reduce((key, part) => createSecretKey(hmac(key, part)), createSecretKey(Buffer.from(`AWS4${secret}`)))
  setBounded(signingKeys, name, made, remembered)
  return made
}

/** The hex signature of Signature Version 4. */
export const signatureOf = (request: SignedRequest, secret: string): string => {
  const canonical = [
    request.method,
    request.path,
    canonicalQuery(request.query),
    request.headers.map(([name, value]) => `${name}:${value.trim().replace(/\s+/g, ' ')}\n`).join(''),
    request.headers.map(([name]) => name).join(';'),
    request.payloadHash,
  ].join('\n')
  return hmac(
    signingKey(secret, request.scope),
    ['AWS4-HMAC-SHA256', request.date, request.scope, sha256(canonical)].join('\n'),
  ).toString('hex')
}

/** Compares two signatures in time that does not depend on where they differ. */
export const sameSignature = (left: string, right: string): boolean => {
  const [one, other] = [Buffer.from(left), Buffer.from(right)]
  return one.length === other.length && timingSafeEqual(one, other)
}

/** Milliseconds since the epoch of an `X-Amz-Date`; NaN when it is malformed. */
export const parseAmzDate = (date: string): number =>
  Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))

/** The reverse of `parseAmzDate`. */
export const formatAmzDate = (time: number): string =>
  new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, '')

/** A request's Authorization header, taken apart. */
export interface HeaderSignature {
  accessKeyId: string
  scope: string
  /** The service that the scope names. */
  service: string
  date: string
  securityToken: string | undefined
  signature: string
  signed: SignedRequest
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/

/** The service that a request is signed for, as its credential scope names it; undefined when it is not signed. */
export const signedService = (headers: WireRequest['headers']): string | undefined => {
  const [, , scope] = AUTHORIZATION.exec(headers.authorization ?? '') ?? []
  return scope?.split('/')[2]
}

/** Reads the Authorization header; undefined when there is none or it is not Signature Version 4. */
export const readHeaderSignature = (request: WireRequest): HeaderSignature | undefined => {
  const { method, url, headers, body } = request
  const [, accessKeyId, scope, signedHeaders, signature] =
    AUTHORIZATION.exec(headers.authorization ?? '') ?? []
  if (!accessKeyId || !scope || !signedHeaders || !signature) return undefined
  const date = String(headers['x-amz-date'] ?? '')
  const service = scope.split('/')[2] ?? ''
  return {
    accessKeyId,
    scope,
    service,
    date,
    securityToken: headers['x-amz-security-token']?.toString(),
    signature,
    signed: {
      method,
      // Every service but S3 signs the path encoded once more than it travels.
      path: service === 's3' ? url.pathname : url.pathname.split('/').map(encode).join('/'),
      query: [...url.searchParams],
      headers: signedHeaders.split(';').map((name) => [name, String(headers[name] ?? '')]),
      payloadHash: (service === 's3' && headers['x-amz-content-sha256']?.toString()) || sha256(body),
      date,
      scope,
    },
  }
}
