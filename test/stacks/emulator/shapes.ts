type Inputs = Record<string, unknown>

/** A call of boto3: its client's service and method, and the input as the service's model has it. */
export type Boto3Call = [service: string, operation: string, input: Inputs]

/** What makes a resource of each of Pulumi's types, in the order in which one needs the other. */
export type Making = Readonly<Record<string, (inputs: Inputs) => Boto3Call[]>>

/** Without what is not set, with names as the services have them: `maximumRetryAttempts` to `MaximumRetryAttempts`. */
export const capital = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(capital)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== undefined && one !== null)
      .map(([name, one]) => [name.charAt(0).toUpperCase() + name.slice(1), capital(one)]),
  )
}

export const defined = (input: Inputs): Inputs =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined && value !== null))

export const lastPart = (arn: unknown): string => String(arn).split(/[/:]/).at(-1) ?? ''

export const inRegion = (bucket: unknown): Inputs => ({
  Bucket: bucket,
  CreateBucketConfiguration: { LocationConstraint: 'us-west-2' },
})
