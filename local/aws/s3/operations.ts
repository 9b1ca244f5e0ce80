import { crc32 } from 'node:zlib'
import type {
  CreateBucketCommandOutput,
  CreateBucketRequest,
  DeleteBucketRequest,
  DeleteObjectCommandOutput,
  DeleteObjectRequest,
  GetBucketLocationCommandOutput,
  GetBucketLocationRequest,
  GetObjectRequest,
  HeadBucketCommandOutput,
  HeadBucketRequest,
  HeadObjectCommandOutput,
  HeadObjectRequest,
  ListBucketsCommandOutput,
  ListBucketsRequest,
  ListObjectsV2CommandOutput,
  ListObjectsV2Request,
  PutObjectCommandOutput,
  PutObjectRequest,
} from '@aws-sdk/client-s3'
import type { Account } from '../account/account.ts'
import { AwsFailure } from '../failure.ts'
import { type Operations, operation } from '../operation.ts'
import { type Buckets, objectPage, type StoredObject } from './buckets.ts'

/** What an operation answers, without what the SDK adds to it. */
type Answer<Output> = Omit<Output, '$metadata'>

const bucketArn = (partition: string, bucket: string | undefined): string => `arn:${partition}:s3:::${bucket}`

/** S3 shows ARNs in quotes. */
const onBucket = (partition: string, action: string) => ({
  action,
  resource: ({ Bucket }: { Bucket?: string | undefined }) => bucketArn(partition, Bucket),
  resourceLabel: ({ Bucket }: { Bucket?: string | undefined }) => `"${bucketArn(partition, Bucket)}"`,
  subject: ({ Bucket }: { Bucket?: string | undefined }) => Bucket ?? '',
})

interface OfObject {
  Bucket?: string | undefined
  Key?: string | undefined
}

const onObject = (partition: string, action: string) => ({
  action,
  resource: ({ Bucket, Key }: OfObject) => `${bucketArn(partition, Bucket)}/${Key}`,
  resourceLabel: ({ Bucket, Key }: OfObject) => `"${bucketArn(partition, Bucket)}/${Key}"`,
  subject: ({ Bucket, Key }: OfObject) => `${Bucket}/${Key}`,
})

/** S3: buckets and whole objects in them, without versions, ACLs, encryption settings or parts. */
export const s3Operations = (
  buckets: Buckets,
  { partition, region }: Pick<Account, 'partition' | 'region'>,
): Operations => ({
  ListBuckets: operation<ListBucketsRequest, Answer<ListBucketsCommandOutput>>()({
    reads: [],
    action: 's3:ListAllMyBuckets',
    resource: () => '*',
    handle: () => ({
      Buckets: buckets.list().map(({ name, createdAt }) => ({ Name: name, CreationDate: createdAt })),
    }),
  }),
  CreateBucket: operation<CreateBucketRequest, Answer<CreateBucketCommandOutput>>()({
    reads: ['Bucket', 'CreateBucketConfiguration.LocationConstraint'],
    ...onBucket(partition, 's3:CreateBucket'),
    handle: ({ Bucket, CreateBucketConfiguration }) => {
      const { LocationConstraint = 'us-east-1' } = CreateBucketConfiguration ?? {}
      if (LocationConstraint !== region)
        throw new AwsFailure(
          'IllegalLocationConstraintException',
          `The ${LocationConstraint === 'us-east-1' ? 'unspecified' : LocationConstraint} location constraint is incompatible for the region specific endpoint this request was sent to.`,
          { status: 400 },
        )
      return { Location: `http://${buckets.add(Bucket).name}.s3.amazonaws.com/` }
    },
  }),
  HeadBucket: operation<HeadBucketRequest, Answer<HeadBucketCommandOutput>>()({
    reads: ['Bucket'],
    ...onBucket(partition, 's3:ListBucket'),
    handle: ({ Bucket }) => {
      buckets.get(Bucket)
      return { BucketRegion: region }
    },
  }),
  DeleteBucket: operation<DeleteBucketRequest, void>()({
    reads: ['Bucket'],
    ...onBucket(partition, 's3:DeleteBucket'),
    handle: ({ Bucket }) => buckets.remove(Bucket),
  }),
  GetBucketLocation: operation<GetBucketLocationRequest, Answer<GetBucketLocationCommandOutput>>()({
    reads: ['Bucket'],
    ...onBucket(partition, 's3:GetBucketLocation'),
    handle: ({ Bucket }) => {
      buckets.get(Bucket)
      return { LocationConstraint: region as 'us-west-2' }
    },
  }),
  ListObjectsV2: operation<ListObjectsV2Request, Answer<ListObjectsV2CommandOutput>>()({
    reads: ['Bucket', 'Prefix', 'Delimiter', 'MaxKeys', 'ContinuationToken', 'StartAfter', 'EncodingType'],
    ...onBucket(partition, 's3:ListBucket'),
    handle: ({ Bucket, MaxKeys = 1000, ...input }) =>
      listedObjects(buckets, Bucket, Math.min(MaxKeys, 1000), input),
  }),
  PutObject: operation<PutObjectRequest, Answer<PutObjectCommandOutput>>()({
    reads: [
      'Bucket',
      'Key',
      'Body',
      'ContentType',
      'ContentLength',
      'Metadata',
      'ChecksumAlgorithm',
      'ChecksumCRC32',
      'IfNoneMatch',
    ],
    ...onObject(partition, 's3:PutObject'),
    handle: ({ Bucket, Key, Body, ContentType, Metadata, ChecksumCRC32, IfNoneMatch }) => {
      const body = (Body as Buffer | undefined) ?? Buffer.alloc(0)
      if (ChecksumCRC32 !== undefined && ChecksumCRC32 !== checksumOf(body))
        throw new AwsFailure('BadDigest', 'The CRC32 you specified did not match the calculated checksum.', {
          status: 400,
        })
      if (IfNoneMatch === '*' && buckets.get(Bucket).objects.has(Key))
        throw new AwsFailure(
          'PreconditionFailed',
          'At least one of the pre-conditions you specified did not hold',
          {
            status: 412,
          },
        )
      const { etag } = buckets.put(Bucket, {
        key: Key,
        body,
        ...(ContentType ? { contentType: ContentType } : {}),
        ...(Metadata ? { metadata: Metadata } : {}),
      })
      return { ETag: etag, ChecksumCRC32: checksumOf(body), ChecksumType: 'FULL_OBJECT' }
    },
  }),
  GetObject: operation<GetObjectRequest, object>()({
    reads: ['Bucket', 'Key', 'ChecksumMode'],
    ...onObject(partition, 's3:GetObject'),
    handle: ({ Bucket, Key, ChecksumMode }) => {
      const object = buckets.object(Bucket, Key)
      return { ...headOf(object, ChecksumMode), Body: object.body }
    },
  }),
  HeadObject: operation<HeadObjectRequest, Answer<HeadObjectCommandOutput>>()({
    reads: ['Bucket', 'Key', 'ChecksumMode'],
    ...onObject(partition, 's3:GetObject'),
    handle: ({ Bucket, Key, ChecksumMode }) => headOf(buckets.object(Bucket, Key), ChecksumMode),
  }),
  DeleteObject: operation<DeleteObjectRequest, Answer<DeleteObjectCommandOutput>>()({
    reads: ['Bucket', 'Key'],
    ...onObject(partition, 's3:DeleteObject'),
    // What is not there is deleted as well.
    handle: ({ Bucket, Key }) => {
      buckets.get(Bucket).objects.delete(Key)
      return {}
    },
  }),
})

/** What the header of a page says, and a page of it: `aws s3 ls` and the SDK's paginator ask for it. */
export const listedObjects = (
  buckets: Buckets,
  bucket: string,
  most: number,
  input: Pick<
    ListObjectsV2Request,
    'Prefix' | 'Delimiter' | 'ContinuationToken' | 'StartAfter' | 'EncodingType'
  >,
): Answer<ListObjectsV2CommandOutput> => {
  const { Prefix = '', Delimiter, ContinuationToken, StartAfter, EncodingType } = input
  const after = ContinuationToken === undefined ? StartAfter : tokenKey(ContinuationToken)
  const { objects, commonPrefixes, next } = objectPage(buckets.get(bucket), {
    prefix: Prefix,
    most,
    ...(Delimiter === undefined ? {} : { delimiter: Delimiter }),
    ...(after === undefined ? {} : { after }),
  })
  const shown = (text: string) =>
    EncodingType === 'url' ? encodeURIComponent(text).replaceAll('%2F', '/') : text
  return {
    Name: bucket,
    Prefix: shown(Prefix),
    ...(Delimiter === undefined ? {} : { Delimiter: shown(Delimiter) }),
    ...(StartAfter === undefined ? {} : { StartAfter: shown(StartAfter) }),
    ...(ContinuationToken === undefined ? {} : { ContinuationToken }),
    ...(EncodingType === undefined ? {} : { EncodingType }),
    MaxKeys: most,
    KeyCount: objects.length + commonPrefixes.length,
    IsTruncated: next !== undefined,
    ...(next === undefined ? {} : { NextContinuationToken: Buffer.from(next).toString('base64') }),
    Contents: objects.map(({ key, etag, modifiedAt, body }) => ({
      Key: shown(key),
      LastModified: modifiedAt,
      ETag: etag,
      Size: body.length,
      StorageClass: 'STANDARD',
    })),
    CommonPrefixes: commonPrefixes.map((prefix) => ({ Prefix: shown(prefix) })),
  }
}

const tokenKey = (token: string): string => {
  const key = Buffer.from(token, 'base64').toString()
  if (Buffer.from(key).toString('base64') === token) return key
  throw new AwsFailure('InvalidArgument', 'The continuation token provided is incorrect', { status: 400 })
}

const checksumOf = (body: Buffer): string => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc32(body))
  return bytes.toString('base64')
}

const headOf = (
  { body, contentType, etag, modifiedAt, metadata }: StoredObject,
  checksumMode: string | undefined,
) => ({
  AcceptRanges: 'bytes',
  ContentLength: body.length,
  ContentType: contentType,
  ETag: etag,
  LastModified: modifiedAt,
  Metadata: metadata,
  ServerSideEncryption: 'AES256' as const,
  ...(checksumMode === 'ENABLED'
    ? { ChecksumCRC32: checksumOf(body), ChecksumType: 'FULL_OBJECT' as const }
    : {}),
})
