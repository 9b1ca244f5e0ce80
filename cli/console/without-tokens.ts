import { redact } from '../../core/text/redact.ts'

/** A copy in which no task token is, by which whoever has it could answer for a person, and nothing in the form of a secret. */
export const withoutTokens = <Value>(value: Value): Value => copied(value) as Value

const copied = (value: unknown): unknown => {
  if (typeof value === 'string') return text(value)
  if (Array.isArray(value)) return value.map(copied)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, isToken(name) ? '(hidden)' : copied(inner)]),
  )
}

const isToken = (name: string): boolean => /^task_?token$|^token$/i.test(name)

/** Inputs and outputs are JSON inside of text. */
const text = (value: string): string => {
  if (!/^\s*[[{]/.test(value)) return redact(value)
  try {
    return JSON.stringify(copied(JSON.parse(value)))
  } catch {
    return redact(value)
  }
}
