/**
 * The formats that are checked, as far as users' schemas name them; all others are taken as they are, as the server
 * does with those it does not know.
 */
const checks: Record<string, ((text: string) => boolean) | undefined> = {
  'date-time': (text) =>
    /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:?\d\d)$/.test(text) &&
    !Number.isNaN(Date.parse(text)),
  date: (text) => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)),
  duration: (text) => /^-?(?:\d+(?:\.\d+)?\s*(?:ns|us|µs|ms|s|m|h|d|w))+$/.test(text) || text === '0',
  email: (text) => /^[^\s@]+@[^\s@]+$/.test(text),
  ipv4: (text) => /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.|$)){4}$/.test(text) && !text.endsWith('.'),
  ipv6: (text) => /^[\da-fA-F:.]+$/.test(text) && text.includes(':'),
  cidr: (text) => /^[\da-fA-F:.]+\/\d{1,3}$/.test(text),
  mac: (text) => /^(?:[\da-fA-F]{2}[:-]){5}[\da-fA-F]{2}$/.test(text),
  uuid: (text) => /^[\da-f]{8}-?(?:[\da-f]{4}-?){3}[\da-f]{12}$/i.test(text),
  byte: (text) => text.length % 4 === 0 && /^[A-Za-z\d+/]*={0,2}$/.test(text),
  uri: (text) => /^[a-zA-Z][a-zA-Z\d+.-]*:/.test(text) || text.startsWith('/'),
  hostname: (text) => text.length <= 255 && /^[a-zA-Z\d](?:[a-zA-Z\d.-]*[a-zA-Z\d])?$/.test(text),
}

/** Whether a text is of a format; true of formats that are not checked. */
export const hasFormat = (format: string, text: string): boolean => checks[format]?.(text) ?? true
