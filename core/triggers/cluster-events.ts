import * as z from 'zod'
import { agentAddon } from '../agent.ts'
import { EventBridgeEvent } from '../events.ts'

/** A cluster that may have bindings now: it was created, or the agent was installed on it. */
export interface ClusterEvent {
  trigger: 'cluster-created' | 'agent-installed'
  account: string
  region: string
  cluster: string
  /** The same in every delivery of the event: the add-on's ARN, or empty for a new cluster. */
  cause: string
  /** True where the event names no add-on: which one was installed is EKS's to say. */
  asksForAgent?: true
}

const EksEvent = EventBridgeEvent.extend({
  source: z.literal('aws.eks'),
  account: z.string(),
  region: z.string(),
  detail: z.record(z.string(), z.unknown()).default({}),
})

const CreateCluster = z.object({
  eventName: z.literal('CreateCluster'),
  errorCode: z.undefined().optional(),
  awsRegion: z.string().optional(),
  // Older samples of CloudTrail say clusterName, newer ones name.
  requestParameters: z
    .object({ name: z.string().optional(), clusterName: z.string().optional() })
    .nullish()
    .catch(null),
  responseElements: z
    .object({ cluster: z.object({ name: z.string().optional(), arn: z.string().optional() }).optional() })
    .nullish()
    .catch(null),
})

const addonArn = /^arn:aws[\w-]*:eks:[^:]*:\d{12}:addon\/([^/]+)\/([^/]+)\/[^/]+$/

/**
 * Reads an event of EventBridge: CloudTrail's CreateCluster, or the installation of the Pod Identity agent as an
 * add-on. Undefined for everything else, such as calls that failed and other add-ons.
 */
export const readClusterEvent = (event: unknown): ClusterEvent | undefined => {
  const envelope = EksEvent.safeParse(event)
  if (!envelope.success) return undefined
  switch (envelope.data['detail-type']) {
    case 'AWS API Call via CloudTrail':
      return clusterCreated(envelope.data)
    case 'EKS Addon Creation Succeeded':
      return agentInstalled(envelope.data)
    default:
      return undefined
  }
}

const clusterCreated = ({ account, region, detail }: z.output<typeof EksEvent>): ClusterEvent | undefined => {
  const call = CreateCluster.safeParse(detail)
  if (!call.success) return undefined
  const { requestParameters, responseElements, awsRegion } = call.data
  const created = responseElements?.cluster
  const cluster =
    created?.arn?.split(':cluster/')[1] ??
    created?.name ??
    requestParameters?.name ??
    requestParameters?.clusterName
  return cluster
    ? {
        trigger: 'cluster-created',
        account: created?.arn?.split(':')[4] ?? account,
        region: created?.arn?.split(':')[3] ?? awsRegion ?? region,
        cluster,
        cause: '',
      }
    : undefined
}

const clusterArn = /^arn:aws[\w-]*:eks:[^:]*:\d{12}:cluster\/([^/]+)$/

/**
 * The add-on's ARN is among the resources, or somewhere in the detail: AWS documents neither. Where it is nowhere, the cluster's ARN
 * or name says where to ask for the agent.
 */
const agentInstalled = ({
  account,
  region,
  resources,
  detail,
}: z.output<typeof EksEvent>): ClusterEvent | undefined => {
  const texts = [...resources, ...Object.values(detail)].filter((value) => typeof value === 'string')
  const arn = texts.find((text) => addonArn.test(text))
  const about = { trigger: 'agent-installed', account, region } as const
  if (arn !== undefined) {
    const [, cluster = '', addon] = addonArn.exec(arn) ?? []
    return addon === agentAddon ? { ...about, cluster, cause: arn } : undefined
  }
  const named = texts.flatMap((text) => clusterArn.exec(text)?.[1] ?? [])[0]
  const cluster = named ?? [detail.clusterName, detail['cluster-name'], detail.cluster].find(isText)
  // It may name the add-on without its ARN.
  const addon = [detail.addonName, detail['addon-name'], detail.addon].find(isText)
  if (cluster === undefined || (addon !== undefined && addon !== agentAddon)) return undefined
  return { ...about, cluster, cause: '', asksForAgent: true }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
