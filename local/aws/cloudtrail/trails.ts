import type {
  CreateTrailRequest,
  CreateTrailResponse,
  DescribeTrailsRequest,
  DescribeTrailsResponse,
  EventSelector,
  GetEventSelectorsRequest,
  GetEventSelectorsResponse,
  GetTrailStatusRequest,
  GetTrailStatusResponse,
  PutEventSelectorsRequest,
  PutEventSelectorsResponse,
  StartLoggingRequest,
} from '@aws-sdk/client-cloudtrail'
import type { Account } from '../account/account.ts'
import { AwsFailure } from '../failure.ts'
import { type Operations, operation } from '../operation.ts'
import type { Buckets } from '../s3/buckets.ts'

/** A trail. All of the account's are of its one region. */
export interface TrailStandIn {
  name: string
  arn: string
  bucket: string
  multiRegion: boolean
  logging: boolean
  selectors: EventSelector[]
}

/** The account's trails. What goes through them is not written to their buckets, and EventBridge gets events without them. */
export class Trails {
  readonly #account: Pick<Account, 'partition' | 'region' | 'accountId'>
  readonly all = new Map<string, TrailStandIn>()

  constructor(account: Pick<Account, 'partition' | 'region' | 'accountId'>) {
    this.#account = account
  }

  /** Makes a trail of all management events; it logs unless told otherwise. */
  add(name: string, more: Partial<TrailStandIn> = {}): TrailStandIn {
    const { partition, region, accountId } = this.#account
    const trail = {
      name,
      arn: `arn:${partition}:cloudtrail:${region}:${accountId}:trail/${name}`,
      bucket: `trails-${accountId}`,
      multiRegion: true,
      logging: true,
      selectors: [{ ReadWriteType: 'All' as const, IncludeManagementEvents: true, DataResources: [] }],
      ...more,
    }
    this.all.set(name, trail)
    return trail
  }

  /** By its name or its ARN. @throws AwsFailure */
  get(named: string): TrailStandIn {
    const found = this.all.get(named.split('/').at(-1) ?? '')
    if (!found || (named.startsWith('arn:') && found.arn !== named))
      throw new AwsFailure(
        'TrailNotFoundException',
        `Unknown trail: ${named} for the user: ${this.#account.accountId}`,
      )
    return found
  }

  arnOf(named: string): string {
    const { partition, region, accountId } = this.#account
    return named.startsWith('arn:')
      ? named
      : `arn:${partition}:cloudtrail:${region}:${accountId}:trail/${named}`
  }

  region(): string {
    return this.#account.region
  }
}

/** CloudTrail's trails: making them, what they log, and whether they do. */
export const trailOperations = (trails: Trails, buckets: Buckets): Operations => {
  const named = {
    resource: ({ Name }: { Name?: string | undefined }) => trails.arnOf(Name ?? ''),
    subject: ({ Name }: { Name?: string | undefined }) => Name ?? '',
  }
  const ofTrail = {
    resource: ({ TrailName }: { TrailName?: string | undefined }) => trails.arnOf(TrailName ?? ''),
    subject: ({ TrailName }: { TrailName?: string | undefined }) => TrailName ?? '',
  }
  return {
    DescribeTrails: operation<DescribeTrailsRequest, DescribeTrailsResponse>()({
      reads: ['trailNameList', 'includeShadowTrails'],
      resource: () => '*',
      handle: ({ trailNameList = [] }) => ({
        trailList: [...trails.all.values()]
          .filter(
            ({ name, arn }) =>
              trailNameList.length === 0 || trailNameList.some((one) => one === name || one === arn),
          )
          .map(({ name, arn, bucket, multiRegion }) => ({
            Name: name,
            TrailARN: arn,
            S3BucketName: bucket,
            IsMultiRegionTrail: multiRegion,
            HomeRegion: trails.region(),
            IncludeGlobalServiceEvents: true,
            LogFileValidationEnabled: false,
            HasCustomEventSelectors: true,
            HasInsightSelectors: false,
            IsOrganizationTrail: false,
          })),
      }),
    }),
    GetTrailStatus: operation<GetTrailStatusRequest, GetTrailStatusResponse>()({
      reads: ['Name'],
      ...named,
      handle: ({ Name }) => ({ IsLogging: trails.get(Name).logging }),
    }),
    GetEventSelectors: operation<GetEventSelectorsRequest, GetEventSelectorsResponse>()({
      reads: ['TrailName'],
      ...ofTrail,
      handle: ({ TrailName }) => {
        const { arn, selectors } = trails.get(TrailName)
        return { TrailARN: arn, EventSelectors: selectors }
      },
    }),
    PutEventSelectors: operation<PutEventSelectorsRequest, PutEventSelectorsResponse>()({
      reads: ['TrailName', 'EventSelectors'],
      ...ofTrail,
      handle: ({ TrailName, EventSelectors = [] }) => {
        const trail = trails.get(TrailName)
        trail.selectors = EventSelectors
        return { TrailARN: trail.arn, EventSelectors }
      },
    }),
    StartLogging: operation<StartLoggingRequest, object>()({
      reads: ['Name'],
      ...named,
      handle: ({ Name }) => {
        trails.get(Name).logging = true
        return {}
      },
    }),
    CreateTrail: operation<CreateTrailRequest, CreateTrailResponse>()({
      reads: ['Name', 'S3BucketName', 'IsMultiRegionTrail'],
      ...named,
      handle: ({ Name, S3BucketName, IsMultiRegionTrail = false }) => {
        if (trails.all.has(Name))
          throw new AwsFailure('TrailAlreadyExistsException', `Trail ${Name} already exists for customer`)
        const bucket = buckets.list().find(({ name }) => name === S3BucketName)
        if (!bucket)
          throw new AwsFailure('S3BucketDoesNotExistException', `S3 bucket ${S3BucketName} does not exist!`)
        if (!mayWrite(bucket.policy))
          throw new AwsFailure(
            'InsufficientS3BucketPolicyException',
            `Incorrect S3 bucket policy is detected for bucket: ${S3BucketName}`,
          )
        const { arn } = trails.add(Name, {
          bucket: S3BucketName,
          multiRegion: IsMultiRegionTrail,
          logging: false,
        })
        return { Name, TrailARN: arn, S3BucketName, IsMultiRegionTrail }
      },
    }),
  }
}

/** Whether a bucket's policy speaks of CloudTrail's two calls. */
const mayWrite = (policy: string | undefined): boolean =>
  policy !== undefined &&
  ['cloudtrail.amazonaws.com', 's3:GetBucketAcl', 's3:PutObject'].every((part) => policy.includes(part))
