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

it('leaves an answer of exactly so many bytes as it is, and cuts one of a byte more', () => {
  const answer = (length: number) => ({ message: 'm'.repeat(length) })
  const most = answer(12_000 - bytesOf(answer(0)))
  expect(bytesOf(most)).toBe(12_000)
  expect(fitAnswer(most, 12_000)).toBe(most)
  expect(fitAnswer(answer(most.message.length + 1), 12_000)).toEqual({
    message: `${'m'.repeat(999)}…`,
  })
})

it('gives findings and diagnosis each half of what the rest leaves, to the byte', () => {
  const message = 'm'.repeat(20_000)
  const findings = [finding('f'.repeat(4000))]
  const diagnosis = [finding('d'.repeat(4000))]
  const kept = { message: `${'m'.repeat(999)}…`, findings, diagnosis }
  const most = bytesOf(kept) - bytesOf(findings) - bytesOf(diagnosis) + 4 + 2 * bytesOf(findings)
  expect(fitAnswer({ message, findings, diagnosis }, most)).toEqual(kept)
  const cut = [finding(`${'d'.repeat(499)}…`)]
  const longer = { message, findings, diagnosis: [finding('d'.repeat(4001))] }
  expect(fitAnswer(longer, most)).toEqual({ ...kept, diagnosis: cut })
  // Where the rest leaves nothing, they have 1,500 bytes.
  const id = 'i'.repeat(9000)
  const short = [finding('f'.repeat(1500 - bytesOf([finding('')])))]
  expect(fitAnswer({ id, findings: short }, 5000)).toEqual({ id, findings: short })
  const over = [finding('f'.repeat(1501 - bytesOf([finding('')])))]
  expect(fitAnswer({ id, findings: over }, 5000)).toEqual({ id, findings: [finding(`${'f'.repeat(499)}…`)] })
})

it('cuts no further than to exactly so many bytes', () => {
  const message = 'm'.repeat(20_000)
  const cut = { message: `${'m'.repeat(999)}…` }
  expect(fitAnswer({ message }, bytesOf(cut))).toEqual(cut)
  expect(fitAnswer({ message }, bytesOf(cut) - 1)).toEqual({ message: `${'m'.repeat(499)}…` })
})

it('leaves what is no object as it is', () => {
  const text = 't'.repeat(20)
  expect(fitAnswer(text, 10)).toBe(text)
  expect(fitAnswer(null, 1)).toBeNull()
})

const long = 'x'.repeat(20_000)
it.each(['message', 'summary', 'reason', 'found', 'what', 'error', 'refused'])(
  'cuts the text %s',
  (field) => {
    expect(fitAnswer({ [field]: long, id: 'i' }, 12_000)).toEqual({ [field]: `${'x'.repeat(999)}…`, id: 'i' })
  },
)

it('says of one line too many that it is one', () => {
  const table = many(101, (at) => `${at} ${'x'.repeat(120)}`)
  expect(fitAnswer({ table }, 12_700)).toEqual({ table: [...table.slice(0, 100), '… and 1 more line'] })
})

it.each<[field: string, more: string[]]>([
  ['table', ['… and 200 more lines']],
  ['pods', []],
  ['evidence', []],
  ['progress', []],
  ['siblings', []],
])('cuts the list %s, and the texts in it', (field, more) => {
  const list = many(300, (at) => `${at} ${'x'.repeat(100)}`)
  expect(fitAnswer({ [field]: list }, 12_000)).toEqual({ [field]: [...list.slice(0, 100), ...more] })
  expect(fitAnswer({ [field]: [long, 7], n: 1 }, 12_000)).toEqual({
    [field]: [`${'x'.repeat(999)}…`, 7],
    n: 1,
  })
})

it('cuts no list that later steps go by, and no more than is needed', () => {
  const revisions = many(300, (at) => `r-${at}-${'x'.repeat(30)}`)
  expect(fitAnswer({ revisions }, 1000)).toEqual({ revisions })
  const pods = many(120, () => 'x'.repeat(150))
  expect(fitAnswer({ pods }, 12_000)).toEqual({ pods: pods.slice(0, 50) })
  expect(fitAnswer({ pods }, 5000)).toEqual({ pods: pods.slice(0, 20) })
  const message = 'm'.repeat(5000)
  expect(fitAnswer({ message }, 700)).toEqual({ message: `${'m'.repeat(499)}…` })
  expect(fitAnswer({ message }, 400)).toEqual({ message: `${'m'.repeat(299)}…` })
})

it('cuts variables of credentials however deep they stand, and nothing else in them', () => {
  const credentials = { carts: { AWS_PROFILE: long, n: 7, none: null, AWS_REGION: 'us-west-2' } }
  expect(fitAnswer({ credentials }, 12_000)).toEqual({
    credentials: { carts: { ...credentials.carts, AWS_PROFILE: `${'x'.repeat(999)}…` } },
  })
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
