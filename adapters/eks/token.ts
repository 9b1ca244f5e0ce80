import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import { domainOf } from '../../core/partitions/partitions.ts'
import type { Clock } from '../clock.ts'

export interface AwsCredentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
  expiration?: Date
}

/** Where credentials come from; the SDK's own providers fit. */
export type CredentialsProvider = () => Promise<AwsCredentials>

export interface TokenRequest {
  cluster: string
  region: string
  credentials: AwsCredentials
  /** The moment of signing, in milliseconds since the epoch. */
  at: number
}

/**
 * The bearer token that an EKS cluster accepts: a presigned GetCallerIdentity whose signature covers the
 * cluster's name. Good for 15 minutes from `at`. The same bytes as `aws eks get-token`.
 * https://github.com/kubernetes-sigs/aws-iam-authenticator#api-authorization-from-outside-a-cluster
 */
export const eksToken = ({ cluster, region, credentials, at }: TokenRequest): string => {
  const host = `sts.${region}.${domainOf(region)}`
  const stamp = new Date(at).toISOString().replace(/[-:]|\.\d{3}/g, '')
  const scope = [stamp.slice(0, 8), region, 'sts', 'aws4_request']
  const query: [name: string, value: string][] = [
    ['Action', 'GetCallerIdentity'],
    ['Version', '2011-06-15'],
    ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
    ['X-Amz-Credential', [credentials.accessKeyId, ...scope].join('/')],
    ['X-Amz-Date', stamp],
    ['X-Amz-Expires', '60'],
    ['X-Amz-SignedHeaders', 'host;x-k8s-aws-id'],
  ]
  if (credentials.sessionToken) query.push(['X-Amz-Security-Token', credentials.sessionToken])
  const parameters = query.map(([name, value]) => `${name}=${encode(value)}`)
  const canonical = [
    'GET',
    '/',
    parameters.toSorted().join('&'),
    `host:${host}`,
    `x-k8s-aws-id:${cluster}`,
    '',
    'host;x-k8s-aws-id',
    sha256(''),
  ].join('\n')
  const toSign = ['AWS4-HMAC-SHA256', stamp, scope.join('/'), sha256(canonical)].join('\n')
  const key = scope.reduce(
    (key, part) => createSecretKey(hmac(key, part)),
    createSecretKey(Buffer.from(`AWS4${credentials.secretAccessKey}`)),
  )
  const url = `https://${host}/?${parameters.join('&')}&X-Amz-Signature=${hmac(key, toSign).toString('hex')}`
  return `k8s-aws-v1.${Buffer.from(url).toString('base64url')}`
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const hmac = (key: KeyObject, text: string): Buffer => createHmac('sha256', key).update(text).digest()

const encode = (value: string): string =>
  encodeURIComponent(value).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )

/** Clients stop using a token a minute before the cluster does. */
const usableMs = 14 * 60_000

export interface TokenSource {
  /** A token good for at least a minute; callers at the same time share one. */
  get(): Promise<string>
  /** Makes the next get sign anew, for a token that was turned down. */
  forget(): void
}

/** Tokens for one cluster, signed anew every 14 minutes or when the credentials behind them expire. */
export const eksTokens = (options: {
  cluster: string
  region: string
  credentials: CredentialsProvider
  clock: Clock
}): TokenSource => {
  let held: { token: string; until: number } | undefined
  let signing: Promise<string> | undefined
  const sign = async (): Promise<string> => {
    const credentials = await options.credentials()
    const at = options.clock.now()
    const token = eksToken({ ...options, credentials, at })
    held = {
      token,
      until: Math.min(at + usableMs, credentials.expiration?.getTime() ?? Number.POSITIVE_INFINITY),
    }
    return token
  }
  return {
    get: async () => {
      if (held && options.clock.now() < held.until) return held.token
      signing ??= sign().finally(() => {
        signing = undefined
      })
      return signing
    },
    forget: () => {
      held = undefined
    },
  }
}
