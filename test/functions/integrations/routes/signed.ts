import { parseWebhookSecrets, signAsSlack, signMessage } from '../../../../adapters/signatures.ts'
import type { HttpEvent } from '../../../../functions/support/http.ts'

/** When the requests of these tests are signed. */
export const signedAt = Date.UTC(2026, 10, 23, 7)
export const slackSecret = '8f742231b10e8888abcd99yyyzzz85a5'
const secretOf = (caller: string) =>
  `${caller}=whsec_${Buffer.from(`a secret of twenty-four bytes, of ${caller}`).toString('base64')}`
/** Callers by the names that grants of the tests have, and one that no grant names. */
export const callerSecrets = ['ci', 'all', 'nobody'].map(secretOf).join(' ')
const keys = parseWebhookSecrets(callerSecrets)
export const callerKeyOf = (caller: string): Buffer => {
  const found = keys.find((secret) => secret.caller === caller)
  if (!found) throw new Error(`${caller} has no secret`)
  return found.key
}

/** A request's parts before they are put in Lambda's form. */
export interface SignedParts {
  path: string
  method: string
  headers: Record<string, string>
  body: Buffer
}

export const eventOfParts = ({ path, method, headers, body }: SignedParts): HttpEvent => ({
  rawPath: path,
  headers,
  body: body.toString('base64'),
  isBase64Encoded: true,
  requestContext: { http: { method } },
})

/** A header's timestamp, so many seconds after the time of the tests. */
export const timestampAt = (offset = 0) => String(signedAt / 1000 + offset)

export const slackParts = (
  body: Buffer | string,
  { path = '/slack/commands', at = 0, secret = slackSecret } = {},
): SignedParts => {
  const bytes = Buffer.from(body)
  return {
    path,
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestampAt(at),
      'x-slack-signature': signAsSlack(secret, timestampAt(at), bytes),
    },
    body: bytes,
  }
}

/** The form of a slash command, with some of its fields otherwise. */
export const commandForm = (text: string, fields: Record<string, string> = {}) =>
  new URLSearchParams({
    command: '/pod-identity',
    text,
    user_id: 'U0REQUESTER',
    channel_id: 'C0CARTS',
    team_id: 'T0TEAM',
    trigger_id: '1.2.3',
    ...fields,
  }).toString()

export const hookParts = (
  body: Buffer | string,
  { at = 0, id = 'msg_1', caller = 'ci' } = {},
): SignedParts => {
  const bytes = Buffer.from(body)
  return {
    path: '/hooks',
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestampAt(at),
      'webhook-signature': signMessage(callerKeyOf(caller), { id, timestamp: timestampAt(at), body: bytes }),
    },
    body: bytes,
  }
}

export const withoutHeader = ({ headers, ...parts }: SignedParts, name: string): SignedParts => {
  const { [name]: _left, ...others } = headers
  return { ...parts, headers: others }
}
export const withHeader = (parts: SignedParts, name: string, value: string): SignedParts => ({
  ...parts,
  headers: { ...parts.headers, [name]: value },
})
