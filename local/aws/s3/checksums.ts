import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { AwsFailure } from '../failure.ts'

/** The algorithms that are served; MD5, SHA-512 and the XXHash ones are refused where a request names them. */
export type ChecksumAlgorithm = 'CRC32' | 'CRC32C' | 'CRC64NVME' | 'SHA1' | 'SHA256'

/** What S3 uses of an object for which its client names no algorithm. */
export const defaultAlgorithm: ChecksumAlgorithm = 'CRC64NVME'

/** A checksum as an object has it. */
export interface Checksum {
  algorithm: ChecksumAlgorithm
  /** In base64; of the checksums of the parts, with their number behind it, where it is COMPOSITE. */
  value: string
  type: 'FULL_OBJECT' | 'COMPOSITE'
}

/** The members of a request that say what its body's checksum is. */
export type ChecksumMembers = { [Name in `Checksum${ChecksumAlgorithm}`]?: string | undefined }

/** The table of a reflected CRC, one step a byte; the polynomial in two halves of 32 bits, its high one 0 for CRC-32C. */
const crcTable = (high: number, low: number): { high: Int32Array; low: Int32Array } => {
  const table = { high: new Int32Array(256), low: new Int32Array(256) }
  for (let byte = 0; byte < 256; byte++) {
    let [upper, lower] = [0, byte]
    for (let bit = 0; bit < 8; bit++) {
      const odd = lower & 1
      lower = (lower >>> 1) | (upper << 31)
      upper >>>= 1
      if (odd) [upper, lower] = [upper ^ high, lower ^ low]
    }
    table.high[byte] = upper
    table.low[byte] = lower
  }
  return table
}

/** CRC-32C (Castagnoli), 4 bytes. */
const crc32c = (body: Buffer): Buffer => {
  castagnoli ??= crcTable(0, 0x82f63b78).low
  let crc = ~0
  for (let at = 0; at < body.length; at++)
    crc = (crc >>> 8) ^ (castagnoli[(crc ^ (body[at] ?? 0)) & 0xff] ?? 0)
  return words(~crc)
}
let castagnoli: Int32Array | undefined

/** CRC-64/NVME, 8 bytes. */
const crc64 = (body: Buffer): Buffer => {
  nvme ??= crcTable(0x9a6c9329, 0xac4bc9b5)
  let [high, low] = [~0, ~0]
  for (let at = 0; at < body.length; at++) {
    const row = (low ^ (body[at] ?? 0)) & 0xff
    low = ((low >>> 8) | (high << 24)) ^ (nvme.low[row] ?? 0)
    high = (high >>> 8) ^ (nvme.high[row] ?? 0)
  }
  return words(~high, ~low)
}
let nvme: ReturnType<typeof crcTable> | undefined

const words = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length)
  for (const [index, value] of values.entries()) bytes.writeInt32BE(value | 0, 4 * index)
  return bytes
}

const digests: Readonly<Record<ChecksumAlgorithm, (body: Buffer) => Buffer>> = {
  CRC32: (body) => words(crc32(body)),
  CRC32C: crc32c,
  CRC64NVME: crc64,
  SHA1: (body) => createHash('sha1').update(body).digest(),
  SHA256: (body) => createHash('sha256').update(body).digest(),
}

const algorithms = Object.keys(digests) as ChecksumAlgorithm[]

/** The members that checksums travel in. */
export const checksumMembers = [
  'ChecksumCRC32',
  'ChecksumCRC32C',
  'ChecksumCRC64NVME',
  'ChecksumSHA1',
  'ChecksumSHA256',
] as const

/** The checksum of bytes, in base64. */
export const checksumOf = (algorithm: ChecksumAlgorithm, body: Buffer): string =>
  digests[algorithm](body).toString('base64')

/** The algorithm that a request names; throws InvalidRequest for one that is not served. */
export const algorithmOf = (name: string | undefined): ChecksumAlgorithm | undefined => {
  const found = algorithms.find((algorithm) => algorithm === name)
  if (name === undefined || found) return found
  throw new AwsFailure('NotImplemented', `The stand-in computes no checksums of ${name}`, { status: 501 })
}

/**
 * The algorithm of the checksum that came with a body, after a look whether the body is what it and the MD5 say.
 * Throws BadDigest.
 */
export const verified = (
  body: Buffer,
  { ContentMD5, ...members }: ChecksumMembers & { ContentMD5?: string | undefined },
): ChecksumAlgorithm | undefined => {
  const bad = (name: string) =>
    new AwsFailure('BadDigest', `The ${name} you specified did not match the calculated checksum.`, {
      status: 400,
    })
  if (ContentMD5 !== undefined && ContentMD5 !== createHash('md5').update(body).digest('base64'))
    throw bad('Content-MD5')
  let given: ChecksumAlgorithm | undefined
  for (const algorithm of algorithms) {
    const value = members[`Checksum${algorithm}`]
    if (value === undefined) continue
    if (value !== checksumOf(algorithm, body)) throw bad(algorithm)
    given = algorithm
  }
  return given
}

/** The checksum of an object that came in parts, of the whole or of the parts' own. */
export const checksumOfParts = (
  algorithm: ChecksumAlgorithm,
  type: Checksum['type'],
  parts: readonly Buffer[],
): Checksum => {
  const value =
    type === 'FULL_OBJECT'
      ? checksumOf(algorithm, Buffer.concat(parts))
      : `${checksumOf(algorithm, Buffer.concat(parts.map(digests[algorithm])))}-${parts.length}`
  return { algorithm, type, value }
}

/** The members in which an answer shows a checksum. */
export const shownChecksum = ({
  algorithm,
  type,
  value,
}: Checksum): ChecksumMembers & { ChecksumType: Checksum['type'] } => ({
  [`Checksum${algorithm}`]: value,
  ChecksumType: type,
})
