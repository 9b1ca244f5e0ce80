const form = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?:Z|([+-])(\d\d):(\d\d))$/

/**
 * The milliseconds since the epoch of an RFC 3339 time as Step Functions takes it; undefined for any other text,
 * also for dates and times that do not exist, which JavaScript would carry over into the next month or day.
 */
export const parseMoment = (text: string): number | undefined => {
  const [, year, month, day, hour, minute, second, , offsetHours = '0', offsetMinutes = '0'] =
    form.exec(text) ?? []
  if (year === undefined) return undefined
  const lastDay = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()
  const within = (value: string | undefined, least: number, most: number) =>
    Number(value) >= least && Number(value) <= most
  const exists =
    within(month, 1, 12) &&
    within(day, 1, lastDay) &&
    within(hour, 0, 23) &&
    within(minute, 0, 59) &&
    within(second, 0, 59) &&
    within(offsetHours, 0, 18) &&
    within(offsetMinutes, 0, 59)
  return exists ? Date.parse(text) : undefined
}
