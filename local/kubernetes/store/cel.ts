import { Environment } from '@marcbachmann/cel-js'
import { setBounded } from '../../bounded.ts'

type Evaluate = (scope: Record<string, unknown>) => unknown

const mostCompiled = 1000

/** Expressions about some variables. Parameters, the authorizer and Kubernetes' own functions are not there. */
const language = (...variables: string[]) => {
  const environment = new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false })
  for (const name of variables) environment.registerVariable(name, 'dyn')
  const compiled = new Map<string, Evaluate>()
  return {
    evaluate: (expression: string, scope: Record<string, unknown>): unknown => {
      const known = compiled.get(expression) ?? (environment.parse(expression) as Evaluate)
      setBounded(compiled, expression, known, mostCompiled)
      return known(scope)
    },
    error: (expression: string): string | undefined => {
      const { valid, error } = environment.check(expression)
      return valid ? undefined : `compilation failed: ${errorLine(error ?? 'it cannot be read')}`
    },
  }
}

const policies = language('object', 'oldObject', 'request', 'namespaceObject', 'variables')
const rules = language('self', 'oldSelf')

/** The value of a policy's expression; throws where it has none. */
export const evaluateCel = policies.evaluate

/** What is wrong with a policy's expression, as far as that can be seen before it is evaluated. */
export const expressionError = policies.error

/** The value of a schema's rule; throws where it has none. */
export const evaluateRule = rules.evaluate

/** What is wrong with a schema's rule, as far as that can be seen before it is evaluated. */
export const ruleError = rules.error

/** JSON as CEL has it: whole numbers are integers. */
export const asCel = (value: unknown): unknown => {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value
  if (Array.isArray(value)) return value.map(asCel)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, asCel(inner)]))
}

/** What an error says, without the excerpt of the expression that follows. */
export const errorLine = (error: unknown): string =>
  String(error instanceof Error ? error.message : error).split('\n')[0] ?? ''
