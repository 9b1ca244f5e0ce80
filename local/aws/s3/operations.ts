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
  PutBucketPolicyRequest,
  PutObjectCommandOutput,
  PutObjectRequest,
} from '@aws-sdk/client-s3'
import type { Account } from '../account/account.ts'
import { AwsFailure } from '../failure.ts'
import { type Operations, operation } from '../operation.ts'
import { type Buckets, objectPage } from './buckets.ts'
import {
  algorithmOf,
  type Checksum,
  checksumMembers,
  checksumOf,
  defaultAlgorithm,
  shownChecksum,
  verified,
} from './checksums.ts'
import { multipartOperations } from './multipart.ts'
import type { StoredObject } from './objects.ts'
import { rangeOf } from './range.ts'
import { type Answer, onBucket, onObject, preconditionFailed, requireAbsent } from './targets.ts'

/** S3: buckets and the objects in them, without versions, ACLs, copies or encryption settings. */
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
  PutBucketPolicy: operation<PutBucketPolicyRequest, void>()({
    // The checksum itself comes in a header that the service's model does not have here: what it says is not checked.
    reads: ['Bucket', 'Policy', 'ChecksumAlgorithm'],
    ...onBucket(partition, 's3:PutBucketPolicy'),
    handle: ({ Bucket, Policy }) => {
      const text = Buffer.from(Policy as unknown as Uint8Array).toString()
      if (!isJson(text))
        throw new AwsFailure(
          'MalformedPolicy',
          "Policies must be valid JSON and the first byte must be '{'",
          { status: 400 },
        )
      buckets.get(Bucket).policy = text
    },
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
      'ContentMD5',
      'ChecksumAlgorithm',
      ...checksumMembers,
      'IfNoneMatch',
    ],
    ...onObject(partition, 's3:PutObject'),
    handle: ({ Bucket, Key, Body, ContentType, Metadata, IfNoneMatch, ChecksumAlgorithm, ...checks }) => {
      const body = (Body as Buffer | undefined) ?? Buffer.alloc(0)
      const algorithm = verified(body, checks) ?? algorithmOf(ChecksumAlgorithm) ?? defaultAlgorithm
      requireAbsent(buckets, Bucket, Key, IfNoneMatch)
      const checksum = { algorithm, type: 'FULL_OBJECT' as const, value: checksumOf(algorithm, body) }
      const { etag } = buckets.put(Bucket, {
        key: Key,
        body,
        checksum,
        ...(ContentType ? { contentType: ContentType } : {}),
        ...(Metadata ? { metadata: Metadata } : {}),
      })
      return { ETag: etag, ...shownChecksum(checksum) }
    },
  }),
  GetObject: operation<GetObjectRequest, object>()({
    reads: ['Bucket', 'Key', 'ChecksumMode', 'Range', 'IfMatch', 'IfNoneMatch'],
    ...onObject(partition, 's3:GetObject'),
    handle: (input) => {
      const { head, body } = readObject(buckets, input)
      return { ...head, Body: body }
    },
  }),
  HeadObject: operation<HeadObjectRequest, Answer<HeadObjectCommandOutput>>()({
    reads: ['Bucket', 'Key', 'ChecksumMode', 'Range', 'IfMatch', 'IfNoneMatch'],
    ...onObject(partition, 's3:GetObject'),
    handle: (input) => readObject(buckets, input).head,
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
  ...multipartOperations(buckets, partition),
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

const readObject = (
  buckets: Buckets,
  { Bucket, Key, ChecksumMode, Range, IfMatch, IfNoneMatch }: GetObjectRequest,
) => {
  const object = buckets.object(Bucket ?? '', Key ?? '')
  if (IfMatch !== undefined && !names(IfMatch, object.etag)) throw preconditionFailed('If-Match')
  if (IfNoneMatch !== undefined && names(IfNoneMatch, object.etag))
    throw new AwsFailure('NotModified', 'Not Modified', { status: 304 })
  const { body, contentType, etag, modifiedAt, metadata } = object
  const range = rangeOf(Range, body.length)
  const part = range ? body.subarray(range.from, range.to + 1) : body
  const head = {
    AcceptRanges: 'bytes',
    ContentLength: part.length,
    ContentType: contentType,
    ETag: etag,
    LastModified: modifiedAt,
    Metadata: metadata,
    ServerSideEncryption: 'AES256' as const,
    ...(range ? { ContentRange: `bytes ${range.from}-${range.to}/${body.length}` } : {}),
    // A part of an object has no checksum of its own.
    ...(ChecksumMode === 'ENABLED' && !range ? shownChecksum(checksumOfObject(object)) : {}),
  }
  return { head, body: part }
}

const checksumOfObject = ({ body, checksum }: StoredObject): Checksum =>
  checksum ?? {
    algorithm: defaultAlgorithm,
    type: 'FULL_OBJECT',
    value: checksumOf(defaultAlgorithm, body),
  }

/** Whether an If-Match or If-None-Match header names the tag. */
const names = (header: string, etag: string): boolean =>
  header
    .split(',')
    .map((one) => one.trim().replace(/^W\//, '').replaceAll('"', ''))
    .some((one) => one === '*' || one === etag.replaceAll('"', ''))

const isJson = (text: string): boolean => {
  try {
    return typeof JSON.parse(text) === 'object'
  } catch {
    return false
  }
}
