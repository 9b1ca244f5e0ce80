import { expect, it } from 'vitest'
import * as z from 'zod'
import { type LogSubject, logSubject } from '../../../functions/middleware/log-subject.ts'
import { makeHandler } from '../../../functions/middleware/make-handler.ts'
import { surroundings } from './support.ts'

const place = { cluster: 'eks-workshop', namespace: 'carts', serviceAccount: 'carts' }
const arn = 'arn:aws:states:us-west-2:111122223333:execution:podid-dev-enable:by-hand-1'

it.each<[why: string, event: unknown, subject: LogSubject]>([
  [
    'a step, by its request',
    { request: { run: 'by-hand-1', ...place, role: 'x' } },
    { run: 'by-hand-1', ...place },
  ],
  [
    'the first step, by what somebody sent',
    { input: { ...place, nonsense: 1 }, execution: { arn } },
    { run: 'by-hand-1', ...place },
  ],
  ['and where that is nonsense', { input: 'x', execution: { arn } }, { run: 'by-hand-1' }],
  [
    'an event of Step Functions',
    { detail: { name: 'by-hand-1', executionArn: arn, status: 'FAILED' } },
    { run: 'by-hand-1' },
  ],
  [
    'an event of ours',
    { detail: { run: 'by-hand-1', cluster: 'eks-workshop' } },
    { run: 'by-hand-1', cluster: 'eks-workshop' },
  ],
  ['a step of a rollout, by its plan', { plan: { rollout: 'r-1', waves: [] } }, { run: 'r-1' }],
  ['or by its name', { rollout: 'r-1' }, { run: 'r-1' }],
  ['an execution without an ARN', { execution: {} }, {}],
  ['an event with a name that is no run', { detail: { name: 'eks-workshop' } }, {}],
  ['what somebody sends over HTTP is not read', { body: '{"run":"x"}', headers: { authorization: 'x' } }, {}],
  ['names that are none', { request: { run: 7, cluster: 'x'.repeat(5000) } }, {}],
  ['nothing', undefined, {}],
])('a line is about %s', (_why, event, subject) => {
  expect(logSubject(event, { awsRequestId: 'r-1' })).toEqual({ requestId: 'r-1', ...subject })
})

it('stands in the line of a call, of one that fails too, and in what is logged on the way', async () => {
  const about: object[] = []
  const runtime = surroundings()
  runtime.log.about = (subject) => void about.push(subject)
  const handler = makeHandler(
    runtime,
    { name: 'Step', input: z.object({ ok: z.boolean() }).loose() },
    async ({ ok }) => {
      if (!ok) throw new Error('no')
    },
  )
  const context = { awsRequestId: 'r-1', getRemainingTimeInMillis: () => 60_000 }
  const event = (ok: boolean) => ({ ok, request: { run: 'by-hand-1', ...place } })
  await handler(event(true), context)
  await handler(event(false), context).catch(() => {})
  const subject = { requestId: 'r-1', run: 'by-hand-1', ...place }
  expect(about).toEqual([subject, subject])
  expect(runtime.lines.map(({ data }) => data)).toEqual([
    expect.objectContaining(subject),
    expect.objectContaining({ ...subject, error: 'Error' }),
  ])
})
