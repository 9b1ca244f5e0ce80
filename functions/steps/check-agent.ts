import { together } from '../../adapters/concurrently.ts'
import { type Eks, eks } from '../../adapters/eks/eks.ts'
import { agentOnNodes, agentPortHolders } from '../../adapters/kubernetes/agents.ts'
import type { Connection } from '../../adapters/kubernetes/connection.ts'
import { explaining } from '../../adapters/kubernetes/explain.ts'
import { workloads } from '../../adapters/kubernetes/workloads.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { agentLine, assessAgent as decide } from '../../core/agent.ts'
import type { AgentStep } from '../../core/steps/answers.ts'
import { formatWorkloadRef } from '../../core/workload/workload.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { OnCluster } from '../support/inputs.ts'
import { clusterApi } from '../support/kubernetes.ts'
import { lambda } from '../support/lambda.ts'

/** Whether pods will find an agent on their node. */
export const checkAgent =
  (
    clusters: (region: string) => Pick<Eks, 'describeAgentAddon'>,
    api: (input: OnCluster) => Connection,
    { signal }: Pick<Runtime, 'signal'>,
  ) =>
  async (input: OnCluster): Promise<AgentStep> => {
    const { request, cluster } = input
    const connection = api(input)
    const ref = request.workload
    // Which nodes matter depends on the workload; without it all of them do.
    const { answer: workload } = await explaining(signal, async (ask) =>
      ref
        ? ask('the workload', (limit) => workloads(connection).get(ref, request.namespace, limit))
        : undefined,
    )
    const spec = workload?.spec?.template?.spec
    const onEveryNode = ref?.kind === 'DaemonSet'
    const [addon, running] = await together([
      clusters(request.region).describeAgentAddon(cluster.name),
      agentOnNodes(connection, spec && { spec, onEveryNode }, signal),
    ])
    const installs = request.installAgent && !addon && running.daemonSets.length === 0
    const facts = {
      ...(installs && { portHolders: await agentPortHolders(connection, signal) }),
      cluster: cluster.name,
      region: request.region,
      autoMode: cluster.autoMode,
      addon,
      ...running,
      ...(ref && spec && { workload: { name: formatWorkloadRef(ref), onEveryNode } }),
    }
    const check = decide(facts, { install: request.installAgent })
    return { ...check, summary: agentLine(check) }
  }

export const create = (runtime: Runtime) =>
  makeHandler(runtime, { name: 'CheckAgent', input: OnCluster }, (input, call) =>
    checkAgent(
      (region) => eks(runtime, region),
      ({ cluster }) => clusterApi(runtime, cluster),
      call,
    )(input),
  )

export const handler = create(lambda)
