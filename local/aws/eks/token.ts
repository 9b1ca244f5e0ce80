import { domainOf, dualStackDomainOf, partitionOf } from '../../../core/partitions/partitions.ts'
import { setBounded } from '../../bounded.ts'
import { EMPTY_HASH, parseAmzDate, type SignedRequest, sameSignature, signatureOf } from '../sigv4.ts'

// The rules of sigs.k8s.io/aws-iam-authenticator, pkg/token, which EKS runs before every Kubernetes request.
const PREFIX = 'k8s-aws-v1.'
const MAX_TOKEN_BYTES = 4096
const MAX_EXPIRES_SECONDS = 900
const LIFETIME_MS = 15 * 60_000
const CLUSTER_HEADER = 'x-k8s-aws-id'
const ALLOWED_PARAMETERS = new Set([
  'action',
  'version',
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-expires',
  'x-amz-security-token',
  'x-amz-signature',
  'x-amz-signedheaders',
])

/** A key that may sign tokens; `sessionToken` must then travel with the token. */
export interface TokenKey {
  secretAccessKey: string
  sessionToken?: string | undefined
}

export interface TokenRules {
  clusterName: string
  region: string
  /** `host:port` of the stand-in itself, which clients sign for when AWS_ENDPOINT_URL points at it. */
  ownHost: string
  /** Milliseconds since the epoch, in the time that clients sign with. */
  now: number
  keyOf(accessKeyId: string): TokenKey | undefined
}

export type TokenVerdict = { accessKeyId: string } | { refusal: string }

/** Says whose key signed an EKS bearer token for this cluster, or why it is refused. */
export const verifyToken = (token: string, rules: TokenRules): TokenVerdict => {
  const read = tokenAsRead(token, rules)
  if ('refusal' in read) return read
  const refusal = refuseMoment(read.signedAt, rules.now)
  return refusal ? { refusal } : verifySignature(read, rules)
}

/** What a token says, whenever it is shown and whoever has the key. */
interface Read {
  accessKeyId: string
  sessionToken: string | undefined
  /** Milliseconds since the epoch. */
  signedAt: number
  region: string | undefined
  service: string | undefined
  signature: string
  signed: SignedRequest
  /** The signature that the key with this secret gives, once it was asked for. */
  expected?: { secret: string; signature: string }
}

/** The last tokens: a client sends one with each of its requests, for a quarter of an hour. */
const tokens = new Map<string, Read | { refusal: string }>()
const remembered = 64

type Place = Pick<TokenRules, 'clusterName' | 'region' | 'ownHost'>

const tokenAsRead = (token: string, place: Place): Read | { refusal: string } => {
  if (token.length > MAX_TOKEN_BYTES) return { refusal: 'token is too large' }
  const name = [place.clusterName, place.region, place.ownHost, token].join('\n')
  const known = tokens.get(name)
  if (known) return known
  const read = readToken(token, place)
  setBounded(tokens, name, read, remembered)
  return read
}

const readToken = (token: string, place: Place): Read | { refusal: string } => {
  if (!token.startsWith(PREFIX)) return { refusal: `token is missing expected "${PREFIX}" prefix` }
  const url = parseUrl(Buffer.from(token.slice(PREFIX.length), 'base64url').toString())
  if (!url) return { refusal: 'token holds no URL' }
  const refusal = refuseUrl(url, place)
  if (refusal) return { refusal }
  const { searchParams } = url
  const [accessKeyId = '', ...scope] = (searchParams.get('X-Amz-Credential') ?? '').split('/')
  const date = searchParams.get('X-Amz-Date') ?? ''
  const headers: Record<string, string> = { host: url.host, [CLUSTER_HEADER]: place.clusterName }
  return {
    accessKeyId,
    sessionToken: searchParams.get('X-Amz-Security-Token') ?? undefined,
    signedAt: parseAmzDate(date),
    region: scope[1],
    service: scope[2],
    signature: searchParams.get('X-Amz-Signature') ?? '',
    signed: {
      method: 'GET',
      path: '/',
      query: [...searchParams].filter(([name]) => name.toLowerCase() !== 'x-amz-signature'),
      headers: signedHeadersOf(url).map((name) => [name, headers[name] ?? '']),
      payloadHash: EMPTY_HASH,
      date,
      scope: scope.join('/'),
    },
  }
}

const parseUrl = (text: string): URL | undefined => {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}

const refuseUrl = (url: URL, { region, ownHost }: Place): string | undefined => {
  const own = url.host === ownHost
  if (url.protocol !== 'https:' && !own) return `unexpected scheme "${url.protocol}" in pre-signed URL`
  const hosts = [
    `sts.${region}.${domainOf(region)}`,
    `sts.${region}.${dualStackDomainOf(region)}`,
    // The global endpoint is the commercial partition's.
    ...(partitionOf(region) === 'aws' ? ['sts.amazonaws.com'] : []),
  ]
  if (!own && !hosts.includes(url.host)) return `unexpected hostname "${url.host}" in pre-signed URL`
  if (url.pathname !== '/') return 'unexpected path in pre-signed URL'
  const names = [...url.searchParams.keys()].map((name) => name.toLowerCase())
  const foreign = names.find((name) => !ALLOWED_PARAMETERS.has(name))
  if (foreign) return `non-allowed query parameter "${foreign}"`
  if (new Set(names).size < names.length) return 'query parameter with multiple values not supported'
  if (url.searchParams.get('Action') !== 'GetCallerIdentity') return 'unexpected action parameter'
  if (!signedHeadersOf(url).includes(CLUSTER_HEADER))
    return `client did not sign the ${CLUSTER_HEADER} header`
  return refuseTimes(url)
}

const refuseTimes = (url: URL): string | undefined => {
  const expires = url.searchParams.get('X-Amz-Expires') ?? ''
  if (!/^\d+$/.test(expires) || Number(expires) > MAX_EXPIRES_SECONDS)
    return `invalid X-Amz-Expires parameter in pre-signed URL: "${expires}"`
  if (Number.isNaN(parseAmzDate(url.searchParams.get('X-Amz-Date') ?? '')))
    return 'X-Amz-Date parameter must be present and in the form 20060102T150405Z'
  return undefined
}

const refuseMoment = (signedAt: number, now: number): string | undefined => {
  if (now > signedAt + LIFETIME_MS) return 'X-Amz-Date parameter is expired (15 minute expiration)'
  // STS, which the authenticator asks in the end, refuses what comes from more than five minutes ahead.
  if (now < signedAt - 5 * 60_000) return 'signature not yet current'
  return undefined
}

const signedHeadersOf = (url: URL): string[] => (url.searchParams.get('X-Amz-SignedHeaders') ?? '').split(';')

const verifySignature = (read: Read, rules: TokenRules): TokenVerdict => {
  const { accessKeyId } = read
  const key = rules.keyOf(accessKeyId)
  if (!key) return { refusal: 'the security token included in the request is invalid' }
  if (read.sessionToken !== key.sessionToken)
    return { refusal: 'the security token does not belong to the access key' }
  if (read.service !== 'sts' || read.region !== rules.region)
    return { refusal: 'signed for another service or region' }
  return sameSignature(expectedSignature(read, key.secretAccessKey), read.signature)
    ? { accessKeyId }
    : { refusal: 'signature does not match: another cluster, key or time was signed' }
}

const expectedSignature = (read: Read, secret: string): string => {
  if (read.expected?.secret !== secret)
    read.expected = { secret, signature: signatureOf(read.signed, secret) }
  return read.expected.signature
}
