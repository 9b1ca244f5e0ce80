import type { Account } from '../account/account.ts'
import type { Cluster } from '../account/clusters.ts'
import { AwsFailure } from '../failure.ts'
import { pageOf } from '../pages.ts'

const PAGE_SIZE = 100

/** EKS's word for input that is wrong by itself. */
export const invalidParameter = (message: string, fields: Record<string, unknown> = {}): AwsFailure =>
  new AwsFailure('InvalidParameterException', message, { fields })

/** EKS's word for input that does not fit the state of things. */
export const invalidRequest = (message: string, fields: Record<string, unknown> = {}): AwsFailure =>
  new AwsFailure('InvalidRequestException', message, { fields })

export const notFound = (message: string, fields: Record<string, unknown> = {}): AwsFailure =>
  new AwsFailure('ResourceNotFoundException', message, { fields })

export const inUse = (message: string, fields: Record<string, unknown> = {}): AwsFailure =>
  new AwsFailure('ResourceInUseException', message, { fields })

/** The cluster of that name; throws as EKS does when there is none. */
export const clusterNamed = (account: Account, name: string): Cluster => {
  const cluster = account.clusters.get(name)
  if (!cluster) throw notFound(`No cluster found for name: ${name}.`, { clusterName: name })
  return cluster
}

/** As `clusterNamed`, for what EKS does to running clusters only. */
export const activeClusterNamed = (account: Account, name: string): Cluster => {
  const cluster = clusterNamed(account, name)
  if (cluster.status === 'ACTIVE' || cluster.status === 'UPDATING') return cluster
  throw invalidRequest(`Cluster '${name}' is not in ACTIVE status, but ${cluster.status}`, {
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

/** Runs of a role's handing over: `iam:PassRole` on the role, for the service that will use it. */
export const passRole = (roleArn: string, service: string) => ({
  action: 'iam:PassRole',
  resource: roleArn,
  context: { 'iam:PassedToService': service },
})
