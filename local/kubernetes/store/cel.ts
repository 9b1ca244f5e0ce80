import { Environment } from '@marcbachmann/cel-js'
import { setBounded } from '../../bounded.ts'

/** What expressions may speak of. Parameters, the authorizer and Kubernetes' own functions are not there. */
const environment = new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false })
for (const name of ['object', 'oldObject', 'request', 'namespaceObject', 'variables'])
  environment.registerVariable(name, 'dyn')

type Evaluate = (scope: Record<string, unknown>) => unknown

const compiled = new Map<string, Evaluate>()
const mostCompiled = 1000

/** The value of an expression; throws where it has none. */
export const evaluateCel = (expression: string, scope: Record<string, unknown>): unknown => {
  const known = compiled.get(expression) ?? (environment.parse(expression) as Evaluate)
  setBounded(compiled, expression, known, mostCompiled)
  return known(scope)
}

/** What is wrong with an expression, as far as that can be seen before it is evaluated. */
export const expressionError = (expression: string): string | undefined => {
  const { valid, error } = environment.check(expression)
  return valid ? undefined : `compilation failed: ${firstLine(error ?? 'it cannot be read')}`
}

/** JSON as CEL has it: whole numbers are integers. */
export const asCel = (value: unknown): unknown => {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value
  if (Array.isArray(value)) return value.map(asCel)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, asCel(inner)]))
}

/** What an error says, without the excerpt of the expression that follows. */
export const firstLine = (error: unknown): string =>
  String(error instanceof Error ? error.message : error).split('\n')[0] ?? ''
