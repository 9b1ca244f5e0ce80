import type { DecidingStatement, Decision, Layer } from '../../policy/evaluate.ts'

/** What one action on one resource comes to. */
export interface Verdict {
  /** The role that was asked: the target role's needs are judged by the target role. */
  role: string
  action: string
  resource: string
  granted: boolean
  decision: Decision
  /** The layers that stand in the way; none where it is granted. */
  layers: Layer[]
  by: DecidingStatement[]
  missingKeys: string[]
}

/** Actions that are all meant for each of the resources. */
export interface Group {
  actions: string[]
  resources: string[]
}

/** Resources of which the same actions are meant, together. */
export const groupVerdicts = (verdicts: readonly Pick<Verdict, 'action' | 'resource'>[]): Group[] => {
  const byResource = Map.groupBy(verdicts, ({ resource }) => resource)
  const groups = new Map<string, Group>()
  for (const [resource, asked] of byResource) {
    const actions = [...new Set(asked.map(({ action }) => action))]
    const group = groups.get(actions.join())
    if (group) group.resources.push(resource)
    else groups.set(actions.join(), { actions, resources: [resource] })
  }
  return [...groups.values()]
}

/** `dynamodb:GetItem, dynamodb:Query on arn:…` */
export const describeGroup = ({ actions, resources }: Group): string =>
  `${actions.join(', ')} on ${resources.join(', ')}`
