/** When waves may begin: on these days, from one time of day to another. */
export interface MaintenanceWindow {
  days: readonly string[]
  /** `22:00`. */
  from: string
  /** At or before `from` it is of the next day. */
  to: string
}

/** When waves may begin: milliseconds since the epoch, `to` excluded. */
export interface Opening {
  from: number
  to: number
}

const names = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
const dayMs = 86_400_000

/** What is wrong with windows, by where in them. */
export const windowFaults = (
  windows: readonly Omit<MaintenanceWindow, 'days'>[],
  timeZone: string,
): { path: (string | number)[]; said: string }[] => [
  ...(isTimeZone(timeZone)
    ? []
    : [{ path: ['timeZone'], said: 'is not the IANA name of a time zone, such as UTC or Europe/Berlin' }]),
  ...windows.flatMap(({ from, to }, at) =>
    Object.entries({ from, to }).flatMap(([field, time]) =>
      minutesOf(time) === undefined
        ? [{ path: ['windows', at, field], said: 'is not a time of day, such as 22:00' }]
        : [],
    ),
  ),
]

const isTimeZone = (name: string): boolean => {
  try {
    zoneOf(name)
    return true
  } catch {
    return false
  }
}

const minutesOf = (time: string): number | undefined => {
  const [, hours, minutes] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(time) ?? []
  return hours === undefined ? undefined : Number(hours) * 60 + Number(minutes)
}

/**
 * The openings of windows from a moment on, in their order, for so many days; those that overlap are one. Windows are
 * of each day's local time. A time that a change to summer time skips is the one so much later, and of a time that there
 * is twice the first one counts.
 */
export const openingsOf = (
  windows: readonly MaintenanceWindow[],
  timeZone: string,
  now: number,
  days: number,
): Opening[] => {
  const zone = zoneOf(timeZone)
  const today = Math.floor((now + zone(now)) / dayMs)
  const openings: Opening[] = []
  // A window of yesterday may still be open.
  for (let day = today - 1; day <= today + days; day++) {
    const name = names[new Date(day * dayMs).getUTCDay()]
    for (const window of windows) {
      if (!window.days.some((one) => one === name)) continue
      const [from = 0, to = 0] = [minutesOf(window.from), minutesOf(window.to)]
      const ends = to <= from ? to + 1440 : to
      openings.push({
        from: instantOf(day * dayMs + from * 60_000, zone),
        to: instantOf(day * dayMs + ends * 60_000, zone),
      })
    }
  }
  return joined(openings.filter(({ from, to }) => to > now && to > from))
}

/** Local time less UTC at a moment, in milliseconds. */
type Zone = (at: number) => number

const zoneOf = (timeZone: string): Zone => {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  return (at) => {
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000
  }
}

/** The moment at which clocks of the zone show a local time, given as if it were of UTC. */
const instantOf = (local: number, zone: Zone): number => {
  // Before and after a change of the zone's offset, if there is one near.
  const [before, after] = [local - zone(local - dayMs), local - zone(local + dayMs)]
  const shown = [before, after].filter((at) => at + zone(at) === local)
  return shown.length > 0 ? Math.min(...shown) : before
}

const joined = (openings: readonly Opening[]): Opening[] => {
  const all: Opening[] = []
  for (const next of openings.toSorted((one, other) => one.from - other.from)) {
    const last = all.at(-1)
    if (last && next.from <= last.to) last.to = Math.max(last.to, next.to)
    else all.push({ ...next })
  }
  return all
}
