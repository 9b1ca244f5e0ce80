import type { Finding } from '../findings.ts'
import { clip } from '../text/clip.ts'
import { bytesOf, fitFindings } from '../text/fit.ts'
import { many } from '../text/list.ts'

/** Fields that are read by people alone: later steps need none of them whole. */
const texts = new Set(['message', 'summary', 'reason', 'found', 'what', 'error', 'refused'])
/** Lists that may be as long as a workload has pods, or a role permissions; a message counts them all. */
const lists = new Set(['table', 'pods', 'evidence', 'progress', 'siblings'])

type Fields = Record<string, unknown>

/**
 * A step's answer within so many bytes of JSON: where it is longer, texts are cut, then lists, then findings, which
 * say that there were more. What later steps go by (ids, generations, positions, what was there before) stays.
 */
export const fitAnswer = <Answer>(answer: Answer, most: number): Answer => {
  if (bytesOf(answer) <= most || typeof answer !== 'object' || answer === null) return answer
  let fitted: Fields = { ...(answer as Fields) }
  for (const [longest, longestList] of [
    [1000, 100],
    [500, 50],
    [300, 20],
  ] as const) {
    fitted = Object.fromEntries(
      Object.entries(fitted).map(([field, value]) => [field, shorter(field, value, longest, longestList)]),
    )
    const findings = withFindings(fitted, most)
    if (bytesOf(findings) <= most) return findings as Answer
  }
  return withFindings(fitted, most) as Answer
}

const shorter = (field: string, value: unknown, longest: number, longestList: number): unknown => {
  if (typeof value === 'string') return texts.has(field) ? clip(value, longest) : value
  if (Array.isArray(value) && lists.has(field)) {
    const shown = value
      .slice(0, longestList)
      .map((one) => (typeof one === 'string' ? clip(one, longest) : one))
    const more = value.length - shown.length
    return more > 0 && field === 'table' ? [...shown, `… and ${many(more, 'more line')}`] : shown
  }
  if (field === 'credentials') return clipped(value, longest)
  return value
}

/** Credential variables hold whatever somebody has put there. */
const clipped = (value: unknown, longest: number): unknown => {
  if (typeof value === 'string') return clip(value, longest)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, clipped(inner, longest)]))
}

/** Gives the findings what the rest leaves. */
const withFindings = (fields: Fields, most: number): Fields => {
  const names = ['findings', 'diagnosis'].filter((name) => Array.isArray(fields[name]))
  const withLists = (listOf: (name: string) => Finding[]): Fields => ({
    ...fields,
    ...Object.fromEntries(names.map((name) => [name, listOf(name)])),
  })
  const each = Math.max(1500, Math.floor((most - bytesOf(withLists(() => []))) / names.length))
  return withLists((name) => fitFindings(fields[name] as Finding[], each))
}
