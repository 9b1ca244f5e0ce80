import { createHash, randomUUID } from 'node:crypto'
import { AwsFailure } from '../failure.ts'
import type { Buckets } from './buckets.ts'
import {
  type ChecksumAlgorithm,
  type ChecksumMembers,
  checksumOfParts,
  defaultAlgorithm,
  verified,
} from './checksums.ts'
import type { Bucket, StoredObject, Upload, UploadedPart } from './objects.ts'

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
const leastPart = 5 * 1024 * 1024
const mostParts = 10_000

/** Begins an upload. */
export const beginUpload = (bucket: Bucket, given: Omit<Upload, 'id' | 'parts'>): Upload => {
  const upload = { ...given, id: randomUUID().replaceAll('-', ''), parts: new Map() }
  bucket.uploads.set(upload.id, upload)
  return upload
}

/** Throws NoSuchUpload. */
export const uploadOf = (bucket: Bucket, key: string, id: string): Upload => {
  const upload = bucket.uploads.get(id)
  if (upload?.key === key) return upload
  throw new AwsFailure(
    'NoSuchUpload',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    { status: 404, fields: { UploadId: id } },
  )
}

/** Adds a part, or puts it in place of the one with its number. Throws InvalidArgument. */
export const addPart = (upload: Upload, number: number, body: Buffer, modifiedAt: Date): UploadedPart => {
  if (!Number.isInteger(number) || number < 1 || number > mostParts)
    throw new AwsFailure(
      'InvalidArgument',
      `Part number must be an integer between 1 and ${mostParts}, inclusive`,
      { status: 400, fields: { ArgumentName: 'partNumber', ArgumentValue: number } },
    )
  const part = { number, body, modifiedAt, etag: `"${createHash('md5').update(body).digest('hex')}"` }
  upload.parts.set(number, part)
  return part
}

/** What CompleteMultipartUpload says of an upload. */
export interface Completion {
  parts: readonly NamedPart[]
  /** Of the whole object. */
  sums: ChecksumMembers
  /** Of the whole object, in bytes. */
  size?: number
}

type NamedPart = ChecksumMembers & { PartNumber?: number | undefined; ETag?: string | undefined }

/** Makes the object of the parts named, which may be fewer than were sent, and ends the upload. */
export const completeUpload = (
  buckets: Buckets,
  bucket: Bucket,
  upload: Upload,
  { parts: named, sums, size }: Completion,
): StoredObject => {
  const parts = named.map((part) => partNamed(upload, part))
  if (parts.some(({ number }, index) => index > 0 && number <= (parts[index - 1]?.number ?? 0)))
    throw new AwsFailure(
      'InvalidPartOrder',
      'The list of parts was not in ascending order. The parts list must be specified in order by part number.',
      { status: 400 },
    )
  const small = parts.slice(0, -1).find(({ body }) => body.length < leastPart)
  if (small)
    throw new AwsFailure('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', {
      status: 400,
      fields: {
        ETag: unquoted(small.etag),
        MinSizeAllowed: leastPart,
        ProposedSize: small.body.length,
        PartNumber: small.number,
      },
    })
  const bodies = parts.map(({ body }) => body)
  const body = Buffer.concat(bodies)
  if (size !== undefined && size !== body.length)
    throw new AwsFailure(
      'InvalidRequest',
      "The provided 'x-amz-mp-object-size' header does not match what was computed.",
      { status: 400 },
    )
  const hashes = parts.map(({ etag }) => Buffer.from(unquoted(etag), 'hex'))
  const { key, contentType, metadata } = upload
  const checksum = checksumOfParts(upload.checksum.algorithm, upload.checksum.type, bodies)
  const given = sums[`Checksum${checksum.algorithm}`]
  if (given !== undefined && given !== checksum.value)
    throw new AwsFailure(
      'BadDigest',
      `The ${checksum.algorithm.toLowerCase()} you specified did not match the calculated checksum.`,
      { status: 400 },
    )
  const object = buckets.put(bucket.name, {
    key,
    body,
    checksum,
    etag: `"${createHash('md5').update(Buffer.concat(hashes)).digest('hex')}-${parts.length}"`,
    ...(contentType === undefined ? {} : { contentType }),
    ...(metadata === undefined ? {} : { metadata }),
  })
  bucket.uploads.delete(upload.id)
  return object
}

const partNamed = (upload: Upload, { PartNumber = 0, ETag = '', ...sums }: NamedPart): UploadedPart => {
  const part = upload.parts.get(PartNumber)
  if (part && unquoted(part.etag) === unquoted(ETag)) {
    verified(part.body, sums)
    return part
  }
  throw new AwsFailure(
    'InvalidPart',
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    { status: 400, fields: { UploadId: upload.id, PartNumber, ETag: unquoted(ETag) } },
  )
}

const unquoted = (etag: string): string => etag.replaceAll('"', '')

/** How an upload's checksums are made, by what its beginning says. Throws InvalidRequest for a pair that S3 refuses. */
export const checksumPlan = (
  algorithm: ChecksumAlgorithm | undefined,
  type: string | undefined,
): Upload['checksum'] => {
  const chosen = algorithm ?? defaultAlgorithm
  const whole = chosen === 'CRC64NVME'
  const hash = chosen.startsWith('SHA')
  const wanted = type ?? (whole ? 'FULL_OBJECT' : 'COMPOSITE')
  if (wanted === 'FULL_OBJECT' ? hash : whole)
    throw new AwsFailure(
      'InvalidRequest',
      `The ${wanted} checksum type cannot be used with the ${chosen.toLowerCase()} checksum algorithm.`,
      { status: 400 },
    )
  return { algorithm: chosen, type: wanted === 'FULL_OBJECT' ? 'FULL_OBJECT' : 'COMPOSITE' }
}
