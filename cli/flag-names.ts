import { faultLine, type ValueFault } from '../core/text/value-fault.ts'
import { flagOf } from './bindings/fields.ts'
import { bindingOptions } from './bindings/options.ts'

const fields: ReadonlySet<string> = new Set(bindingOptions.map(({ field }) => field))

/** A fault of a field that a flag gave, by that flag: `--namespace: is missing`. */
export const faultByFlag = (fault: ValueFault): string => faultsByFlags(`- ${faultLine(fault)}`).slice(2)

/** The faults of a request whose fields were given by flags, by these. */
export const faultsByFlags = (message: string): string =>
  message
    .split('\n')
    .map((line) => {
      const [, field = '', rest = ''] = /^- (\w+)((?:\[|\.|:).*)$/.exec(line) ?? []
      return fields.has(field)
        ? `- ${flagOf(field)}${rest.replace(/^: is missing \(a \w+\)$/, ': is missing')}`
        : line
    })
    .join('\n')
