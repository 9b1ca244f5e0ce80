import { setBounded } from '../../bounded.ts'

/** What a `resources` field or a quota maps names of resources to, such as `{ cpu: '100m' }`. */
export type ResourceList = Readonly<Record<string, string>>

interface Quantity {
  milli: bigint
  /** Whether it counts in powers of 1024, as `1Gi` does. */
  binary: boolean
}

const decimalSuffixes = ['', 'k', 'M', 'G', 'T', 'P', 'E']
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']

const written = /^([+-]?)(\d*)(?:\.(\d*))?(?:([eE][+-]?\d+)|(n|u|m|k|[MGTPE]|[KMGTPE]i))?$/

/** A cluster writes few different ones, and reads them for each pod. */
const known = new Map<string, Quantity | undefined>()
const mostKnown = 2000

const read = (text: string): Quantity | undefined => {
  if (!known.has(text)) setBounded(known, text, parse(text), mostKnown)
  return known.get(text)
}

const parse = (text: string): Quantity | undefined => {
  const [, sign, whole = '', fraction = '', exponent, suffix = ''] = written.exec(String(text).trim()) ?? []
  if (whole + fraction === '') return undefined
  const binaryPower = binarySuffixes.indexOf(suffix)
  const binary = binaryPower > 0
  const digits = BigInt(whole + fraction) * (binary ? 1024n ** BigInt(binaryPower) : 1n)
  const power = (binary ? 0 : decimalPower(suffix, exponent)) + 3 - fraction.length
  // What is smaller than a thousandth is rounded up to it.
  const milli = power >= 0 ? digits * 10n ** BigInt(power) : roundedUp(digits, 10n ** BigInt(-power))
  return { milli: sign === '-' ? -milli : milli, binary }
}

const decimalPower = (suffix: string, exponent: string | undefined): number => {
  if (exponent) return Number(exponent.slice(1))
  const small = ['m', 'u', 'n'].indexOf(suffix)
  return small >= 0 ? -3 * (small + 1) : 3 * Math.max(0, decimalSuffixes.indexOf(suffix))
}

const roundedUp = (dividend: bigint, divisor: bigint): bigint => (dividend + divisor - 1n) / divisor

const write = ({ milli, binary }: Quantity): string => {
  const small = milli > -1_024_000n && milli < 1_024_000n
  if (binary && !small) return scaled(roundedUp(milli, 1000n), 1024n, binarySuffixes)
  return milli % 1000n === 0n ? scaled(milli / 1000n, 1000n, decimalSuffixes) : `${milli}m`
}

const scaled = (value: bigint, step: bigint, suffixes: string[]): string => {
  let rest = value
  let power = 0
  for (; rest !== 0n && rest % step === 0n && power < suffixes.length - 1; power += 1) rest /= step
  return `${rest}${suffixes[power]}`
}

const zero: Quantity = { milli: 0n, binary: false }

/** A quantity in the form in which the API server writes it: `1024Mi` is `1Gi`, `0.5` is `500m`. */
export const canonical = (text: string): string => {
  const quantity = read(text)
  return quantity ? write(quantity) : text
}

/** Brings the quantities of a resource list into that form; changes the list given. */
export const canonicalize = (list: Record<string, unknown>): void => {
  for (const [name, quantity] of Object.entries(list)) list[name] = canonical(String(quantity))
}

/** The sum of quantities, in the form of the first that is not zero; what is no quantity counts as zero. */
export const sumOf = (...texts: string[]): string => {
  const [first, ...rest] = texts.map((text) => read(text) ?? zero).filter(({ milli }) => milli !== 0n)
  if (!first) return '0'
  return write({ ...first, milli: rest.reduce((sum, { milli }) => sum + milli, first.milli) })
}

/** Less than, equal to, or greater than zero, as the first quantity is less than, equal to or greater than the second. */
export const compareQuantities = (one: string, other: string): number => {
  const difference = (read(one) ?? zero).milli - (read(other) ?? zero).milli
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

/** By how many times one quantity is larger than another. */
export const ratioOf = (one: string, other: string): number =>
  Number((read(one) ?? zero).milli) / Number((read(other) ?? zero).milli)

/** Adds resource lists name by name. */
export const sumOfLists = (lists: readonly (ResourceList | undefined)[]): Record<string, string> => {
  const sums: Record<string, string> = {}
  for (const list of lists)
    for (const [name, quantity] of Object.entries(list ?? {}))
      sums[name] = sumOf(sums[name] ?? '0', String(quantity))
  return sums
}

/** The larger quantity of each name in either list. */
export const largerOf = (one: ResourceList, other: ResourceList): Record<string, string> => {
  const larger: Record<string, string> = { ...one }
  for (const [name, quantity] of Object.entries(other))
    if (larger[name] === undefined || compareQuantities(quantity, larger[name]) > 0) larger[name] = quantity
  return larger
}
