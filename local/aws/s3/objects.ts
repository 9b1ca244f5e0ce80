import type { Checksum } from './checksums.ts'

/** An object of a bucket, without versions. */
export interface StoredObject {
  key: string
  body: Buffer
  contentType: string
  metadata: Record<string, string>
  /** In quotes, as it travels. */
  etag: string
  /** To the second, as S3 tells it. */
  modifiedAt: Date
  /** Where its client named an algorithm, or sent it in parts. */
  checksum?: Checksum
}

export interface Bucket {
  name: string
  /** Its policy's text; no request is judged by it. */
  policy?: string
  createdAt: Date
  objects: Map<string, StoredObject>
  /** Objects that are on their way in parts, by id. */
  uploads: Map<string, Upload>
}

/** A part of an upload. */
export interface UploadedPart {
  number: number
  body: Buffer
  /** In quotes, as it travels. */
  etag: string
  modifiedAt: Date
}

/** An object that is on its way in parts. */
export interface Upload
  extends Pick<StoredObject, 'key'>,
    Partial<Pick<StoredObject, 'contentType' | 'metadata'>> {
  id: string
  startedAt: Date
  /** How its parts and the object are to be checked. */
  checksum: Pick<Checksum, 'algorithm' | 'type'>
  parts: Map<number, UploadedPart>
}
