import type { NormalizedSchema } from '@smithy/core/schema'
import { AwsFailure } from '../../failure.ts'
import { type OperationModel, requiredMembers, type ServiceModel, type ServiceName } from '../model.ts'
import type { Constraint } from './constraint.ts'
import { constraintTable } from './table.ts'

/** The code under which each service reports input that breaks its model. */
const codes: Record<ServiceName, string> = {
  eks: 'InvalidParameterException',
  iam: 'ValidationError',
  sts: 'ValidationError',
  states: 'ValidationException',
  events: 'ValidationException',
  dynamodb: 'ValidationException',
  sns: 'InvalidParameter',
  cloudtrail: 'ValidationException',
  'access-analyzer': 'ValidationException',
  s3: 'InvalidArgument',
  ssm: 'ValidationException',
  sqs: 'InvalidParameterValue',
  lambda: 'InvalidParameterValueException',
  logs: 'InvalidParameterException',
}

/** Throws the service's validation error, which names every member at fault. */
export const validateInput = (
  service: ServiceModel,
  operation: OperationModel,
  input: Record<string, unknown>,
): void => {
  const faults = faultsOf(
    operation.input,
    input,
    { path: '', shown: '' },
    constraintsOf(service.name, operation.name),
  )
  if (faults.length === 0) return
  const count = `${faults.length} validation error${faults.length > 1 ? 's' : ''} detected`
  const shown = faults.slice(0, MOST_SHOWN).join('; ')
  throw new AwsFailure(codes[service.name], `${count}: ${shown}`, { status: 400 })
}

const MOST_SHOWN = 20

type Constraints = (path: string) => Constraint

const constraintsOf = (service: ServiceName, operation: string): Constraints => {
  const { shapes, members } = constraintTable[service]
  const paths = members[operation] ?? {}
  return (path) => (Object.hasOwn(paths, path) ? shapes[paths[path] ?? ''] : undefined) ?? {}
}

/** Where a value is: as the table names the place, and as the service's messages do. */
interface Place {
  path: string
  shown: string
}

const faultsOf = (
  schema: NormalizedSchema,
  value: unknown,
  place: Place,
  constraints: Constraints,
): string[] => {
  const here = place.path ? breaches(place.shown, value, constraints(place.path)) : []
  const inside = (part: NormalizedSchema, item: unknown, at: Place): string[] =>
    item === undefined || item === null ? [missing(at.shown)] : faultsOf(part, item, at, constraints)
  if (schema.isListSchema())
    return [
      ...here,
      ...(value as unknown[]).flatMap((item, index) =>
        inside(schema.getValueSchema(), item, {
          path: `${place.path}[]`,
          shown: `${place.shown}.${index + 1}.member`,
        }),
      ),
    ]
  if (schema.isMapSchema())
    return [
      ...here,
      ...Object.entries(value as object).flatMap(([key, item]) => [
        ...breaches(`${place.shown}.key`, key, constraints(`${place.path}{key}`)),
        ...inside(schema.getValueSchema(), item, {
          path: `${place.path}{}`,
          shown: `${place.shown}.${key.slice(0, 50)}.member`,
        }),
      ]),
    ]
  if (!schema.isStructSchema()) return here
  return [...here, ...memberFaults(schema, value as Record<string, unknown>, place, constraints)]
}

const memberFaults = (
  schema: NormalizedSchema,
  source: Record<string, unknown>,
  { path, shown }: Place,
  constraints: Constraints,
): string[] => {
  const within = path.replace(/\[\]$/, '')
  const at = (name: string): Place => ({
    path: within ? `${within}.${name}` : name,
    shown: `${shown ? `${shown}.` : ''}${name.charAt(0).toLowerCase()}${name.slice(1)}`,
  })
  const absent = requiredMembers(schema).filter((name) => source[name] === undefined)
  return [
    ...absent.map((name) => missing(at(name).shown)),
    ...[...schema.structIterator()].flatMap(([name, member]) =>
      source[name] === undefined ? [] : faultsOf(member, source[name], at(name), constraints),
    ),
  ]
}

const missing = (name: string): string => complaint(name, 'Member must not be null', 'Value null')

const breaches = (name: string, value: unknown, constraint: Constraint): string[] => {
  const { min, max, pattern, values } = constraint
  if (typeof value === 'number') return outside(name, value, 'value', { min, max }, `Value '${value}'`)
  if (Array.isArray(value)) return outside(name, value.length, 'length', { min, max })
  if (typeof value !== 'string') return []
  if (values)
    return values.includes(value)
      ? []
      : [
          complaint(
            name,
            `Member must satisfy enum value set: [${values.join(', ')}]`,
            `Value '${value.slice(0, 100)}'`,
          ),
        ]
  const faults = outside(name, value.length, 'length', { min, max })
  if (pattern && !wholly(pattern).test(value))
    faults.push(complaint(name, `Member must satisfy regular expression pattern: ${pattern}`))
  return faults
}

const compiled = new Map<string, RegExp>()

const wholly = (pattern: string): RegExp => {
  const known = compiled.get(pattern) ?? new RegExp(`^(?:${pattern})$`, 'u')
  compiled.set(pattern, known)
  return known
}

const outside = (
  name: string,
  size: number,
  unit: 'value' | 'length',
  { min, max }: { min: number | undefined; max: number | undefined },
  found?: string,
): string[] => {
  if (min !== undefined && size < min)
    return [complaint(name, `Member must have ${unit} greater than or equal to ${min}`, found)]
  if (max !== undefined && size > max)
    return [complaint(name, `Member must have ${unit} less than or equal to ${max}`, found)]
  return []
}

const complaint = (name: string, rule: string, found = 'Value'): string =>
  `${found} at '${name}' failed to satisfy constraint: ${rule}`
