import { createHash } from 'node:crypto'
import type { Account } from '../account/account.ts'
import { AwsFailure } from '../failure.ts'
import type { Bucket, StoredObject } from './objects.ts'

export type BucketObject = Pick<StoredObject, 'key' | 'body'> &
  Partial<Pick<StoredObject, 'contentType' | 'metadata' | 'etag' | 'checksum'>>

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
const bucketName =
  /^(?!xn--|sthree-|amzn-s3-demo-)(?!\d+\.\d+\.\d+\.\d+$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/

/** The account's buckets. */
export class Buckets {
  readonly #account: Pick<Account, 'now'>
  readonly #buckets = new Map<string, Bucket>()

  constructor(account: Pick<Account, 'now'>) {
    this.#account = account
  }

  /** Throws InvalidBucketName or BucketAlreadyOwnedByYou. */
  add(name: string): Bucket {
    if (!bucketName.test(name))
      throw new AwsFailure('InvalidBucketName', 'The specified bucket is not valid.', { status: 400 })
    if (this.#buckets.has(name))
      throw new AwsFailure(
        'BucketAlreadyOwnedByYou',
        'Your previous request to create the named bucket succeeded and you already own it.',
        { status: 409 },
      )
    const bucket = { name, createdAt: this.now(), objects: new Map(), uploads: new Map() }
    this.#buckets.set(name, bucket)
    return bucket
  }

  /** By name. */
  list(): Bucket[] {
    return [...this.#buckets.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
  }

  /** Throws NoSuchBucket. */
  get(name: string): Bucket {
    const bucket = this.#buckets.get(name)
    if (!bucket)
      throw new AwsFailure('NoSuchBucket', 'The specified bucket does not exist', {
        status: 404,
        fields: { BucketName: name },
      })
    return bucket
  }

  /** Throws BucketNotEmpty. */
  remove(name: string): void {
    if (this.get(name).objects.size > 0)
      throw new AwsFailure('BucketNotEmpty', 'The bucket you tried to delete is not empty', { status: 409 })
    this.#buckets.delete(name)
  }

  /** Throws NoSuchKey. */
  object(bucket: string, key: string): StoredObject {
    const object = this.get(bucket).objects.get(key)
    if (!object)
      throw new AwsFailure('NoSuchKey', 'The specified key does not exist.', {
        status: 404,
        fields: { Key: key },
      })
    return object
  }

  put(
    bucket: string,
    {
      body,
      contentType = 'binary/octet-stream',
      metadata = {},
      etag = `"${createHash('md5').update(body).digest('hex')}"`,
      ...rest
    }: BucketObject,
  ): StoredObject {
    const object = { ...rest, body, contentType, metadata, etag, modifiedAt: this.now() }
    this.get(bucket).objects.set(object.key, object)
    return object
  }

  /** To the second, as S3 tells times. */
  now(): Date {
    return new Date(Math.floor(this.#account.now().getTime() / 1000) * 1000)
  }
}

/** A page of a bucket's objects, in the order of their keys' bytes. */
export interface ObjectPage {
  objects: StoredObject[]
  commonPrefixes: string[]
  /** The last key or prefix of the page, where there is more. */
  next: string | undefined
}

/** Keys that have the delimiter after the prefix are shown once, as what they have in common. */
export const objectPage = (
  { objects }: Bucket,
  {
    prefix = '',
    delimiter = '',
    after = '',
    most = 1000,
  }: { prefix?: string; delimiter?: string; after?: string; most?: number },
): ObjectPage => {
  const shown: (StoredObject | string)[] = []
  const nameOf = (entry: StoredObject | string) => (typeof entry === 'string' ? entry : entry.key)
  for (const object of [...objects.values()].sort((one, other) =>
    Buffer.compare(Buffer.from(one.key), Buffer.from(other.key)),
  )) {
    if (!object.key.startsWith(prefix)) continue
    const end = delimiter === '' ? -1 : object.key.indexOf(delimiter, prefix.length)
    const entry = end < 0 ? object : object.key.slice(0, end + delimiter.length)
    if (Buffer.compare(Buffer.from(nameOf(entry)), Buffer.from(after)) <= 0) continue
    if (typeof entry !== 'string' || shown.at(-1) !== entry) shown.push(entry)
  }
  const page = shown.slice(0, most)
  const last = page.at(-1)
  return {
    objects: page.filter((entry) => typeof entry !== 'string'),
    commonPrefixes: page.filter((entry) => typeof entry === 'string'),
    next: shown.length > page.length && last !== undefined ? nameOf(last) : undefined,
  }
}
