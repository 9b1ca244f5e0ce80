import { isObject, type JsonObject } from '../../json-object.ts'
import { expressionOf, isExpression } from '../definition.ts'
import { expressionFaults, type StatesField } from './expression.ts'

/** Notes a fault at the path unless the condition holds; answers the condition. */
export type DefinitionCheck = (holds: boolean, path: string, message: string) => boolean

export const isPositiveInteger = (value: unknown): value is number => isCount(value) && value > 0

/** A whole number that the service takes as seconds or a count. */
export const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 99_999_999

/** Every field must be among the known ones. */
export const checkFields = (
  check: DefinitionCheck,
  path: string,
  fields: JsonObject,
  owner: string,
  known: readonly string[],
): void => {
  for (const field of Object.keys(fields)) {
    check(
      known.includes(field),
      `${path}/${field}`,
      `is not implemented for ${owner} in JSONata; known are ${known.join(', ')}`,
    )
  }
}

/** Expressions anywhere inside the value must be ones that Step Functions would evaluate. */
export const checkTemplate = (
  check: DefinitionCheck,
  path: string,
  template: unknown,
  allowed: readonly StatesField[],
): void => {
  if (typeof template === 'string') checkText(check, path, template, allowed)
  else if (Array.isArray(template)) {
    for (const [index, item] of template.entries()) checkTemplate(check, `${path}/${index}`, item, allowed)
  } else if (isObject(template)) {
    for (const [key, value] of Object.entries(template))
      checkTemplate(check, `${path}/${key}`, value, allowed)
  }
}

const checkText = (
  check: DefinitionCheck,
  path: string,
  text: string,
  allowed: readonly StatesField[],
): void => {
  if (isExpression(text)) {
    for (const fault of expressionFaults(expressionOf(text), allowed)) check(false, path, fault)
    return
  }
  const half = text.startsWith('{%') || text.endsWith('%}')
  check(!half, path, 'must begin with {% and end with %} to be an expression, with nothing before or after')
}

/** A literal that passes, or an expression in its place. */
export const checkValue = (
  check: DefinitionCheck,
  path: string,
  value: unknown,
  { literal, expected }: { literal: (value: unknown) => boolean; expected: string },
): void => {
  if (isExpression(value)) checkTemplate(check, path, value, ['input', 'context'])
  else
    check(literal(value), path, `must be ${expected} or a JSONata expression, not ${JSON.stringify(value)}`)
}

/** A variable is named as JavaScript would, in at most 80 characters; `$states` is the service's own. */
export const checkAssign = (
  check: DefinitionCheck,
  path: string,
  assign: unknown,
  allowed: readonly StatesField[],
): void => {
  if (assign === undefined) return
  if (!check(isObject(assign), path, 'must be an object of variables') || !isObject(assign)) return
  for (const [name, template] of Object.entries(assign)) {
    check(
      /^[\p{ID_Start}][\p{ID_Continue}]{0,79}$/u.test(name) && name !== 'states',
      `${path}/${name}`,
      'is not a name for a variable: letters, digits and _, a letter first, at most 80, and not states',
    )
    checkTemplate(check, `${path}/${name}`, template, allowed)
  }
}
