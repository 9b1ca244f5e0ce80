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

const command = (length: number): Finding => finding(0, 1, length)
const without = (length: number): Finding => ({
  ...command(0),
  remedy: {
    advice: `Mend it. (The command has ${length} characters, which are too many for this report; with fewer needs it is shown.)`,
  },
})

it.each<[why: string, findings: Finding[], most: number, fitted: Finding[]]>([
  ['what is just as long as it may be', [command(50)], bytesOf([command(50)]), [command(50)]],
  [
    'a command that is long, and fits all the same',
    [command(20_001)],
    bytesOf([command(20_001)]),
    [command(20_001)],
  ],
  [
    'the longest command goes first, and what is then just as long as it may be stays',
    [command(20_001), command(20_000)],
    bytesOf([without(20_001), command(20_000)]),
    [without(20_001), command(20_000)],
  ],
  [
    'then those of more than 5,000',
    [command(5_001), command(5_000)],
    bytesOf([without(5_001), command(5_000)]),
    [without(5_001), command(5_000)],
  ],
  [
    'then those of more than 1,000',
    [command(1_001), command(1_000)],
    bytesOf([without(1_001), command(1_000)]),
    [without(1_001), command(1_000)],
  ],
])('%s', (_why, findings, most, fitted) => {
  expect(fitFindings(findings, most)).toEqual(fitted)
})

it('then texts are cut: the subject at 200, what was found at 500, advice at 300', () => {
  const long: Finding = {
    code: 'trust-principal-missing',
    severity: 'blocking',
    subject: 's'.repeat(300),
    found: 'f'.repeat(600),
    remedy: { advice: 'a'.repeat(400), command: 'c' },
  }
  const bare: Finding = { ...long }
  delete bare.remedy
  const cut = (text: string, most: number) => `${text.repeat(most - 1)}…`
  const shorter = { ...long, subject: cut('s', 200), found: cut('f', 500) }
  const fitted = [
    { ...shorter, remedy: { advice: cut('a', 300), command: 'c' } },
    { code: bare.code, severity: bare.severity, subject: cut('s', 200), found: cut('f', 500) },
  ]
  expect(fitFindings([long, bare], bytesOf(fitted))).toEqual(fitted)
})

it('then the last are counted, those that block come first, and the rest says whether one of it blocks', () => {
  const short = (at: number): Finding => finding(at, 10)
  const left = (count: number, severity: 'blocking' | 'warning') => ({
    code: 'findings-left-out',
    severity,
    subject: 'this report',
    found: `${count} more findings are not shown, since a report may not be longer`,
  })
  const [blocking, warning] = [short(0), short(1)]
  // 500 bytes are kept for what is said in the end; each finding costs its own and a comma.
  const roomFor = (...shown: Finding[]) => 500 + shown.reduce((sum, one) => sum + bytesOf(one) + 1, 0)
  const ten = Array.from({ length: 10 }, () => warning)
  expect(fitFindings([...ten, blocking], roomFor(blocking, warning))).toEqual([
    blocking,
    warning,
    left(9, 'warning'),
  ])
  expect(fitFindings([...ten, blocking], roomFor(blocking, warning) - 1)).toEqual([
    blocking,
    left(10, 'warning'),
  ])
  const elevenBlocking = Array.from({ length: 11 }, () => blocking)
  expect(fitFindings([warning, ...elevenBlocking], roomFor(blocking))).toEqual([
    blocking,
    left(11, 'blocking'),
  ])
})

it('counts bytes of JSON, and none for what JSON leaves out', () => {
  expect([bytesOf('é'), bytesOf({ a: 1 }), bytesOf(undefined)]).toEqual([4, 7, 0])
})
