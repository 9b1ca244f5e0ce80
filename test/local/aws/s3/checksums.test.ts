import { expect, it } from 'vitest'
import { checksumOf } from '../../../../local/aws/s3/checksums.ts'

// The check values of the catalogue of CRCs (CRC-32/ISO-HDLC, CRC-32/ISCSI, CRC-64/NVME) and of FIPS 180.
it.each([
  ['CRC32', 'cbf43926'],
  ['CRC32C', 'e3069283'],
  ['CRC64NVME', 'ae8b14860a799888'],
  ['SHA1', 'f7c3bc1d808e04732adf679965ccc34ca7ae3441'],
  ['SHA256', '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225'],
] as const)('computes %s', (algorithm, value) => {
  expect(checksumOf(algorithm, Buffer.from('123456789'))).toBe(Buffer.from(value, 'hex').toString('base64'))
})
