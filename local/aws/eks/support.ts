import { setBounded } from '../../bounded.ts'
import type { Account } from '../account/account.ts'
import type { Cluster } from '../account/clusters.ts'
import type { RequiredPermission } from '../authorization.ts'
import { AwsFailure } from '../failure.ts'
import type { Caller } from '../operation.ts'
import { pageOf } from '../pages.ts'

const PAGE_SIZE = 100

/** EKS's word for input that is wrong by itself. */
export const invalidParameter = (message: string, fields: Record<string, unknown> = {}): AwsFailure =>
  new AwsFailure('InvalidParameterException', message, { fields })

/** EKS's word for input that does not fit the state of things. */
export const invalidRequestException = (message: string, fields: Record<string, unknown> = {}): AwsFailure =>
  new AwsFailure('InvalidRequestException', message, { fields })

export const resourceNotFound = (message: string, fields: Record<string, unknown> = {}): AwsFailure =>
  new AwsFailure('ResourceNotFoundException', message, { fields })

export const resourceInUse = (message: string, fields: Record<string, unknown> = {}): AwsFailure =>
  new AwsFailure('ResourceInUseException', message, { fields })

/** The cluster of that name; throws as EKS does when there is none. */
export const clusterNamed = (account: Account, name: string): Cluster => {
  const cluster = account.clusters.get(name)
  if (!cluster) throw resourceNotFound(`No cluster found for name: ${name}.`, { clusterName: name })
  return cluster
}

/** As `clusterNamed`, for what EKS does to running clusters only. */
export const activeClusterNamed = (account: Account, name: string): Cluster => {
  const cluster = clusterNamed(account, name)
  if (cluster.status === 'ACTIVE' || cluster.status === 'UPDATING') return cluster
  throw invalidRequestException(`Cluster '${name}' is not in ACTIVE status, but ${cluster.status}`, {
    clusterName: name,
  })
}

/** A page in EKS's terms. */
export const eksPage = <Item>(
  all: readonly Item[],
  { maxResults, nextToken }: { maxResults?: number | undefined; nextToken?: string | undefined },
): { items: Item[]; nextToken?: string } => {
  const page = pageOf(all, { size: maxResults ?? PAGE_SIZE, token: nextToken })
  if (!page) throw invalidParameter('The provided nextToken is invalid')
  return page
}

/** Handing over a role takes `iam:PassRole` on it, for the service that will use it. */
export const passRole = (roleArn: string, service: string): RequiredPermission => ({
  action: 'iam:PassRole',
  resource: roleArn,
  context: { 'iam:PassedToService': service },
})

type Tags = Readonly<Record<string, string>>

/** The condition keys that a request brings which sets tags. */
export const requestTagContext = ({
  tags = {},
}: {
  tags?: Tags | undefined
}): Record<string, string | string[]> => ({
  ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value])),
  ...(Object.keys(tags).length > 0 ? { 'aws:TagKeys': Object.keys(tags) } : {}),
})

/** Whoever creates something with tags needs `eks:TagResource` on it too; its id is not known yet. */
export const requireTagging = ({ require }: Caller, resource: string, tags: Tags | undefined): void => {
  if (tags && Object.keys(tags).length > 0)
    require({ action: 'eks:TagResource', resource, context: requestTagContext({ tags }) })
}

const MOST_TOKENS = 1000

/**
 * Client request tokens, by which a repeated request is answered with what the first one made: its id, or where a
 * request makes nothing new, its answer.
 */
export class ClientTokens<Made = string> {
  readonly #made = new Map<string, { request: string; made: Made }>()

  /** What an equal request made; throws when the token came with another request. */
  earlier(input: { clientRequestToken?: string | undefined }): Made | undefined {
    const made = input.clientRequestToken && this.#made.get(input.clientRequestToken)
    if (!made) return undefined
    if (made.request !== JSON.stringify(input))
      throw invalidParameter('The client request token was already used with different parameters')
    return made.made
  }

  remember(input: { clientRequestToken?: string | undefined }, made: Made): void {
    if (input.clientRequestToken)
      setBounded(this.#made, input.clientRequestToken, { request: JSON.stringify(input), made }, MOST_TOKENS)
  }
}
