import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadRequest,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  paginateListParts,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AwsStandIn, startAws } from '../../../../local/aws/index.ts'
import { needing } from '../../../support/command-line.ts'
import { allow, cliEnvironment, config, lambdaTrust } from '../support.ts'

let aws: AwsStandIn
let s3: S3Client
beforeAll(async () => {
  aws = await startAws()
  s3 = new S3Client(config(aws))
  aws.buckets.add(Bucket)
})
afterAll(() => aws.close())

const Bucket = 'fleet'
const MiB = 1024 * 1024
const whole = Buffer.alloc(5 * MiB, 'abcdefg')
const last = Buffer.from('the end')

const begin = async (Key: string, more: Partial<CreateMultipartUploadRequest> = {}) => {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }))
  return { Bucket, Key, UploadId }
}
type Begun = Awaited<ReturnType<typeof begin>>

const part = async (upload: Begun, PartNumber: number, Body: Buffer) => {
  const { ETag, ChecksumCRC32 } = await s3.send(new UploadPartCommand({ ...upload, PartNumber, Body }))
  return { PartNumber, ETag, ChecksumCRC32 }
}
const complete = (upload: Begun, Parts: CompletedPart[]) =>
  s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }))

describe('an object in parts', () => {
  it('is there when it is complete, of the parts that are named then', async () => {
    const upload = await begin('big', {
      ChecksumAlgorithm: 'CRC32',
      ContentType: 'text/plain',
      Metadata: { wave: '1' },
    })
    const second = await part(upload, 7, last)
    await part(upload, 2, Buffer.from('is not named'))
    const first = await part(upload, 1, Buffer.from('is sent again'))
    const again = await part(upload, 1, whole)
    expect(again.ETag).not.toBe(first.ETag)
    await expect(s3.send(new HeadObjectCommand({ Bucket, Key: 'big' }))).rejects.toThrow()

    const { ETag, ChecksumType } = await complete(upload, [again, second])
    expect(ETag).toMatch(/^"[0-9a-f]{32}-2"$/)
    expect(ChecksumType).toBe('COMPOSITE')
    const { Body, ...head } = await s3.send(new GetObjectCommand({ Bucket, Key: 'big' }))
    expect(
      Buffer.compare((await Body?.transformToByteArray()) ?? Buffer.of(), Buffer.concat([whole, last])),
    ).toBe(0)
    expect(head).toMatchObject({
      ContentType: 'text/plain',
      Metadata: { wave: '1' },
      ETag,
      ChecksumCRC32: expect.stringMatching(/^[\w+/]{6}==-2$/),
    })
    await expect(part(upload, 1, last)).rejects.toMatchObject({ name: 'NoSuchUpload' })
  })

  it('has the checksum of the whole where that is asked for', async () => {
    const upload = await begin('sum', { ChecksumAlgorithm: 'CRC64NVME' })
    const sent = await s3.send(
      new UploadPartCommand({ ...upload, PartNumber: 1, Body: '123456789', ChecksumAlgorithm: 'CRC64NVME' }),
    )
    await complete(upload, [{ PartNumber: 1, ...sent }])
    expect(
      await s3.send(new HeadObjectCommand({ Bucket, Key: 'sum', ChecksumMode: 'ENABLED' })),
    ).toMatchObject({ ChecksumCRC64NVME: 'rosUhgp5mIg=', ChecksumType: 'FULL_OBJECT' })
  })

  it('can be looked at and given up on its way', async () => {
    const upload = await begin('way/1')
    await begin('way/2')
    for (const number of [3, 1, 2]) await part(upload, number, last)
    const numbers: unknown[] = []
    for await (const { Parts = [] } of paginateListParts({ client: s3, pageSize: 2 }, upload))
      numbers.push(Parts.map(({ PartNumber, Size }) => [PartNumber, Size]))
    expect(numbers).toEqual([
      [
        [1, 7],
        [2, 7],
      ],
      [[3, 7]],
    ])
    const keys = async () => {
      const first = await s3.send(new ListMultipartUploadsCommand({ Bucket, Prefix: 'way/', MaxUploads: 1 }))
      const { NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = first
      const next = first.IsTruncated
        ? await s3.send(
            new ListMultipartUploadsCommand({ Bucket, Prefix: 'way/', KeyMarker, UploadIdMarker }),
          )
        : undefined
      return [...(first.Uploads ?? []), ...(next?.Uploads ?? [])].map(({ Key }) => Key)
    }
    expect(await keys()).toEqual(['way/1', 'way/2'])
    await s3.send(new AbortMultipartUploadCommand(upload))
    expect(await keys()).toEqual(['way/2'])
    await expect(s3.send(new ListPartsCommand(upload))).rejects.toMatchObject({ name: 'NoSuchUpload' })
  })

  const refused: [why: string, name: string, act: (upload: Begun) => Promise<unknown>][] = [
    ['no parts', 'MalformedXML', (upload) => complete(upload, [])],
    [
      'parts in disorder',
      'InvalidPartOrder',
      async (upload) => {
        const [one, two] = [await part(upload, 1, last), await part(upload, 2, last)]
        return complete(upload, [two, one])
      },
    ],
    [
      'a part that is too small and not the last',
      'EntityTooSmall',
      async (upload) => complete(upload, [await part(upload, 1, last), await part(upload, 2, last)]),
    ],
    [
      'a part that was not sent',
      'InvalidPart',
      (upload) => complete(upload, [{ PartNumber: 1, ETag: '"0"' }]),
    ],
    ['a number that no part may have', 'InvalidArgument', (upload) => part(upload, 10_001, last)],
    [
      'a checksum that is another part’s',
      'BadDigest',
      async (upload) => complete(upload, [{ ...(await part(upload, 1, last)), ChecksumCRC32: 'AAAAAA==' }]),
    ],
    [
      'another size of the whole',
      'InvalidRequest',
      async (upload) =>
        s3.send(
          new CompleteMultipartUploadCommand({
            ...upload,
            MultipartUpload: { Parts: [await part(upload, 1, last)] },
            MpuObjectSize: 8,
          }),
        ),
    ],
    ['an upload of another key', 'NoSuchUpload', (upload) => part({ ...upload, Key: 'another' }, 1, last)],
    [
      'a checksum that is not computed here',
      'NotImplemented',
      () => begin('x', { ChecksumAlgorithm: 'XXHASH64' }),
    ],
    [
      'a checksum of the whole where there can be none',
      'InvalidRequest',
      () => begin('x', { ChecksumAlgorithm: 'SHA256', ChecksumType: 'FULL_OBJECT' }),
    ],
  ]
  it.each(refused)('is refused with %s', async (_why, name, act) => {
    await expect(act(await begin('refused'))).rejects.toMatchObject({ name })
  })

  it('takes the permission to write, and one of its own to be given up', async () => {
    const upload = await begin('mine')
    const { arn } = aws.state.addRole({
      name: 'writer',
      trust: lambdaTrust,
      inline: { a: allow('s3:PutObject', 'arn:aws:s3:::fleet/*') },
    })
    const writer = new S3Client(config(aws, aws.sessionFor(arn)))
    await writer.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: 'x' }))
    await expect(writer.send(new AbortMultipartUploadCommand(upload))).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('s3:AbortMultipartUpload on resource: "arn:aws:s3:::fleet/mine"'),
    })
  })
})

describe('a part of an object', () => {
  const rows: [why: string, range: string, body: string, contentRange: string | undefined][] = [
    ['from one byte to another', 'bytes=2-4', '234', 'bytes 2-4/10'],
    ['to beyond the end', 'bytes=8-99', '89', 'bytes 8-9/10'],
    ['to the end', 'bytes=7-', '789', 'bytes 7-9/10'],
    ['the last bytes', 'bytes=-2', '89', 'bytes 8-9/10'],
    ['more of the last than there are', 'bytes=-99', '0123456789', 'bytes 0-9/10'],
    ['several at once, which S3 does not serve', 'bytes=0-1,3-4', '0123456789', undefined],
    ['what is no range', 'bytes=4-2', '0123456789', undefined],
  ]
  it.each(rows)('is answered: %s', async (_why, Range, body, contentRange) => {
    aws.buckets.put(Bucket, { key: 'ten', body: Buffer.from('0123456789') })
    const answer = await s3.send(new GetObjectCommand({ Bucket, Key: 'ten', Range }))
    expect(await answer.Body?.transformToString()).toBe(body)
    expect(answer).toMatchObject({
      ContentLength: body.length,
      $metadata: { httpStatusCode: contentRange ? 206 : 200 },
    })
    expect(answer.ContentRange).toBe(contentRange)
    expect((await s3.send(new HeadObjectCommand({ Bucket, Key: 'ten', Range }))).ContentRange).toBe(
      contentRange,
    )
  })

  it('is not answered where the client has the object already', async () => {
    const { etag } = aws.buckets.put(Bucket, { key: 'ten', body: Buffer.from('0123456789') })
    await expect(
      s3.send(new GetObjectCommand({ Bucket, Key: 'ten', IfNoneMatch: etag })),
    ).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } })
    await s3.send(new GetObjectCommand({ Bucket, Key: 'ten', IfMatch: etag }))
  })
})

const { skipped, note } = needing('aws')

describe.skipIf(skipped)(`aws s3${note}`, () => {
  it('copies a large file to a bucket in parts, and back as what is listed there', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'podid-s3-'))
    try {
      const body = Buffer.alloc(9 * MiB, '0123456789')
      writeFileSync(join(folder, 'big'), body)
      const copy = (...command: string[]) =>
        promisify(execFile)('aws', ['s3', 'cp', ...command, '--no-progress'], {
          env: cliEnvironment(aws),
        })
      const calls = () =>
        aws.calls.calls
          .filter(({ subject }) => subject === 'fleet/cli/big')
          .map(({ operation, status }) => `${operation} ${status}`)
          .toSorted()
      await copy(join(folder, 'big'), 's3://fleet/cli/big')
      const sent = aws.buckets.object('fleet', 'cli/big')
      expect(sent.etag).toMatch(/-2"$/)
      expect(Buffer.compare(sent.body, body)).toBe(0)
      const sending = ['CompleteMultipartUpload 200', 'CreateMultipartUpload 200']
      const parts = ['UploadPart 200', 'UploadPart 200']
      expect(calls()).toEqual([...sending, ...parts])
      // Half a second more, for what the rows above ask: lists and ranges.
      if (!process.env.PODID_EXHAUSTIVE) return
      await copy('s3://fleet/cli/', join(folder, 'back'), '--recursive')
      expect(Buffer.compare(readFileSync(join(folder, 'back/big')), body)).toBe(0)
      expect(calls()).toEqual([...sending, 'GetObject 206', 'GetObject 206', ...parts])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
