import type { Place } from './clusters.ts'
import { uniqueId } from './ids.ts'

/** An IAM role; documents are stored as the JSON text that was given. */
export interface IamRole {
  name: string
  path: string
  id: string
  arn: string
  createdAt: Date
  trust: string
  description?: string
  maxSessionSeconds: number
  tags: Map<string, string>
  /** ARNs of managed policies, in the order of attachment. */
  attached: Set<string>
  inline: Map<string, string>
  /** ARN of the managed policy that bounds the role. */
  boundary?: string
}

/** What a test or scenario says of a role. */
export interface RoleSeed {
  name: string
  path?: string
  /** The trust policy, as a document or as its exact text, which need not be valid. */
  trust: object | string
  description?: string
  maxSessionSeconds?: number
  tags?: Record<string, string>
  attached?: readonly string[]
  inline?: Record<string, object | string>
  boundary?: string
}

/** One version of a managed policy. */
export interface PolicyVersion {
  id: string
  document: string
  createdAt: Date
}

/** A customer or AWS managed policy. */
export interface ManagedPolicy {
  name: string
  path: string
  id: string
  arn: string
  description?: string
  createdAt: Date
  updatedAt: Date
  defaultVersion: string
  versions: Map<string, PolicyVersion>
  /** Version numbers are never used twice. */
  nextVersion: number
}

/** What a test or scenario says of a managed policy. */
export interface PolicySeed {
  name: string
  path?: string
  /** Versions in order, the first is v1. */
  versions: readonly (object | string)[]
  /** `v1` unless said otherwise. */
  defaultVersion?: string
  /** True for a policy that AWS owns: `arn:aws:iam::aws:policy/NAME`. */
  aws?: boolean
}

/** A document as it is stored. */
const documentText = (document: object | string): string =>
  typeof document === 'string' ? document : JSON.stringify(document)

type Owner = Pick<Place, 'accountId' | 'partition'>

/** A role as IAM would make it of the seed. */
export const roleFromSeed = (seed: RoleSeed, { accountId, partition }: Owner, createdAt: Date): IamRole => {
  const path = seed.path ?? '/'
  return {
    name: seed.name,
    path,
    id: uniqueId('AROA'),
    arn: `arn:${partition}:iam::${accountId}:role${path}${seed.name}`,
    createdAt,
    trust: documentText(seed.trust),
    maxSessionSeconds: seed.maxSessionSeconds ?? 3600,
    tags: new Map(Object.entries(seed.tags ?? {})),
    attached: new Set(seed.attached),
    inline: new Map(
      Object.entries(seed.inline ?? {}).map(([name, document]) => [name, documentText(document)]),
    ),
    ...(seed.description === undefined ? {} : { description: seed.description }),
    ...(seed.boundary === undefined ? {} : { boundary: seed.boundary }),
  }
}

/** A managed policy as IAM would make it of the seed. */
export const makePolicy = (
  seed: PolicySeed,
  { accountId, partition }: Owner,
  createdAt: Date,
): ManagedPolicy => {
  const path = seed.path ?? '/'
  const versions = seed.versions.map((document, index): [string, PolicyVersion] => {
    const id = `v${index + 1}`
    return [id, { id, document: documentText(document), createdAt }]
  })
  return {
    name: seed.name,
    path,
    id: uniqueId('ANPA'),
    arn: `arn:${partition}:iam::${seed.aws ? 'aws' : accountId}:policy${path}${seed.name}`,
    createdAt,
    updatedAt: createdAt,
    defaultVersion: seed.defaultVersion ?? 'v1',
    versions: new Map(versions),
    nextVersion: versions.length + 1,
  }
}
