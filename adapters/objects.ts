import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { clientOptions, onlyAnswersOfAws } from './aws-client.ts'
import { isNamed, requiredMember, restateAwsError } from './aws-errors.ts'
import { perRuntime } from './per-runtime.ts'
import type { Runtime } from './runtime.ts'

/** JSON documents under keys, for what is longer than a state of a workflow may be. */
export interface Objects {
  /** What Step Functions is told of it. */
  bucket: string
  /** The document; undefined where there is none. */
  get(key: string): Promise<unknown>
  put(key: string, value: unknown): Promise<void>
  /** The keys that begin so. */
  list(prefix: string): Promise<string[]>
}

const client = perRuntime((runtime, region) => onlyAnswersOfAws(new S3Client(clientOptions(runtime, region))))

/** The documents of a bucket. Every failure comes in the names of `core/errors.ts`. */
export const objects = (
  runtime: Runtime,
  { bucket, region }: { bucket: string; region: string },
): Objects => {
  const sdk = client(runtime, region)
  const options = runtime.signal ? { abortSignal: runtime.signal } : {}
  const restated =
    (doing: string) =>
    (error: unknown): never => {
      throw restateAwsError(error, doing)
    }
  return {
    bucket,
    get: async (key) => {
      try {
        const { Body } = await sdk.send(new GetObjectCommand({ Bucket: bucket, Key: key }), options)
        return JSON.parse(await requiredMember(Body, 'body').transformToString()) as unknown
      } catch (error) {
        if (isNamed(error, 'NoSuchKey')) return undefined
        throw restateAwsError(error, `reading ${key} of the bucket ${bucket}`)
      }
    },
    put: async (key, value) => {
      await sdk
        .send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: key,
            Body: JSON.stringify(value),
            ContentType: 'application/json',
          }),
          options,
        )
        .catch(restated(`writing ${key} of the bucket ${bucket}`))
    },
    list: async (prefix) => {
      const keys: string[] = []
      let ContinuationToken: string | undefined
      do {
        const page = await sdk
          .send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken }), options)
          .catch(restated(`listing the bucket ${bucket}`))
        keys.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []))
        ContinuationToken = page.NextContinuationToken
      } while (ContinuationToken)
      return keys
    },
  }
}
