import { describe, expect, it } from 'vitest'
import type { Finding } from '../../../core/findings.ts'
import { mostNeeds } from '../../../core/request-input.ts'
import { fitAnswer } from '../../../core/steps/fit-answer.ts'
import { answerBytesOf, stepEntries } from '../../../core/steps/table.ts'
import { bytesOf } from '../../../core/text/fit.ts'

const finding = (found: string): Finding => ({ code: 'c', severity: 'warning', subject: 's', found })
const many = <One>(count: number, one: (at: number) => One): One[] =>
  Array.from({ length: count }, (_, at) => one(at))

const whole = { id: 'a-1', generation: 7, position: 'p'.repeat(900), before: { restartedAt: 't' } }

it.each<[why: string, answer: Record<string, unknown>]>([
  ['a text of somebody else', { message: 'm'.repeat(50_000), findings: [] }],
  ['a permission table', { table: many(4000, (at) => `line ${at}`), findings: [] }],
  ['findings', { findings: many(300, (at) => finding(`${at} ${'f'.repeat(900)}`)) }],
  [
    'findings and a diagnosis',
    {
      findings: many(50, () => finding('f'.repeat(900))),
      diagnosis: many(50, () => finding('d'.repeat(900))),
    },
  ],
  [
    'the evidence of 1,500 pods',
    {
      pods: many(1500, (at) => `carts-${at}`),
      evidence: many(1500, (at) => ({ pod: `carts-${at}`, seen: 'not-asked', agent: 'kube-system/agent' })),
    },
  ],
  [
    'variables of credentials that hold a book',
    { credentials: { carts: { AWS_PROFILE: 'b'.repeat(100_000), AWS_REGION: 'us-west-2' } } },
  ],
])('keeps an answer within its bytes, and what later steps go by whole: %s', (_why, answer) => {
  const fitted = fitAnswer({ ...whole, ...answer }, 12_000)
  expect(bytesOf(fitted)).toBeLessThanOrEqual(12_000)
  expect(fitted).toMatchObject(whole)
  if (Array.isArray(answer.findings) && answer.findings.length > 0)
    expect(JSON.stringify(fitted)).toContain('more findings are not shown')
})

it('leaves an answer that fits as it is', () => {
  const answer = { ...whole, message: 'm'.repeat(3000), pods: many(200, () => 'p') }
  expect(fitAnswer(answer, 12_000)).toBe(answer)
})

describe('the budgets of the answers', () => {
  /** The most that an input, an output and a variable may have. */
  const payload = 262_144
  const budget = (names: (name: string) => boolean): number =>
    stepEntries
      .filter(([name]) => names(name))
      .flatMap(([, { states }]) => Object.keys(states))
      .reduce((sum, state) => sum + (answerBytesOf(state) ?? 0), 0)

  it('leave room for the request beside all of them, for Report', () => {
    expect(budget((name) => name !== 'report' && name !== 'resolveRequest') + mostNeeds.bytes).toBeLessThan(
      payload - 5000,
    )
  })

  it('leave room for each other in the answer of Preflight', () => {
    expect(
      budget((name) => ['checkAgent', 'verifyRole', 'verifyWorkload', 'checkAssociation'].includes(name)),
    ).toBeLessThan(payload / 2)
  })
})
