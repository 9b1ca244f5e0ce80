import type { IncomingHttpHeaders } from 'node:http'
import type { Attributes, UserInfo } from './rbac.ts'

/** Whose bearer token this is; undefined for an unknown token. */
export type Authenticate = (token: string) => Promise<UserInfo | undefined>

/** Who a request acts as, and what its sender must be allowed for that. */
export interface Identity {
  user: UserInfo
  /** Who sent it; differs from `user` where `Impersonate-User` is set. */
  sender: UserInfo
  /** The impersonations that the sender needs. */
  impersonations: Attributes[]
}

/** Who has no credentials at all. */
export const anonymous: UserInfo = { username: 'system:anonymous', groups: ['system:unauthenticated'] }

/** Reads the Authorization and Impersonate headers; undefined where the token is unknown. */
export const identify = async (
  headers: IncomingHttpHeaders,
  authenticate: Authenticate,
): Promise<Identity | undefined> => {
  const token = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1]
  const known = token === undefined ? anonymous : await authenticate(token)
  if (!known) return undefined
  const sender = token === undefined ? anonymous : authenticated(known)
  const username = headers['impersonate-user']
  if (typeof username !== 'string') return { user: sender, sender, impersonations: [] }
  const groups = [headers['impersonate-group'] ?? []].flat().flatMap((list) => list.split(/,\s*/))
  return {
    user: authenticated({ username, groups }),
    sender,
    impersonations: [
      impersonation('users', username),
      ...groups.map((group) => impersonation('groups', group)),
    ],
  }
}

const authenticated = (user: UserInfo): UserInfo =>
  user.groups.includes('system:authenticated')
    ? user
    : { ...user, groups: [...user.groups, 'system:authenticated'] }

const impersonation = (plural: string, name: string): Attributes => ({
  verb: 'impersonate',
  path: '',
  resource: { group: '', version: 'v1', plural, name },
})
