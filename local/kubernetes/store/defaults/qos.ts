import type { Pod } from '../../../../core/kubernetes.ts'
import type { Stored } from '../resources.ts'

/**
 * Guaranteed when every container limits cpu and memory and asks for just that, BestEffort when none says
 * anything, else Burstable.
 */
export const qosClassOf = ({ spec }: Pick<Stored<Pod>, 'spec'>): string => {
  const containers = [...(spec.initContainers ?? []), ...spec.containers]
  const said = containers.map(({ resources = {} }) => resources)
  if (said.every(({ limits = {}, requests = {} }) => !keys(limits).length && !keys(requests).length))
    return 'BestEffort'
  const guaranteed = said.every(({ limits = {}, requests = {} }) =>
    ['cpu', 'memory'].every(
      (key) => limits[key] !== undefined && (requests[key] ?? limits[key]) === limits[key],
    ),
  )
  return guaranteed ? 'Guaranteed' : 'Burstable'
}

const keys = (value: object) => Object.keys(value)
