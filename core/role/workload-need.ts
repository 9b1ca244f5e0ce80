/** Every one of the actions on every one of the resources. */
interface Actions {
  actions: string[]
  resources: string[]
}

/** What a well-known workload needs, as its own project publishes it. */
export interface WorkloadNeeds {
  /** The resource that it works on, where there is one: the field's name, and what an ARN of it looks like. */
  about?: { field: string; pattern: RegExp; example: string }
  /** Must be granted. */
  core: (resource: string) => readonly Actions[]
  /** Is worth having: what is missing of it stops nothing. */
  optional?: (resource: string) => readonly Actions[]
  source: string
}

export const need = (resource: string, ...actions: string[]): Actions => ({ actions, resources: [resource] })
export const anything = '*'

export const arn = (field: string, service: string, resource: string, example: string) => ({
  field,
  pattern: new RegExp(`^arn:aws[\\w-]*:${service}:[\\w*-]*:(?:\\d{12}|\\*)?:${resource}$`),
  example: `arn:aws:${service}:us-west-2:123456789012:${example}`,
})
