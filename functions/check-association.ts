import { type Eks, eks } from '../adapters/eks.ts'
import type { Runtime } from '../adapters/runtime.ts'
import { associationBefore, decideAssociation } from '../core/association.ts'
import { OnCluster, wantedAssociation } from './support/inputs.ts'
import { lambda } from './support/lambda.ts'
import { task } from './support/task.ts'

/** Part of state 3: what association is there, and what the run would do with it. */
export const checkAssociation =
  (clusters: (region: string) => Pick<Eks, 'findAssociation'>) =>
  async ({ request }: OnCluster) => {
    const wanted = wantedAssociation(request)
    const existing = await clusters(request.region).findAssociation(wanted)
    const decision = decideAssociation(wanted, existing)
    return {
      action: decision.action,
      before: associationBefore(existing),
      findings: decision.action === 'refuse' ? [decision.finding] : [],
    }
  }

export const create = (runtime: Runtime) =>
  task(
    'CheckAssociation',
    OnCluster,
    checkAssociation((region) => eks(runtime, region)),
    runtime,
  )

export const handler = create(lambda)
