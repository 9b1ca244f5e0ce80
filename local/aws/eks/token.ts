import { domainOf, dualStackDomainOf, partitionOf } from '../../../core/partitions/partitions.ts'
import { setBounded } from '../../bounded.ts'
import { EMPTY_HASH, parseAmzDate, sameSignature, signatureOf } from '../sigv4.ts'

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
  if (token.length > MAX_TOKEN_BYTES) return { refusal: 'token is too large' }
  if (!token.startsWith(PREFIX)) return { refusal: `token is missing expected "${PREFIX}" prefix` }
  const url = parseUrl(Buffer.from(token.slice(PREFIX.length), 'base64url').toString())
  if (!url) return { refusal: 'token holds no URL' }
  const refusal = refuseUrl(url, rules)
  return refusal ? { refusal } : verifySignature(url, rules)
}

const parseUrl = (text: string): URL | undefined => {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}

const refuseUrl = (url: URL, { region, ownHost, now }: TokenRules): string | undefined => {
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
  return refuseTimes(url, now)
}

const refuseTimes = (url: URL, now: number): string | undefined => {
  const expires = url.searchParams.get('X-Amz-Expires') ?? ''
  if (!/^\d+$/.test(expires) || Number(expires) > MAX_EXPIRES_SECONDS)
    return `invalid X-Amz-Expires parameter in pre-signed URL: "${expires}"`
  const signedAt = parseAmzDate(url.searchParams.get('X-Amz-Date') ?? '')
  if (Number.isNaN(signedAt)) return 'X-Amz-Date parameter must be present and in the form 20060102T150405Z'
  if (now > signedAt + LIFETIME_MS) return 'X-Amz-Date parameter is expired (15 minute expiration)'
  // STS, which the authenticator asks in the end, refuses what comes from more than five minutes ahead.
  if (now < signedAt - 5 * 60_000) return 'signature not yet current'
  return undefined
}

const signedHeadersOf = (url: URL): string[] => (url.searchParams.get('X-Amz-SignedHeaders') ?? '').split(';')

const verifySignature = (url: URL, rules: TokenRules): TokenVerdict => {
  const [accessKeyId = '', ...scope] = (url.searchParams.get('X-Amz-Credential') ?? '').split('/')
  const key = rules.keyOf(accessKeyId)
  if (!key) return { refusal: 'the security token included in the request is invalid' }
  if ((url.searchParams.get('X-Amz-Security-Token') ?? undefined) !== key.sessionToken)
    return { refusal: 'the security token does not belong to the access key' }
  const [, region, service] = scope
  if (service !== 'sts' || region !== rules.region) return { refusal: 'signed for another service or region' }
  const expected = expectedSignature(url, scope.join('/'), rules.clusterName, key.secretAccessKey)
  return sameSignature(expected, url.searchParams.get('X-Amz-Signature') ?? '')
    ? { accessKeyId }
    : { refusal: 'signature does not match: another cluster, key or time was signed' }
}

/** Of the last tokens: a client sends one with each of its requests, for a quarter of an hour. */
const signatures = new Map<string, string>()
const remembered = 64

const expectedSignature = (url: URL, scope: string, clusterName: string, secret: string): string => {
  const name = [url.href, clusterName, secret].join('\n')
  const known = signatures.get(name)
  if (known) return known
  const headers: Record<string, string> = { host: url.host, [CLUSTER_HEADER]: clusterName }
  const made = signatureOf(
    {
      method: 'GET',
      path: '/',
      query: [...url.searchParams].filter(([name]) => name.toLowerCase() !== 'x-amz-signature'),
      headers: signedHeadersOf(url).map((name) => [name, headers[name] ?? '']),
      payloadHash: EMPTY_HASH,
      date: url.searchParams.get('X-Amz-Date') ?? '',
      scope,
    },
    secret,
  )
  setBounded(signatures, name, made, remembered)
  return made
}
