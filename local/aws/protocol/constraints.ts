import { AwsFailure } from '../failure.ts'
import type { OperationModel, ServiceModel, ServiceName } from './model.ts'

/** Limits of a member that the runtime schemas leave out; `min` and `max` are lengths of text, else values. */
interface Constraint {
  pattern?: RegExp
  min?: number
  max?: number
}

// The services' API references; only the members that a caller of ours can get wrong.
const constraints: Record<ServiceName, Record<string, Constraint>> = {
  eks: {
    maxResults: { min: 1, max: 100 },
  },
  iam: {
    RoleName: { pattern: /[\w+=,.@-]+/, min: 1, max: 64 },
    UserName: { pattern: /[\w+=,.@-]+/, min: 1, max: 64 },
    PolicyName: { pattern: /[\w+=,.@-]+/, min: 1, max: 128 },
    PolicyArn: { min: 20, max: 2048 },
    PermissionsBoundary: { min: 20, max: 2048 },
    PolicySourceArn: { min: 20, max: 2048 },
    PolicyDocument: { min: 1, max: 131_072 },
    AssumeRolePolicyDocument: { min: 1, max: 131_072 },
    VersionId: { pattern: /v[1-9][0-9]*(\.[A-Za-z0-9-]*)?/ },
    MaxItems: { min: 1, max: 1000 },
    MaxSessionDuration: { min: 3600, max: 43_200 },
  },
  sts: {
    RoleArn: { min: 20, max: 2048 },
    RoleSessionName: { pattern: /[\w+=,.@-]*/, min: 2, max: 64 },
    DurationSeconds: { min: 900, max: 43_200 },
    ExternalId: { pattern: /[\w+=,.@:/-]*/, min: 2, max: 1224 },
  },
  states: {
    stateMachineArn: { min: 1, max: 256 },
    executionArn: { min: 1, max: 256 },
    name: { min: 1, max: 80 },
    taskToken: { min: 1, max: 2048 },
    error: { max: 256 },
    cause: { max: 32_768 },
    input: { max: 262_144 },
    output: { max: 262_144 },
    maxResults: { min: 0, max: 1000 },
  },
  events: {
    Name: { pattern: /[.\-_A-Za-z0-9]+/, min: 1, max: 64 },
    Entries: { min: 1, max: 10 },
    Limit: { min: 1, max: 100 },
  },
  dynamodb: {
    TableName: { min: 1, max: 1024 },
  },
  sns: {
    Subject: { max: 100 },
  },
}

/** The code under which each service reports input that breaks its model. */
const codes: Record<ServiceName, string> = {
  eks: 'InvalidParameterException',
  iam: 'ValidationError',
  sts: 'ValidationError',
  states: 'ValidationException',
  events: 'ValidationException',
  dynamodb: 'ValidationException',
  sns: 'InvalidParameter',
}

/** Throws the service's validation error, which names every member at fault. */
export const validateInput = (
  service: ServiceModel,
  operation: OperationModel,
  input: Record<string, unknown>,
): void => {
  const faults = [
    ...operation.required.filter((name) => input[name] === undefined).map(missing),
    ...Object.entries(input).flatMap(([name, value]) =>
      breaches(name, value, constraints[service.name][name] ?? {}),
    ),
    ...Object.entries(input).flatMap(([name, value]) => nullItems(lowerFirst(name), value)),
  ]
  if (faults.length === 0) return
  const count = `${faults.length} validation error${faults.length > 1 ? 's' : ''} detected`
  throw new AwsFailure(codes[service.name], `${count}: ${faults.join('; ')}`, { status: 400 })
}

const missing = (name: string): string => complaint(name, 'Member must not be null', 'Value null')

/** Lists hold no nulls, which reading made undefined, at any depth. */
const nullItems = (at: string, value: unknown): string[] => {
  if (Array.isArray(value))
    return value.flatMap((item: unknown, index) => {
      const place = `${at}.${index + 1}.member`
      return item === undefined
        ? [`Value null at '${place}' failed to satisfy constraint: Member must not be null`]
        : nullItems(place, item)
    })
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return []
  return Object.entries(value).flatMap(([name, inner]) => nullItems(`${at}.${lowerFirst(name)}`, inner))
}

const lowerFirst = (name: string): string => `${name.charAt(0).toLowerCase()}${name.slice(1)}`

const breaches = (name: string, value: unknown, { pattern, min, max }: Constraint): string[] => {
  if (typeof value === 'number') return outside(name, value, 'value', min, max, `Value '${value}'`)
  if (Array.isArray(value)) return outside(name, value.length, 'length', min, max)
  if (typeof value !== 'string') return []
  const faults = outside(name, value.length, 'length', min, max)
  if (pattern && !new RegExp(`^(?:${pattern.source})$`).test(value))
    faults.push(complaint(name, `Member must satisfy regular expression pattern: ${pattern.source}`))
  return faults
}

const outside = (
  name: string,
  size: number,
  unit: 'value' | 'length',
  min = Number.NEGATIVE_INFINITY,
  max = Number.POSITIVE_INFINITY,
  found?: string,
): string[] => {
  if (size < min) return [complaint(name, `Member must have ${unit} greater than or equal to ${min}`, found)]
  if (size > max) return [complaint(name, `Member must have ${unit} less than or equal to ${max}`, found)]
  return []
}

const complaint = (name: string, rule: string, found = 'Value'): string =>
  `${found} at '${lowerFirst(name)}' failed to satisfy constraint: ${rule}`
