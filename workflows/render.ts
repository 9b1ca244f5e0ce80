const placeholder = /\$\{(\w+)\}/g

/** The names of a template's placeholders, in order of first use. */
export const placeholders = (text: string): string[] => [
  ...new Set([...text.matchAll(placeholder)].map(([, name]) => name as string)),
]

/**
 * Fills a definition's placeholders, and names Step Functions' integrations by the partition of the functions: a
 * definition is written for `aws`, and GovCloud knows no `arn:aws:states:::lambda:invoke`. Stacks, tests and the local
 * engine all run its result, so that what was tested is what is deployed, byte for byte.
 * @throws Error naming every placeholder without a value, and every value without a placeholder.
 */
export const render = (text: string, values: Readonly<Record<string, string>>): string => {
  const wanted = placeholders(text)
  const unbound = wanted.filter((name) => !Object.hasOwn(values, name))
  const unused = Object.keys(values).filter((name) => !wanted.includes(name))
  if (unbound.length > 0 || unused.length > 0) {
    throw new Error(
      [
        ...unbound.map((name) => `the placeholder \${${name}} has no value`),
        ...unused.map((name) => `the value ${name} has no placeholder`),
      ].join('; '),
    )
  }
  // Inside a JSON string the value must be escaped as JSON does it.
  return text
    .replaceAll('"arn:aws:states:::', `"arn:${partitionOfValues(values)}:states:::`)
    .replace(placeholder, (_, name: string) => JSON.stringify(values[name]).slice(1, -1))
}

const partitionOfValues = (values: Readonly<Record<string, string>>): string =>
  Object.values(values)
    .map((arn) => /^arn:([\w-]+):/.exec(arn)?.[1])
    .find((partition) => partition !== undefined) ?? 'aws'

/** The names of the functions a definition invokes are its placeholders; each has a file of that name. */
export const enablePodIdentity = 'enable-pod-identity'

/** The definition of many bindings' rollout. Besides functions it names the state machine of the one above, by that name. */
export const rollOutInWaves = 'roll-out-in-waves'
