import { createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'
import type { LocalClock } from '../../../clock.ts'
import { type KubernetesObject, resources } from '../../store/resources.ts'
import type { Store } from '../../store/store.ts'
import type { UserInfo } from './rbac.ts'

/** The audience of tokens that are for the API server itself. */
export const apiAudience = 'https://kubernetes.default.svc'

interface Claims {
  aud: string[]
  exp: number
  jti: string
  'kubernetes.io': { namespace: string; serviceaccount: { name: string; uid: string } }
  sub: string
}

/** Makes the tokens of ServiceAccounts, and knows them again. */
export interface ServiceAccountTokens {
  /** @param expires seconds since the epoch */
  issue(account: KubernetesObject['metadata'], audiences: readonly string[], expires: number): string
  /** Whose token it is; undefined where it was not made here, is for others, has expired, or its ServiceAccount is gone. */
  userOf(token: string): UserInfo | undefined
}

/**
 * Signed with a key that no other server has. A real server's are RS256, so that others can check them; nobody can check these but
 * the server that made them.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#service-account-tokens
 */
export const serviceAccountTokens = (store: Store, clock: LocalClock): ServiceAccountTokens => {
  const key = randomBytes(32)
  const signatureOf = (signed: string): Buffer => createHmac('sha256', key).update(signed).digest()
  return {
    issue: ({ name, namespace = '', uid = '' }, audiences, expires) => {
      const claims: Claims = {
        aud: [...audiences],
        exp: expires,
        jti: randomUUID(),
        'kubernetes.io': { namespace, serviceaccount: { name, uid } },
        sub: `system:serviceaccount:${namespace}:${name}`,
      }
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
      const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`
      return `${signed}.${signatureOf(signed).toString('base64url')}`
    },
    userOf: (token) => {
      const [head = '', body = '', signature = '', ...rest] = token.split('.')
      const given = Buffer.from(signature, 'base64url')
      const right = signatureOf(`${head}.${body}`)
      if (rest.length > 0 || given.length !== right.length || !timingSafeEqual(given, right)) return undefined
      const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Claims
      const { namespace, serviceaccount } = claims['kubernetes.io']
      const found = store.get(resources.serviceaccounts, namespace, serviceaccount.name)
      if (claims.exp * 1000 <= clock.now() || !claims.aud.includes(apiAudience)) return undefined
      if (found?.metadata.uid !== serviceaccount.uid) return undefined
      return {
        username: claims.sub,
        uid: serviceaccount.uid,
        groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
        extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${claims.jti}`] },
      }
    },
  }
}
