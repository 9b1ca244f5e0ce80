/** The times at which a CronJob runs, as its schedule names them. */
export interface CronSchedule {
  /** The first such time after a moment, both in milliseconds since the epoch; undefined where there is none. */
  after(moment: number): number | undefined
}

const months = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')
const days = 'sun mon tue wed thu fri sat'.split(' ')

const shorthands: Record<string, string | undefined> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs
/** A schedule that names no day in so many (as 30 February) names none. */
const longestDays = 5 * 366

/**
 * Reads a schedule of five fields, or a shorthand such as `@hourly`; throws what is wrong with it. Times are those
 * of `timeZone`, UTC by default. https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
 */
export const parseCron = (text: string, timeZone = 'UTC'): CronSchedule => {
  const fields = (shorthands[text.trim()] ?? text).trim().split(/\s+/)
  if (fields.length !== 5)
    throw new Error(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`)
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields
  const minutes = readField(minute, 0, 59)
  const hours = readField(hour, 0, 23)
  const daysOfMonth = readField(day, 1, 31)
  const monthsOfYear = readField(month, 1, 12, months)
  const daysOfWeek = new Set([...readField(weekday, 0, 7, days)].map((one) => one % 7))
  // Where both say something about the day, either is enough.
  const either = !/^[*?]/.test(day) && !/^[*?]/.test(weekday)
  const isDay = (date: Date): boolean => {
    const ofMonth = daysOfMonth.has(date.getUTCDate())
    const ofWeek = daysOfWeek.has(date.getUTCDay())
    return monthsOfYear.has(date.getUTCMonth() + 1) && (either ? ofMonth || ofWeek : ofMonth && ofWeek)
  }
  return {
    after: (moment) => {
      const offset = offsetOf(timeZone, moment)
      const first = Math.floor((moment + offset) / minuteMs) * minuteMs + minuteMs
      for (let start = first, left = longestDays; left > 0; left -= 1) {
        const midnight = Math.floor(start / dayMs) * dayMs
        if (isDay(new Date(midnight)))
          for (let at = start; at < midnight + dayMs; at += minuteMs) {
            const time = new Date(at)
            if (hours.has(time.getUTCHours()) && minutes.has(time.getUTCMinutes())) return at - offset
          }
        start = midnight + dayMs
      }
      return undefined
    },
  }
}

const readField = (text: string, least: number, most: number, names: string[] = []): Set<number> => {
  const numberOf = (word: string): number => {
    const named = names.indexOf(word.toLowerCase())
    const number = named >= 0 ? least + named : Number(word)
    if (word === '' || !Number.isInteger(number)) throw new Error(`failed to parse int from ${word}`)
    if (number < least) throw new Error(`beginning of range (${number}) below minimum (${least}): ${text}`)
    if (number > most) throw new Error(`end of range (${number}) above maximum (${most}): ${text}`)
    return number
  }
  const chosen = new Set<number>()
  for (const part of text.split(',')) {
    const [range = '', step = '1'] = part.split('/')
    const every = Number(step)
    if (!Number.isInteger(every) || every < 1)
      throw new Error(`step of range should be a positive number: ${part}`)
    const [from = '', to] = range.split('-')
    const all = range === '*' || range === '?'
    const start = all ? least : numberOf(from)
    const end = all ? most : to !== undefined ? numberOf(to) : part.includes('/') ? most : start
    for (let value = start; value <= end; value += every) chosen.add(value)
  }
  return chosen
}

/** By how much a zone's clocks are ahead of UTC at a moment, in milliseconds; throws for zones that do not exist. */
const offsetOf = (timeZone: string, moment: number): number => {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  }).formatToParts(moment)
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value)
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'))
  return local - Math.floor(moment / minuteMs) * minuteMs
}
