import { setBounded } from '../../bounded.ts'
import { isObject } from '../../json-object.ts'
import { readJsonText } from '../../json-text.ts'
import type { Definition } from '../definition.ts'
import { checkMachine, checkState } from './machine.ts'
import { checkFields, type DefinitionCheck, isPositiveInteger } from './values.ts'

/** One thing wrong with a definition, or not implemented here. */
export interface DefinitionFault {
  /** Where: `/States/EnsureAssociation/Retry/0/BackoffRate`. */
  path: string
  message: string
}

/** The definition cannot be run; the message lists every fault with its path. */
export class InvalidDefinition extends Error {
  override readonly name = 'InvalidDefinition'
  readonly faults: readonly DefinitionFault[]

  constructor(faults: readonly DefinitionFault[]) {
    super(
      ['The definition cannot be run:', ...faults.map(({ path, message }) => `- ${path}: ${message}`)].join(
        '\n',
      ),
    )
    this.faults = faults
  }
}

/**
 * Everything that is wrong with a definition, by the rules of the Amazon States Language for JSONata, or that
 * the engine does not implement. Empty for a definition that runs.
 * https://states-language.net/spec.html
 */
export const validateDefinition = (definition: unknown): DefinitionFault[] => {
  const { faults, check } = faultCollector()
  if (!check(isObject(definition), '/', 'must be an object') || !isObject(definition)) return faults
  const { QueryLanguage, Version, TimeoutSeconds } = definition
  checkFields(check, '', definition, 'a state machine', [
    'Comment',
    'QueryLanguage',
    'Version',
    'StartAt',
    'States',
    'TimeoutSeconds',
  ])
  check(Version === undefined || Version === '1.0', '/Version', "must be '1.0'")
  check(
    TimeoutSeconds === undefined || isPositiveInteger(TimeoutSeconds),
    '/TimeoutSeconds',
    'must be a positive whole number',
  )
  check(
    QueryLanguage === undefined || QueryLanguage === 'JSONata',
    '/QueryLanguage',
    `must be JSONata, the only query language implemented, not ${JSON.stringify(QueryLanguage)}`,
  )
  checkMachine({ check, names: new Map(), language: QueryLanguage ?? 'JSONPath' }, '', definition)
  return faults
}

/** Everything that is wrong with one state alone; where it leads is not looked at. */
export const validateState = (name: string, state: unknown): DefinitionFault[] => {
  const { faults, check } = faultCollector()
  checkState({ check, names: new Map(), language: 'JSONPath' }, `/States/${name}`, name, state)
  return faults
}

const faultCollector = () => {
  const faults: DefinitionFault[] = []
  const check: DefinitionCheck = (holds, path, message) => {
    if (!holds) faults.push({ path, message })
    return holds
  }
  return { faults, check }
}

/** The last texts without a fault, and what they hold: a machine runs the same one again and again. */
const faultless = new Map<string, Definition>()
const remembered = 8

/**
 * The definition, from JSON text or an object, of which it is a copy: it cannot change during an execution.
 * @param validated whether it is known to have no fault
 * @throws InvalidDefinition with every fault
 */
export const parseDefinition = (source: unknown, validated = false): Definition => {
  const known = typeof source === 'string' ? faultless.get(source) : undefined
  if (known) return known
  const definition: unknown = typeof source === 'string' ? parseJson(source) : structuredClone(source)
  const faults = validated ? [] : validateDefinition(definition)
  if (faults.length > 0) throw new InvalidDefinition(faults)
  if (typeof source === 'string') setBounded(faultless, source, definition as Definition, remembered)
  return definition as Definition
}

const parseJson = (text: string): unknown => {
  try {
    return readJsonText(text)
  } catch (error) {
    throw new InvalidDefinition([{ path: '/', message: `is not JSON: ${(error as Error).message}` }])
  }
}
