import type {
  AbortMultipartUploadCommandOutput,
  AbortMultipartUploadRequest,
  CompleteMultipartUploadCommandOutput,
  CompleteMultipartUploadRequest,
  CreateMultipartUploadCommandOutput,
  CreateMultipartUploadRequest,
  ListMultipartUploadsCommandOutput,
  ListMultipartUploadsRequest,
  ListPartsCommandOutput,
  ListPartsRequest,
  UploadPartCommandOutput,
  UploadPartRequest,
} from '@aws-sdk/client-s3'
import { AwsFailure } from '../failure.ts'
import { type Operations, operation } from '../operation.ts'
import type { Buckets } from './buckets.ts'
import { algorithmOf, checksumMembers, checksumOf, shownChecksum, verified } from './checksums.ts'
import { type Answer, onBucket, onObject, requireAbsent } from './targets.ts'
import { addPart, beginUpload, checksumPlan, completeUpload, uploadOf } from './uploads.ts'

/** S3: objects that are sent in parts, as clients do with what is large. */
export const multipartOperations = (buckets: Buckets, partition: string): Operations => ({
  CreateMultipartUpload: operation<
    CreateMultipartUploadRequest,
    Answer<CreateMultipartUploadCommandOutput>
  >()({
    reads: ['Bucket', 'Key', 'ContentType', 'Metadata', 'ChecksumAlgorithm', 'ChecksumType'],
    ...onObject(partition, 's3:PutObject'),
    handle: ({ Bucket, Key, ContentType, Metadata, ChecksumAlgorithm, ChecksumType }) => {
      const { id, checksum } = beginUpload(buckets.get(Bucket), {
        key: Key,
        startedAt: buckets.now(),
        checksum: checksumPlan(algorithmOf(ChecksumAlgorithm), ChecksumType),
        ...(ContentType ? { contentType: ContentType } : {}),
        ...(Metadata ? { metadata: Metadata } : {}),
      })
      return {
        Bucket,
        Key,
        UploadId: id,
        ServerSideEncryption: 'AES256',
        ChecksumAlgorithm: checksum.algorithm,
        ChecksumType: checksum.type,
      }
    },
  }),
  UploadPart: operation<UploadPartRequest, Answer<UploadPartCommandOutput>>()({
    reads: [
      'Bucket',
      'Key',
      'PartNumber',
      'UploadId',
      'Body',
      'ContentLength',
      'ContentMD5',
      'ChecksumAlgorithm',
      ...checksumMembers,
    ],
    ...onObject(partition, 's3:PutObject'),
    handle: ({ Bucket, Key, PartNumber, UploadId, Body, ...checks }) => {
      const upload = uploadOf(buckets.get(Bucket), Key, UploadId)
      const body = (Body as Buffer | undefined) ?? Buffer.alloc(0)
      verified(body, checks)
      const { algorithm } = upload.checksum
      const { etag } = addPart(upload, PartNumber, body, buckets.now())
      return {
        ETag: etag,
        ServerSideEncryption: 'AES256',
        [`Checksum${algorithm}`]: checksumOf(algorithm, body),
      }
    },
  }),
  CompleteMultipartUpload: operation<
    CompleteMultipartUploadRequest,
    Answer<CompleteMultipartUploadCommandOutput>
  >()({
    reads: [
      'Bucket',
      'Key',
      'UploadId',
      'MultipartUpload.Parts.ETag',
      'MultipartUpload.Parts.PartNumber',
      'MultipartUpload.Parts.ChecksumCRC32',
      'MultipartUpload.Parts.ChecksumCRC32C',
      'MultipartUpload.Parts.ChecksumCRC64NVME',
      'MultipartUpload.Parts.ChecksumSHA1',
      'MultipartUpload.Parts.ChecksumSHA256',
      ...checksumMembers,
      'ChecksumType',
      'MpuObjectSize',
      'IfNoneMatch',
    ],
    ...onObject(partition, 's3:PutObject'),
    handle: ({
      Bucket,
      Key,
      UploadId,
      MultipartUpload,
      ChecksumType,
      MpuObjectSize,
      IfNoneMatch,
      ...sums
    }) => {
      const bucket = buckets.get(Bucket)
      const upload = uploadOf(bucket, Key, UploadId)
      const { Parts: parts = [] } = MultipartUpload ?? {}
      if (parts.length === 0)
        throw new AwsFailure(
          'MalformedXML',
          'The XML you provided was not well-formed or did not validate against our published schema',
          { status: 400 },
        )
      requireAbsent(buckets, Bucket, Key, IfNoneMatch)
      if (ChecksumType !== undefined && ChecksumType !== upload.checksum.type)
        throw new AwsFailure(
          'InvalidRequest',
          `The upload was created using the ${upload.checksum.type} checksum mode. The complete request must use the same checksum mode.`,
          { status: 400 },
        )
      const object = completeUpload(buckets, bucket, upload, {
        parts,
        sums,
        ...(MpuObjectSize === undefined ? {} : { size: Number(MpuObjectSize) }),
      })
      return {
        Location: `http://${Bucket}.s3.amazonaws.com/${encodeURIComponent(Key).replaceAll('%2F', '/')}`,
        Bucket,
        Key,
        ETag: object.etag,
        ...(object.checksum ? shownChecksum(object.checksum) : {}),
      }
    },
  }),
  AbortMultipartUpload: operation<AbortMultipartUploadRequest, Answer<AbortMultipartUploadCommandOutput>>()({
    reads: ['Bucket', 'Key', 'UploadId'],
    ...onObject(partition, 's3:AbortMultipartUpload'),
    handle: ({ Bucket, Key, UploadId }) => {
      const bucket = buckets.get(Bucket)
      bucket.uploads.delete(uploadOf(bucket, Key, UploadId).id)
      return {}
    },
  }),
  ListParts: operation<ListPartsRequest, Answer<ListPartsCommandOutput>>()({
    reads: ['Bucket', 'Key', 'UploadId', 'MaxParts', 'PartNumberMarker'],
    ...onObject(partition, 's3:ListMultipartUploadParts'),
    handle: ({ Bucket, Key, UploadId, MaxParts = 1000, PartNumberMarker = '0' }) => {
      const { parts, checksum } = uploadOf(buckets.get(Bucket), Key, UploadId)
      const after = [...parts.values()]
        .sort((one, other) => one.number - other.number)
        .filter(({ number }) => number > Number(PartNumberMarker))
      const page = after.slice(0, Math.max(0, Math.min(MaxParts, 1000)))
      const more = after.length > page.length
      return {
        Bucket,
        Key,
        UploadId,
        PartNumberMarker,
        ...(more ? { NextPartNumberMarker: String(page.at(-1)?.number ?? PartNumberMarker) } : {}),
        MaxParts,
        IsTruncated: more,
        Parts: page.map(({ number, etag, body, modifiedAt }) => ({
          PartNumber: number,
          ETag: etag,
          Size: body.length,
          LastModified: modifiedAt,
          [`Checksum${checksum.algorithm}`]: checksumOf(checksum.algorithm, body),
        })),
        StorageClass: 'STANDARD',
        ChecksumAlgorithm: checksum.algorithm,
        ChecksumType: checksum.type,
      }
    },
  }),
  ListMultipartUploads: operation<ListMultipartUploadsRequest, Answer<ListMultipartUploadsCommandOutput>>()({
    reads: ['Bucket', 'Prefix', 'MaxUploads', 'KeyMarker', 'UploadIdMarker'],
    ...onBucket(partition, 's3:ListBucketMultipartUploads'),
    handle: ({ Bucket, Prefix = '', MaxUploads = 1000, KeyMarker = '', UploadIdMarker = '' }) => {
      const order = ({ key, id }: { key: string; id: string }) => Buffer.from(`${key}\0${id}`)
      // Without a marker among the uploads of its key, they all come before what follows.
      const marker = KeyMarker === '' ? undefined : Buffer.from(`${KeyMarker}\0${UploadIdMarker || '~'}`)
      const after = [...buckets.get(Bucket).uploads.values()]
        .filter((upload) => upload.key.startsWith(Prefix))
        .filter((upload) => !marker || Buffer.compare(order(upload), marker) > 0)
        .sort((one, other) => Buffer.compare(order(one), order(other)))
      const page = after.slice(0, Math.max(0, Math.min(MaxUploads, 1000)))
      const last = after.length > page.length ? page.at(-1) : undefined
      return {
        Bucket,
        Prefix,
        KeyMarker,
        UploadIdMarker,
        ...(last ? { NextKeyMarker: last.key, NextUploadIdMarker: last.id } : {}),
        MaxUploads,
        IsTruncated: after.length > page.length,
        Uploads: page.map(({ key, id, startedAt, checksum }) => ({
          Key: key,
          UploadId: id,
          Initiated: startedAt,
          StorageClass: 'STANDARD',
          ChecksumAlgorithm: checksum.algorithm,
          ChecksumType: checksum.type,
        })),
      }
    },
  }),
})
