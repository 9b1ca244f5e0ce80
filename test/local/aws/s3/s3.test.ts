import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3'
import { StartExecutionCommand } from '@aws-sdk/client-sfn'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AwsStandIn, startAws } from '../../../../local/aws/index.ts'
import { allow, clientsOf, config, lambdaTrust } from '../support.ts'

let aws: AwsStandIn
let s3: S3Client
beforeAll(async () => {
  aws = await startAws()
  s3 = new S3Client(config(aws))
  aws.buckets.add('fleet')
})
afterAll(() => aws.close())

const Bucket = 'fleet'
const put = (Key: string, Body: string) => s3.send(new PutObjectCommand({ Bucket, Key, Body }))

/** An object `x` as a client sends a stream: in chunks, with a trailer. */
const chunked = (Key: string, trailer: string): PutObjectCommand => {
  const command = new PutObjectCommand({ Bucket, Key, Body: 'x' })
  command.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { body: unknown; headers: Record<string, string> }
      for (const name of Object.keys(request.headers))
        if (name.startsWith('x-amz-checksum') || name === 'x-amz-sdk-checksum-algorithm')
          delete request.headers[name]
      request.body = `1\r\nx\r\n0\r\n${trailer}\r\n\r\n`
      request.headers['x-amz-content-sha256'] = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'
      request.headers['content-length'] = String(Buffer.byteLength(request.body as string))
      return next(args)
    },
    { step: 'build', priority: 'low' },
  )
  return command
}

describe('S3', () => {
  it('makes, lists and removes buckets', async () => {
    const LocationConstraint = 'us-west-2'
    await s3.send(
      new CreateBucketCommand({ Bucket: 'other', CreateBucketConfiguration: { LocationConstraint } }),
    )
    expect((await s3.send(new ListBucketsCommand())).Buckets?.map(({ Name }) => Name)).toEqual([
      'fleet',
      'other',
    ])
    expect(await s3.send(new GetBucketLocationCommand({ Bucket: 'other' }))).toMatchObject({
      LocationConstraint,
    })
    await s3.send(new DeleteBucketCommand({ Bucket: 'other' }))
    await expect(s3.send(new HeadBucketCommand({ Bucket: 'other' }))).rejects.toMatchObject({
      name: 'NotFound',
      $metadata: { httpStatusCode: 404 },
    })
  })

  it('answers an object as it was put', async () => {
    const Key = 'a folder/ä+?&.json'
    await s3.send(
      new PutObjectCommand({
        Bucket,
        Key,
        Body: '{"a":"ä"}',
        ContentType: 'application/json',
        Metadata: { wave: '1' },
      }),
    )
    const { Body, ...head } = await s3.send(new GetObjectCommand({ Bucket, Key }))
    expect(await Body?.transformToString()).toBe('{"a":"ä"}')
    const described = {
      ContentLength: 10,
      ContentType: 'application/json',
      ETag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
      LastModified: expect.any(Date),
      Metadata: { wave: '1' },
    }
    expect(head).toMatchObject(described)
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key }))).toMatchObject(described)
    await s3.send(new DeleteObjectCommand({ Bucket, Key }))
    await s3.send(new DeleteObjectCommand({ Bucket, Key }))
    await expect(s3.send(new GetObjectCommand({ Bucket, Key }))).rejects.toMatchObject({ name: 'NoSuchKey' })
  })

  it('lists by prefix and delimiter, page by page, in the order of keys', async () => {
    for (const key of ['b', 'a/2', 'a/1', 'a/x/1', 'c', 'a/x/2']) await put(key, key)
    const all: unknown[] = []
    const pages = paginateListObjectsV2({ client: s3, pageSize: 2 }, { Bucket })
    for await (const { Contents = [], KeyCount } of pages)
      all.push(KeyCount, ...Contents.map(({ Key }) => Key))
    expect(all).toEqual([2, 'a/1', 'a/2', 2, 'a/x/1', 'a/x/2', 2, 'b', 'c'])
    const folders: unknown[] = []
    const listed = paginateListObjectsV2(
      { client: s3, pageSize: 2 },
      { Bucket, Prefix: 'a/', Delimiter: '/', EncodingType: 'url' },
    )
    for await (const { Contents = [], CommonPrefixes = [] } of listed)
      folders.push(...Contents.map(({ Key }) => Key), ...CommonPrefixes.map(({ Prefix }) => Prefix))
    expect(folders).toEqual(['a/1', 'a/2', 'a/x/'])
  })

  const refused: [why: string, send: () => Promise<unknown>, error: object][] = [
    [
      'a bucket that is there',
      () =>
        s3.send(
          new CreateBucketCommand({
            Bucket,
            CreateBucketConfiguration: { LocationConstraint: 'us-west-2' },
          }),
        ),
      { name: 'BucketAlreadyOwnedByYou' },
    ],
    [
      'a name that no bucket may have',
      () =>
        s3.send(
          new CreateBucketCommand({
            Bucket: 'a..b',
            CreateBucketConfiguration: { LocationConstraint: 'us-west-2' },
          }),
        ),
      { name: 'InvalidBucketName' },
    ],
    [
      'to remove a bucket with objects',
      () => s3.send(new DeleteBucketCommand({ Bucket })),
      { name: 'BucketNotEmpty' },
    ],
    [
      'a bucket that is not there',
      () => s3.send(new GetObjectCommand({ Bucket: 'nobodys', Key: 'a' })),
      { name: 'NoSuchBucket' },
    ],
    [
      'to overwrite where that is not wanted',
      () => s3.send(new PutObjectCommand({ Bucket, Key: 'b', Body: 'x', IfNoneMatch: '*' })),
      { name: 'PreconditionFailed' },
    ],
    [
      'a body that is not what its checksum says',
      () => s3.send(new PutObjectCommand({ Bucket, Key: 'd', Body: 'x', ChecksumCRC32: 'AAAAAA==' })),
      { name: 'BadDigest' },
    ],
    [
      'what is not read',
      () => s3.send(new PutObjectCommand({ Bucket, Key: 'd', Body: 'x', StorageClass: 'GLACIER' })),
      { name: 'NotImplemented', message: expect.stringContaining('StorageClass') },
    ],
    [
      'a header of several values that is not read',
      () => s3.send(new ListObjectsV2Command({ Bucket, OptionalObjectAttributes: ['RestoreStatus'] })),
      { name: 'NotImplemented', message: expect.stringContaining('OptionalObjectAttributes') },
    ],
    [
      'a body whose trailer is the checksum of another',
      () => s3.send(chunked('d', 'x-amz-checksum-crc32:AAAAAA==')),
      { name: 'BadDigest' },
    ],
    [
      'an object that has changed',
      () => s3.send(new GetObjectCommand({ Bucket, Key: 'b', IfMatch: '"old"' })),
      { name: 'PreconditionFailed', $metadata: expect.objectContaining({ httpStatusCode: 412 }) },
    ],
    [
      'a part beyond the end',
      () => s3.send(new GetObjectCommand({ Bucket, Key: 'b', Range: 'bytes=1-' })),
      { name: 'InvalidRange', $metadata: expect.objectContaining({ httpStatusCode: 416 }) },
    ],
  ]
  it.each(refused)('refuses %s', async (_why, send, error) => {
    await expect(send()).rejects.toMatchObject(error)
  })

  it('asks the policies of whoever calls', async () => {
    const { arn } = aws.state.addRole({
      name: 'reader',
      trust: lambdaTrust,
      inline: { a: allow('s3:GetObject', 'arn:aws:s3:::fleet/a/*') },
    })
    const reader = new S3Client(config(aws, aws.sessionFor(arn)))
    await reader.send(new GetObjectCommand({ Bucket, Key: 'a/1' }))
    await expect(reader.send(new GetObjectCommand({ Bucket, Key: 'b' }))).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining(
        'is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::fleet/b"',
      ),
    })
  })
})

describe('a distributed Map with its items and results in a bucket', () => {
  const definition = JSON.stringify({
    QueryLanguage: 'JSONata',
    StartAt: 'Each',
    States: {
      Each: {
        Type: 'Map',
        Label: 'each',
        ItemReader: {
          Resource: 'arn:aws:states:::s3:getObject',
          Arguments: { Bucket, Key: 'items.jsonl' },
          ReaderConfig: { InputType: 'JSONL' },
        },
        ItemBatcher: { MaxItemsPerBatch: 2 },
        ResultWriter: {
          Resource: 'arn:aws:states:::s3:putObject',
          Arguments: { Bucket, Prefix: 'results' },
        },
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
          StartAt: 'Echo',
          States: { Echo: { Type: 'Pass', End: true } },
        },
        End: true,
      },
    },
  })
  const outcome = async (inline?: object) => {
    const name = inline ? 'limited' : 'free'
    const roleArn = inline
      ? aws.state.addRole({ name, trust: lambdaTrust, inline: { a: inline } }).arn
      : undefined
    const machine = aws.stateMachines.add({
      name,
      definition,
      task: () => ({}),
      ...(roleArn ? { roleArn } : {}),
    })
    const { executionArn = '' } = await clientsOf(aws).states.send(
      new StartExecutionCommand({ stateMachineArn: machine.arn, input: '{}' }),
    )
    return aws.stateMachines.closed(executionArn)
  }

  it('reads them and writes them', async () => {
    await put('items.jsonl', '1\n2\n3\n')
    const { status, output = '{}' } = await outcome()
    expect(status).toBe('SUCCEEDED')
    const { Key } = (JSON.parse(output) as { ResultWriterDetails: { Key: string } }).ResultWriterDetails
    const read = async (key: string) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: key }))
      return JSON.parse((await Body?.transformToString()) ?? '') as unknown
    }
    const { ResultFiles } = (await read(Key)) as { ResultFiles: { SUCCEEDED: [{ Key: string }] } }
    expect(await read(ResultFiles.SUCCEEDED[0].Key)).toMatchObject([
      { Output: '{"Items":[1,2]}' },
      { Output: '{"Items":[3]}' },
    ])
  })

  it('needs the permissions of the machine’s role', async () => {
    expect(await outcome(allow('s3:GetObject', 'arn:aws:s3:::fleet/items.jsonl'))).toMatchObject({
      status: 'FAILED',
      error: 'States.ResultWriterFailed',
      cause: expect.stringContaining('not authorized to perform: s3:PutObject'),
    })
  })
})
