import { createHash } from 'node:crypto'
import type { AccessKey, AccessKeys } from './account/principals.ts'
import { AwsFailure } from './failure.ts'
import type { ServiceModel } from './protocol/model.ts'
import type { WireRequest } from './protocol/wire.ts'
import { formatAmzDate, type HeaderSignature, parseAmzDate, sameSignature, signatureOf } from './sigv4.ts'

const MAX_SKEW_MS = 5 * 60_000

/** The codes under which the query services and the others report what is wrong with a signature. */
const codes = {
  query: { unknownKey: 'InvalidClientTokenId', mismatch: 'SignatureDoesNotMatch', expired: 'ExpiredToken' },
  restXml: {
    unknownKey: 'InvalidAccessKeyId',
    mismatch: 'SignatureDoesNotMatch',
    expired: 'ExpiredToken',
  },
  other: {
    unknownKey: 'UnrecognizedClientException',
    mismatch: 'InvalidSignatureException',
    expired: 'ExpiredTokenException',
  },
}

/** Verifies a header signature at `now`, in the clients' time; throws as the service does, else says whose key it is. */
export const authenticate = (
  service: ServiceModel,
  signature: HeaderSignature,
  principals: AccessKeys,
  { region, now }: { region: string; now: number },
): AccessKey => {
  const { protocol } = service
  const code = codes[protocol === 'query' || protocol === 'restXml' ? protocol : 'other']
  const refuse = (name: string, message: string) => new AwsFailure(name, message, { status: 403 })
  const key = principals.keyOf(signature.accessKeyId)
  if (!key || key.sessionToken !== signature.securityToken)
    throw refuse(code.unknownKey, 'The security token included in the request is invalid.')
  const skew = describeSkew(signature.date, now)
  if (skew) throw refuse(code.mismatch, skew)
  const scopeRegion = signature.scope.split('/')[1] ?? ''
  // IAM and STS have global endpoints too, which are signed for us-east-1 whatever the client's region is.
  const regions = service.protocol === 'query' ? [region, 'us-east-1'] : [region]
  if (!regions.includes(scopeRegion))
    throw refuse(code.mismatch, `Credential should be scoped to a valid region, not '${scopeRegion}'.`)
  if (!sameSignature(signatureOf(signature.signed, key.secretAccessKey), signature.signature))
    throw refuse(
      code.mismatch,
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    )
  if (key.expiresAt !== undefined && now >= key.expiresAt)
    throw refuse(code.expired, 'The security token included in the request is expired')
  return key
}

const describeSkew = (date: string, now: number): string | undefined => {
  const signedAt = parseAmzDate(date)
  if (Number.isNaN(signedAt)) return 'Date in X-Amz-Date is not in the form YYYYMMDDTHHMMSSZ.'
  const server = formatAmzDate(now)
  if (signedAt < now - MAX_SKEW_MS) {
    const earliest = formatAmzDate(now - MAX_SKEW_MS)
    return `Signature expired: ${date} is now earlier than ${earliest} (${server} - 5 min.)`
  }
  if (signedAt > now + MAX_SKEW_MS) {
    const latest = formatAmzDate(now + MAX_SKEW_MS)
    return `Signature not yet current: ${date} is still later than ${latest} (${server} + 5 min.)`
  }
  return undefined
}

/** What S3's clients sign instead of the body is the body's hash, or says that there is none. */
export const checkPayload = (service: ServiceModel, { headers, body }: WireRequest): void => {
  const sum = headers['x-amz-content-sha256']?.toString() ?? ''
  if (service.protocol !== 'restXml' || !/^[0-9a-f]{64}$/.test(sum)) return
  if (sum !== createHash('sha256').update(body).digest('hex'))
    throw new AwsFailure(
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
      { status: 400 },
    )
}
