import { AwsFailure } from '../failure.ts'
import type { Buckets } from './buckets.ts'

/** What an operation answers, without what the SDK adds to it. */
export type Answer<Output> = Omit<Output, '$metadata'>

const bucketArn = (partition: string, bucket: string | undefined): string => `arn:${partition}:s3:::${bucket}`

/** An action on a bucket. S3 shows ARNs in quotes. */
export const onBucket = (partition: string, action: string) => ({
  action,
  resource: ({ Bucket }: { Bucket?: string | undefined }) => bucketArn(partition, Bucket),
  resourceLabel: ({ Bucket }: { Bucket?: string | undefined }) => `"${bucketArn(partition, Bucket)}"`,
  subject: ({ Bucket }: { Bucket?: string | undefined }) => Bucket ?? '',
})

interface OfObject {
  Bucket?: string | undefined
  Key?: string | undefined
}

/** An action on an object. */
export const onObject = (partition: string, action: string) => ({
  action,
  resource: ({ Bucket, Key }: OfObject) => `${bucketArn(partition, Bucket)}/${Key}`,
  resourceLabel: ({ Bucket, Key }: OfObject) => `"${bucketArn(partition, Bucket)}/${Key}"`,
  subject: ({ Bucket, Key }: OfObject) => `${Bucket}/${Key}`,
})

/** What is answered where a request's condition does not hold; `condition` is its header. */
export const preconditionFailed = (condition: string): AwsFailure =>
  new AwsFailure('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', {
    status: 412,
    fields: { Condition: condition },
  })

/** Throws PreconditionFailed where an object is to be written only if there is none. */
export const requireAbsent = (
  buckets: Buckets,
  bucket: string,
  key: string,
  ifNoneMatch: string | undefined,
): void => {
  if (ifNoneMatch === '*' && buckets.get(bucket).objects.has(key)) throw preconditionFailed('If-None-Match')
}
