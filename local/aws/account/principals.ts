import { setBounded } from '../../bounded.ts'
import type { Place } from './clusters.ts'
import { accessKeyId, secretAccessKey, sessionToken, uniqueId } from './ids.ts'

/** Credentials in the shape that SDK clients take. */
export interface Credentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
  expiration?: Date
}

/** An IAM user; its policies are inline ones. */
export interface UserPrincipal {
  kind: 'user'
  name: string
  /** `arn:aws:iam::123456789012:user/admin`. */
  arn: string
  userId: string
  createdAt: Date
  policies: ReadonlyMap<string, string>
}

/** A role that somebody or something assumed. */
export interface RoleSession {
  kind: 'session'
  roleName: string
  roleArn: string
  sessionName: string
  /** `arn:aws:sts::123456789012:assumed-role/ROLE/SESSION`, which policies' messages show. */
  arn: string
  /** `AROA…:SESSION`. */
  userId: string
  tags: Readonly<Record<string, string>>
  /** Keys of the tags that sessions inherit which are made with this one. */
  transitive?: readonly string[]
  /** A session policy, which narrows what the role grants. */
  policy?: string
}

export type Principal = UserPrincipal | RoleSession

/** The principal of an access key id. */
export interface AccessKey {
  id: string
  secretAccessKey: string
  sessionToken?: string
  /** In the time that clients sign with. */
  expiresAt?: number
  principal: Principal
}

/** How many temporary credentials are known; a stand-in may run for days. */
const MOST_SESSIONS = 10_000

/** The access keys of the account and who they belong to. */
export class AccessKeys {
  readonly #account: Pick<Place, 'accountId' | 'partition'>
  readonly #now: () => Date
  readonly #keys = new Map<string, AccessKey>()
  readonly #sessions = new Map<string, AccessKey>()
  readonly #users = new Map<string, UserPrincipal>()

  constructor(account: Pick<Place, 'accountId' | 'partition'>, now: () => Date) {
    this.#account = account
    this.#now = now
  }

  /** Adds a user with inline policies and gives out a key for it. */
  addUser(
    name: string,
    policies: Record<string, object> = {},
  ): { user: UserPrincipal; credentials: Credentials } {
    const documents = Object.entries(policies).map(([policy, document]): [string, string] => [
      policy,
      JSON.stringify(document),
    ])
    const user: UserPrincipal = {
      kind: 'user',
      name,
      arn: `arn:${this.#account.partition}:iam::${this.#account.accountId}:user/${name}`,
      userId: uniqueId('AIDA'),
      createdAt: this.#now(),
      policies: new Map(documents),
    }
    const key = { id: accessKeyId('AKIA'), secretAccessKey: secretAccessKey(), principal: user }
    this.#keys.set(key.id, key)
    this.#users.set(user.arn, user)
    return { user, credentials: { accessKeyId: key.id, secretAccessKey: key.secretAccessKey } }
  }

  /** Gives out temporary credentials for a session; who may have one is for the caller to decide. */
  issue(session: RoleSession, expiresAt: number): Required<Credentials> {
    const credentials = {
      accessKeyId: accessKeyId('ASIA'),
      secretAccessKey: secretAccessKey(),
      sessionToken: sessionToken(),
      expiration: new Date(expiresAt),
    }
    const { accessKeyId: id, secretAccessKey: secret, sessionToken: token } = credentials
    const key = { id, secretAccessKey: secret, sessionToken: token, expiresAt, principal: session }
    setBounded(this.#sessions, id, key, MOST_SESSIONS)
    return credentials
  }

  userByArn(arn: string): UserPrincipal | undefined {
    return this.#users.get(arn)
  }

  keyOf(id: string): AccessKey | undefined {
    return this.#keys.get(id) ?? this.#sessions.get(id)
  }
}
