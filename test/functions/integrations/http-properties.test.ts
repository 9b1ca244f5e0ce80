import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startHttpStage } from './http-stage.ts'
import {
  commandForm,
  eventOfParts,
  hookParts,
  type SignedParts,
  slackParts,
  timestampAt,
  withHeader,
} from './routes/signed.ts'

let stage: Awaited<ReturnType<typeof startHttpStage>>
beforeAll(async () => {
  stage = await startHttpStage()
})
afterAll(() => stage.close())
beforeEach(() => stage.forget())

describe('properties', () => {
  const originals = [
    slackParts(commandForm('enable carts')),
    slackParts(`payload=${encodeURIComponent(JSON.stringify({ type: 'block_actions' }))}`, {
      path: '/slack/interactions',
    }),
    hookParts(JSON.stringify({ type: 'run.start', data: { binding: 'carts' } })),
  ]
  const signed = [
    'x-slack-request-timestamp',
    'x-slack-signature',
    'webhook-id',
    'webhook-timestamp',
    'webhook-signature',
  ]

  /** Each of these breaks what a signature holds together. */
  const mutation = fc.oneof(
    fc.record({ kind: fc.constant('flip' as const), at: fc.nat(), by: fc.integer({ min: 1, max: 255 }) }),
    fc.record({ kind: fc.constant('cut' as const), at: fc.nat() }),
    fc.record({
      kind: fc.constant('insert' as const),
      at: fc.nat(),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
    }),
    fc.record({ kind: fc.constant('body' as const), bytes: fc.uint8Array({ maxLength: 64 }) }),
    fc.record({ kind: fc.constant('header' as const), at: fc.nat(), value: fc.string({ maxLength: 80 }) }),
    fc.record({
      kind: fc.constant('character' as const),
      at: fc.nat(),
      place: fc.nat(),
      by: fc.integer({ min: 1, max: 90 }),
    }),
    fc.record({ kind: fc.constant('time' as const), seconds: fc.integer({ min: -86_400, max: 86_400 }) }),
    fc.record({ kind: fc.constant('path' as const), path: fc.webPath() }),
    fc.record({
      kind: fc.constant('method' as const),
      method: fc.constantFrom('GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', ''),
    }),
  )

  const mutate = (
    parts: SignedParts,
    change: typeof mutation extends fc.Arbitrary<infer Value> ? Value : never,
  ): SignedParts => {
    const names = signed.filter((name) => parts.headers[name] !== undefined)
    switch (change.kind) {
      case 'flip': {
        const body = Buffer.from(parts.body)
        const at = change.at % body.length
        body[at] = (body[at] ?? 0) ^ change.by
        return { ...parts, body }
      }
      case 'cut':
        return { ...parts, body: parts.body.subarray(0, change.at % parts.body.length) }
      case 'insert': {
        const at = change.at % (parts.body.length + 1)
        return {
          ...parts,
          body: Buffer.concat([parts.body.subarray(0, at), change.bytes, parts.body.subarray(at)]),
        }
      }
      case 'body':
        return { ...parts, body: Buffer.from(change.bytes) }
      case 'header':
        return withHeader(parts, names[change.at % names.length] ?? '', change.value)
      case 'character': {
        const name = names[change.at % names.length] ?? ''
        const value = parts.headers[name] ?? ''
        const place = change.place % value.length
        const other = String.fromCharCode(33 + ((value.charCodeAt(place) - 33 + change.by) % 93))
        return withHeader(parts, name, value.slice(0, place) + other + value.slice(place + 1))
      }
      case 'time': {
        const name = names.find((header) => header.endsWith('timestamp')) ?? ''
        return withHeader(parts, name, timestampAt(change.seconds || 1))
      }
      case 'path':
        return { ...parts, path: change.path }
      case 'method':
        return { ...parts, method: change.method }
    }
  }

  it('mutated requests are refused, and nothing is started', async () => {
    const statuses = new Set<number>()
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...originals), mutation, async (original, change) => {
        const { statusCode } = await stage.handler(eventOfParts(mutate(original, change)))
        statuses.add(statusCode)
        return statusCode >= 400 && statusCode < 500 && stage.touched() === 0
      }),
      { numRuns: process.env.PODID_EXHAUSTIVE === '1' ? 20_000 : 200 },
    )
    expect([...statuses].sort()).toEqual([401, 404, 405])
  })

  it('nothing that a stranger writes starts anything, or comes back as it could be markup', async () => {
    const words = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.string({
        unit: fc.constantFrom('<', '>', '&', '!', '@', '`', '*', '_', '|', '\n', '\u202e', 'a', ' '),
        maxLength: 30,
      }),
    )
    const text = fc
      .tuple(fc.constantFrom('', 'enable ', 'plan ', 'enable carts on ', 'help '), words)
      .map((parts) => parts.join(''))
    await fc.assert(
      fc.asyncProperty(text, async (request) => {
        const { statusCode, body } = await stage.handler(
          eventOfParts(slackParts(commandForm(request, { user_id: 'U0STRANGER' }))),
        )
        const shown = (JSON.parse(body) as { text: string }).text
        const markup = shown.replace(/&(?:lt|gt|amp);/g, '')
        return statusCode === 200 && stage.touched() === 0 && !/[<>&\u202e]/.test(markup)
      }),
      { numRuns: process.env.PODID_EXHAUSTIVE === '1' ? 20_000 : 150 },
    )
  })
})
