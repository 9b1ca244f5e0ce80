// How condition operators read the text of a value. Undefined: the text is no such value, so nothing matches.

/** A decimal number. */
export const parseNumber = (text: string): number | undefined =>
  /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined

/**
 * A W3C date (a profile of ISO 8601) or seconds since the epoch, as milliseconds since the epoch. Four digits
 * are a year; without an offset a time of day is UTC.
 */
export const parseDate = (text: string): number | undefined => {
  if (/^\d+$/.test(text) && text.length !== 4) return Number(text) * 1000
  const parts =
    /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?)?)?)?$/.exec(text)
  if (!parts) return undefined
  const [, year, month = '01', day = '01', clock = '00:00', offset = 'Z'] = parts
  const time = Date.parse(`${year}-${month}-${day}T${clock}${offset}`)
  return Number.isNaN(time) ? undefined : time
}

/** `true` or `false`, in any case. */
export const parseBoolean = (text: string): boolean | undefined =>
  /^(?:true|false)$/i.test(text) ? text.length === 4 : undefined

/** The bytes of a base64 text, as a binary string. */
export const parseBinary = (text: string): string | undefined => {
  try {
    return atob(text)
  } catch {
    return undefined
  }
}

/** An address block: the address as a number of `width` bits, of which the first `prefix` count. */
interface AddressBlock {
  width: 32 | 128
  address: bigint
  prefix: number
}

/** `203.0.113.0/24`, `2001:db8::/32`, or one address. */
export const parseAddressBlock = (text: string): AddressBlock | undefined => {
  const [host, prefixText, ...rest] = text.split('/') as [string, ...string[]]
  if (rest.length > 0) return undefined
  const width = host.includes(':') ? 128 : 32
  const address = width === 128 ? parseIpv6(host) : parseIpv4(host)
  if (address === undefined) return undefined
  if (prefixText !== undefined && !/^\d{1,3}$/.test(prefixText)) return undefined
  const prefix = prefixText === undefined ? width : Number(prefixText)
  return prefix <= width ? { width, address, prefix } : undefined
}

/** Whether all of `inner` lies in `outer`; never across address families. */
export const contains = (outer: AddressBlock, inner: AddressBlock): boolean => {
  const ignored = BigInt(outer.width - outer.prefix)
  return (
    outer.width === inner.width &&
    outer.prefix <= inner.prefix &&
    outer.address >> ignored === inner.address >> ignored
  )
}

const parseIpv4 = (text: string): bigint | undefined => {
  const octets = text.split('.')
  if (octets.length !== 4 || !octets.every((octet) => /^\d{1,3}$/.test(octet) && Number(octet) <= 255))
    return undefined
  return octets.reduce((address, octet) => (address << 8n) | BigInt(octet), 0n)
}

const parseIpv6 = (text: string): bigint | undefined => {
  const halves = withoutEmbeddedIpv4(text)?.split('::')
  if (!halves || halves.length > 2) return undefined
  const [head, tail = []] = halves.map((half) => (half === '' ? [] : half.split(':'))) as [
    string[],
    ...string[][],
  ]
  const gap = 8 - head.length - tail.length
  if (halves.length === 1 ? gap !== 0 : gap < 1) return undefined
  const groups = [...head, ...Array<string>(gap).fill('0'), ...tail]
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined
  return groups.reduce((address, group) => (address << 16n) | BigInt(`0x${group}`), 0n)
}

/** `::ffff:192.0.2.1` with its last four octets as two groups. */
const withoutEmbeddedIpv4 = (text: string): string | undefined => {
  if (!text.includes('.')) return text
  const start = text.lastIndexOf(':') + 1
  const embedded = parseIpv4(text.slice(start))
  if (embedded === undefined) return undefined
  return `${text.slice(0, start)}${(embedded >> 16n).toString(16)}:${(embedded & 0xffffn).toString(16)}`
}
