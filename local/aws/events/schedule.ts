/** When a rule comes due, again and again. */
export interface Schedule {
  /** The first time it does after the given one; none once all its years are over. Milliseconds since the epoch. */
  next(after: number): number | undefined
}

const unitMs: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }

/**
 * Reads `rate(value unit)` or `cron(minutes hours day-of-month month day-of-week year)`; undefined for what is
 * neither. A rate of 1 takes the singular, all others the plural. Times are UTC's.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 */
export const readSchedule = (expression: string): Schedule | undefined => {
  const [, rate] = /^rate\((.*)\)$/.exec(expression) ?? []
  if (rate !== undefined) return readRate(rate)
  const [, cron] = /^cron\((.*)\)$/.exec(expression) ?? []
  return cron === undefined ? undefined : readCron(cron)
}

const readRate = (text: string): Schedule | undefined => {
  const [, digits = '', unit = '', plural] = /^([1-9]\d{0,9}) (minute|hour|day)(s?)$/.exec(text) ?? []
  const every = Number(digits) * (unitMs[unit] ?? 0)
  if (every === 0 || (digits === '1') !== (plural === '')) return undefined
  return { next: (after) => after + every }
}

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const weekdays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']

/** Whether a UTC date is one that the field wants. */
type OnDay = (date: Date) => boolean

const readCron = (text: string): Schedule | undefined => {
  const fields = text.trim().split(/\s+/)
  if (fields.length !== 6) return undefined
  const [minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = '', year = ''] = fields
  // Exactly one of the two days leaves the choice to the other one.
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) return undefined
  const minutes = readField(minute, 0, 59)
  const hours = readField(hour, 0, 23)
  const inMonths = readField(month, 1, 12, months)
  const years = readField(year, 1970, 2199)
  const onDay = dayOfWeek === '?' ? readDayOfMonth(dayOfMonth) : readDayOfWeek(dayOfWeek)
  if (!minutes || !hours || !inMonths || !years || !onDay) return undefined
  return { next: (after) => nextTime({ minutes, hours, months: inMonths, years, onDay }, after) }
}

interface Cron {
  minutes: ReadonlySet<number>
  hours: ReadonlySet<number>
  months: ReadonlySet<number>
  years: ReadonlySet<number>
  onDay: OnDay
}

const nextTime = (cron: Cron, after: number): number | undefined => {
  const first = new Date(Math.floor(after / 60_000) * 60_000 + 60_000)
  const day = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth(), first.getUTCDate()))
  const lastYear = Math.max(...cron.years)
  for (; day.getUTCFullYear() <= lastYear; day.setUTCDate(day.getUTCDate() + 1)) {
    if (!cron.years.has(day.getUTCFullYear())) {
      day.setUTCMonth(11, 31) // the loop goes on with the next year
      continue
    }
    if (!cron.months.has(day.getUTCMonth() + 1) || !cron.onDay(day)) continue
    for (const hour of [...cron.hours].sort(ascending)) {
      for (const minute of [...cron.minutes].sort(ascending)) {
        const at = day.getTime() + hour * 3_600_000 + minute * 60_000
        if (at >= first.getTime()) return at
      }
    }
  }
  return undefined
}

const ascending = (one: number, other: number): number => one - other

/** The numbers that a field stands for: `*`, `5`, `1,2`, `1-5`, `0/15`; undefined if it is none. */
const readField = (
  text: string,
  least: number,
  most: number,
  names: readonly string[] = [],
): ReadonlySet<number> | undefined => {
  const found = new Set<number>()
  for (const part of text.split(',')) {
    const range = readPart(part, least, most, names)
    if (!range) return undefined
    for (let value = range.from; value <= range.to; value += range.step) found.add(value)
  }
  return found
}

const readPart = (part: string, least: number, most: number, names: readonly string[]) => {
  const [, from = '', to, step] = /^(\*|\w+)(?:-(\w+))?(?:\/(\d+))?$/.exec(part) ?? []
  const read = (value: string): number => {
    const named = names.indexOf(value.toUpperCase())
    if (named >= 0) return least + named
    return /^\d+$/.test(value) ? Number(value) : Number.NaN
  }
  const first = from === '*' ? least : read(from)
  const last = to !== undefined ? read(to) : from === '*' || step !== undefined ? most : first
  const by = Number(step ?? 1)
  const valid =
    first >= least && last <= most && first <= last && by > 0 && !(from === '*' && to !== undefined)
  return valid ? { from: first, to: last, step: by } : undefined
}

const lastOfMonth = (date: Date): number =>
  new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()

/** Numbers, or `L` for the month's last day, or `15W` for the working day nearest to the 15th. */
const readDayOfMonth = (text: string): OnDay | undefined => {
  if (text === 'L') return (date) => date.getUTCDate() === lastOfMonth(date)
  const [, near] = /^(\d+)W$/.exec(text) ?? []
  if (near !== undefined) {
    const wanted = Number(near)
    return wanted >= 1 && wanted <= 31 ? (date) => date.getUTCDate() === workingDay(date, wanted) : undefined
  }
  const days = readField(text, 1, 31)
  return days && ((date) => days.has(date.getUTCDate()))
}

/** The working day nearest to a day of the date's month, in that month. */
const workingDay = (date: Date, wanted: number): number => {
  const last = lastOfMonth(date)
  if (wanted > last) return Number.NaN
  const weekday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), wanted)).getUTCDay()
  if (weekday === 6) return wanted > 1 ? wanted - 1 : wanted + 2
  if (weekday === 0) return wanted < last ? wanted + 1 : wanted - 2
  return wanted
}

/** 1 to 7 from Sunday, or names; `6L` is the month's last Friday, `SAT#3` its third Saturday. */
const readDayOfWeek = (text: string): OnDay | undefined => {
  const [, day = '', last, nth] = /^(\w+?)(?:(L)|#([1-5]))$/.exec(text) ?? []
  if (last === undefined && nth === undefined) {
    const days = text === 'L' ? new Set([7]) : readField(text, 1, 7, weekdays)
    return days && ((date) => days.has(date.getUTCDay() + 1))
  }
  const [wanted] = readField(day, 1, 7, weekdays) ?? []
  if (wanted === undefined) return undefined
  return (date) => {
    if (date.getUTCDay() + 1 !== wanted) return false
    return last ? date.getUTCDate() + 7 > lastOfMonth(date) : Math.ceil(date.getUTCDate() / 7) === Number(nth)
  }
}
