import { createHmac, timingSafeEqual } from 'node:crypto'

/** How old, or how far ahead of our clock, a signed request may be, in seconds. */
const signatureWindowSeconds = 300

const hmac = (key: string | Buffer, parts: (string | Buffer)[]): Buffer => {
  const mac = createHmac('sha256', key)
  for (const part of parts) mac.update(part)
  return mac.digest()
}

/** Compares in constant time, so that it does not reveal where they differ; the length of a signature is no secret. */
const same = (one: Buffer, other: Buffer): boolean =>
  one.length === other.length && timingSafeEqual(one, other)

/** Whether a timestamp in whole seconds is within the window around now, in both directions. */
const isFresh = (timestamp: string, nowMs: number): boolean =>
  /^\d{1,12}$/.test(timestamp) && Math.abs(nowMs / 1000 - Number(timestamp)) <= signatureWindowSeconds

/**
 * Whether Slack signed these very bytes a moment ago.
 * https://docs.slack.dev/authentication/verifying-requests-from-slack
 */
export const isSignedBySlack = (
  secret: string,
  { timestamp, signature, body }: { timestamp: string; signature: string; body: Buffer },
  nowMs: number,
): boolean => {
  const [, hex] = /^v0=([0-9a-f]{64})$/.exec(signature) ?? []
  if (!hex || !isFresh(timestamp, nowMs)) return false
  return same(hmac(secret, [`v0:${timestamp}:`, body]), Buffer.from(hex, 'hex'))
}

/** The signature Slack sends, for stand-ins and tests. */
export const signAsSlack = (secret: string, timestamp: string, body: Buffer | string): string =>
  `v0=${hmac(secret, [`v0:${timestamp}:`, body]).toString('hex')}`

/** A message by the Standard Webhooks specification: its id, its time in seconds, and the bytes of its body. */
export interface SignedMessage {
  id: string
  timestamp: string
  body: Buffer | string
}

/** One who may call the webhook, by the name its secret goes by. */
export interface WebhookSecret {
  caller: string
  key: Buffer
}

/**
 * Reads `ci=whsec_… backstage=whsec_…`; a name that is there twice has an old and a new secret, both good.
 * @throws Error saying which one is none, by its place: its text may be a secret without a name
 */
export const parseWebhookSecrets = (text: string): WebhookSecret[] =>
  (text.match(/\S+/g) ?? []).map((entry, index) => {
    const [, caller, base64] = /^([a-z0-9][-a-z0-9]*)=whsec_([A-Za-z0-9+/]+={0,2})$/.exec(entry) ?? []
    const key = Buffer.from(base64 ?? '', 'base64')
    if (!caller || key.length < 24) {
      throw new Error(`webhook secret ${index + 1} is not NAME=whsec_ and the base64 of 24 bytes or more`)
    }
    return { caller, key }
  })

/**
 * Whose secret signed the message; undefined where none did, or the timestamp is too old. The header may hold several
 * signatures, `v1,BASE64 v1,BASE64`. https://www.standardwebhooks.com
 */
export const callerOf = (
  secrets: readonly WebhookSecret[],
  message: SignedMessage,
  signatures: string,
  nowMs: number,
): string | undefined => {
  if (!/^[\x21-\x7e]{1,128}$/.test(message.id) || !isFresh(message.timestamp, nowMs)) return undefined
  const offered = signatures.split(' ').slice(0, 10)
  return secrets.find(({ key }) => {
    // As text: base64 has several spellings of the same bytes, and only one of them was sent by a signer.
    const wanted = Buffer.from(signMessage(key, message))
    return offered.some((signature) => same(Buffer.from(signature), wanted))
  })?.caller
}

/** The signature of a message of our own. */
export const signMessage = (key: Buffer, { id, timestamp, body }: SignedMessage): string =>
  `v1,${hmac(key, [`${id}.${timestamp}.`, body]).toString('base64')}`
