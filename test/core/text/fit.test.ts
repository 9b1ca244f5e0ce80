import { expect, it } from 'vitest'
import type { Finding } from '../../../core/findings.ts'
import { bytesOf, fitFindings } from '../../../core/text/fit.ts'

const finding = (at: number, length: number, command = 0): Finding => ({
  code: 'trust-principal-missing',
  severity: at % 2 === 0 ? 'blocking' : 'warning',
  subject: 'role carts',
  found: 'é'.repeat(length),
  remedy: { advice: 'Mend it.', ...(command > 0 && { command: 'x'.repeat(command) }) },
})
const many = (count: number, length: number, command = 0) =>
  Array.from({ length: count }, (_, at) => finding(at, length, command))

it.each<[why: string, findings: Finding[], shown: number]>([
  ['short ones', many(10, 10), 10],
  ['one long command', [...many(10, 10), finding(11, 10, 100_000)], 11],
  ['many commands', many(40, 10, 4000), 40],
  ['long texts', many(20, 9000), 20],
  ['far too many', many(5000, 100), 0],
])('%s fit', (_why, findings, shown) => {
  const fitted = fitFindings(findings, 40_000)
  expect(bytesOf(fitted)).toBeLessThanOrEqual(40_000)
  if (shown > 0) return expect(fitted).toHaveLength(shown)
  const left = fitted.at(-1)
  expect(left).toMatchObject({ code: 'findings-left-out', severity: 'blocking' })
  expect(left?.found).toContain(`${findings.length - fitted.length + 1} more`)
  expect(fitted.every(({ severity }) => severity === 'blocking')).toBe(true)
})

it('what fits is not changed, and what was left out is said', () => {
  expect(fitFindings(many(3, 10, 100), 40_000)).toEqual(many(3, 10, 100))
  const [first] = fitFindings([finding(0, 10, 100_000)], 40_000)
  expect(first?.remedy?.command).toBeUndefined()
  expect(first?.remedy?.advice).toContain('has 100000 characters')
})
