import { partitionOf } from '../core/partitions/partitions.ts'
import type { Request } from '../core/request.ts'
import { resolveRequest } from '../core/request-input.ts'
import { UsageError } from './usage-error.ts'

/**
 * The region of an input, or the environment's.
 * @throws UsageError where there is neither
 */
export const regionOf = (input: { region?: unknown }): string => {
  const region = input.region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION
  if (typeof region === 'string' && region !== '') return region
  throw new UsageError('no region: give --region, set AWS_REGION, or have one in the AWS profile')
}

/**
 * The request of an input, which no execution has checked.
 * @throws InvalidRequest naming its faults
 */
export const requestOf = (input: Record<string, unknown>, account: string, region: string): Request =>
  resolveRequest(input, {
    arn: `arn:${partitionOf(region)}:states:${region}:${account}:execution:podid:none`,
    startTime: new Date(0).toISOString(),
  })
