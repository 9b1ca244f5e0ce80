import type { Report } from '../../core/report.ts'
import type { CredentialVariables } from '../../core/steps/answers.ts'
import type { PodEvidence } from '../../core/workload/proof/evidence.ts'
import { rows, type Screen, wrapped } from './screen.ts'

/** Pods that are named; those whose credentials are in doubt come first, and --json has the others too. */
const mostPods = 5

/** What was seen of each pod's credentials, of a few pods. */
export const credentialBlock = ({ credentials }: Report, { width }: Screen): string[] => {
  const evidence = credentials?.evidence ?? []
  const more = evidence.length - mostPods
  return [
    ...evidence.slice(0, mostPods).flatMap((seen) => wrapped(evidenceLine(seen), width, '  ', 4)),
    ...(more > 0 ? [`  and ${more} more in what --json prints`] : []),
  ]
}

/** The containers' credential variables before the run and after it. */
export const variableBlock = ({ credentials }: Report, screen: Screen): string[] =>
  credentials
    ? rows(
        [...variableRows('before', credentials.before), ...variableRows('after', credentials.after)],
        screen,
      )
    : []

const evidenceLine = (seen: PodEvidence): string => {
  switch (seen.seen) {
    case 'handed-out':
      return `${seen.pod}  by ${seen.agent} at ${seen.at}, session ${seen.session.split('/').at(-1)}`
    case 'not-asked':
      return `${seen.pod}  none yet: it has not asked ${seen.agent}`
    case 'refused':
      return `${seen.pod}  refused by ${seen.agent} at ${seen.at}: ${seen.reason}`
    case 'out-of-reach':
      return `${seen.pod}  out of the agent’s reach: ${seen.reason}`
    case 'not-observable':
      return `${seen.pod}  not observable: ${seen.reason}`
  }
}

const variableRows = (
  when: string,
  variables: CredentialVariables | null,
): (readonly [name: string, text: string])[] => {
  const settings = (values: Record<string, string>) =>
    Object.entries(values).map(([name, value]) => `${name}=${value}`)
  // Most often all containers have the same.
  const alike = Map.groupBy(
    Object.entries(variables ?? {}).filter(([, values]) => Object.keys(values).length > 0),
    ([, values]) => settings(values).join('\n'),
  )
  const lines = [...alike].flatMap(([text, containers]) => [
    `container ${containers.map(([name]) => name).join(', ')}`,
    ...text.split('\n'),
  ])
  const shown = lines.length > 0 ? lines : ["none: the node's role was used"]
  return shown.map((line, index) => [index === 0 ? when : '', line] as const)
}
