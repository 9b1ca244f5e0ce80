import type { Resource, Synthesis } from './synth.ts'

/**
 * The resources for a person: `aws:lambda/function:Function  27`, and below it a name in each line, with the physical
 * one where it is fixed. SST's components are left out, as they are only what it makes resources of.
 */
export const resourceSummary = ({ resources: all }: Pick<Synthesis, 'resources'>): string => {
  const resources = all.filter(({ type }) => !type.startsWith('sst:'))
  const byType = [...Map.groupBy(resources, ({ type }) => type)].sort(([one], [other]) =>
    one < other ? -1 : 1,
  )
  const parts = byType.map(
    ([type, them]) =>
      `${type}  ${them.length}\n${them
        .map((resource) => `  ${nameOf(resource)}\n`)
        .sort()
        .join('')}`,
  )
  return `${parts.join('')}${resources.length} resources of ${byType.length} types\n`
}

const nameOf = ({ name, inputs }: Resource): string =>
  typeof inputs.name === 'string' ? `${name} (${inputs.name})` : name
