import * as z from 'zod'
import { agentAddon } from '../agent.ts'

/** What an event says of a cluster that may have bindings. */
export interface ClusterNews {
  trigger: 'cluster-created' | 'agent-installed'
  account: string
  region: string
  cluster: string
  /** What happened, as far as redeliveries of it are the same: an ARN of the add-on, or nothing. */
  cause: string
}

const Envelope = z.object({
  source: z.string(),
  'detail-type': z.string(),
  account: z.string(),
  region: z.string(),
  resources: z.array(z.string()).default([]),
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
 * Reads an event of EventBridge: a cluster that CloudTrail saw created, or the Pod Identity agent arriving as an
 * add-on. Undefined for everything else, such as calls that failed and other add-ons.
 */
export const readClusterNews = (event: unknown): ClusterNews | undefined => {
  const envelope = Envelope.safeParse(event)
  if (!envelope.success || envelope.data.source !== 'aws.eks') return undefined
  switch (envelope.data['detail-type']) {
    case 'AWS API Call via CloudTrail':
      return clusterCreated(envelope.data)
    case 'EKS Addon Creation Succeeded':
      return agentInstalled(envelope.data)
    default:
      return undefined
  }
}

const clusterCreated = ({ account, region, detail }: z.output<typeof Envelope>): ClusterNews | undefined => {
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

/** The add-on's ARN is among the resources, or somewhere in the detail. */
const agentInstalled = ({
  account,
  region,
  resources,
  detail,
}: z.output<typeof Envelope>): ClusterNews | undefined => {
  const texts = [...resources, ...Object.values(detail)].filter((value) => typeof value === 'string')
  const arn = texts.find((text) => addonArn.test(text))
  const [, cluster, addon] = (arn && addonArn.exec(arn)) || []
  const news = arn && cluster && addon === agentAddon
  return news ? { trigger: 'agent-installed', account, region, cluster, cause: arn } : undefined
}
