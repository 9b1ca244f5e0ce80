import * as z from 'zod'
import { type Eks, eks } from '../../adapters/eks/eks.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { decideCluster } from '../../core/cluster.ts'
import { Request } from '../../core/request.ts'
import type { ClusterStep } from '../../core/steps/answers.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { lambda } from '../support/lambda.ts'

const Input = z.strictObject({ request: Request })

/** Looks at the cluster once; waiting is the workflow's business. */
export const awaitCluster =
  (clusters: (region: string) => Pick<Eks, 'describeCluster'>) =>
  async ({ request }: z.output<typeof Input>): Promise<ClusterStep> => {
    const cluster = await clusters(request.region).describeCluster(request.cluster)
    return {
      cluster: cluster ?? null,
      ...decideCluster(cluster, {
        name: request.cluster,
        region: request.region,
        timeoutSeconds: request.clusterTimeoutSeconds,
      }),
    }
  }

export const create = (runtime: Runtime) =>
  makeHandler(
    runtime,
    { name: 'AwaitCluster', input: Input },
    awaitCluster((region) => eks(runtime, region)),
  )

export const handler = create(lambda)
