import { Option } from 'commander'
import { UsageError } from '../usage-error.ts'
import { needFrom } from './need.ts'
import { type BindingOption, bindingOptions } from './options.ts'

/** The flags of a command as commander hands them over. */
export type Flags = Readonly<Record<string, unknown>>

/** What the flags say of a request, field by field. @throws UsageError where a value cannot be read */
export const fieldsFrom = (flags: Flags): Record<string, unknown> =>
  Object.fromEntries(
    bindingOptions.flatMap((option) => {
      const written = new Option(option.flags)
      const given = flags[written.attributeName()]
      // Commander has what --no-… switches off true where that is not given.
      const value = written.negate ? (given === false ? false : undefined) : givenAs(option, given)
      return value === undefined ? [] : [[option.field, value]]
    }),
  )

const givenAs = (option: BindingOption, given: unknown): unknown => {
  if (given === undefined) return undefined
  if (option.sets !== undefined) return given === true ? option.sets : undefined
  switch (option.reads) {
    case 'json':
      try {
        return JSON.parse(String(given))
      } catch (error) {
        throw new UsageError(`${flagOf(option.field)} is not JSON: ${(error as Error).message}`)
      }
    case 'needs': {
      const needs = given as string[]
      return needs.join() === 'observed' ? 'observed' : needs.map(needFrom)
    }
    default:
      return given
  }
}

/** The flag of a field as people write it: `--service-account`. */
export const flagOf = (field: string): string => {
  const option = bindingOptions.find((one) => one.field === field)
  return new Option(option?.flags ?? `--${field}`).long ?? field
}
