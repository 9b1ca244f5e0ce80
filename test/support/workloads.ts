import type { PodTemplateSpec } from '../../core/kubernetes.ts'
import { resources } from '../../local/kubernetes/store/resources.ts'
import { workshop } from '../../local/scenarios/workshop/index.ts'
import type { World } from '../../local/world.ts'
import type { Workshop } from './run.ts'

export type Kind = 'deployments' | 'daemonsets' | 'statefulsets'

const { namespace } = workshop
const labels = { app: 'shop' }

/** Lets the node's role do what carts needs, so that pods without credentials of their own run well. */
const healNodes = ({ aws }: Pick<Workshop, 'aws'>): void =>
  void aws.state.roles.get(workshop.nodeRole)?.inline.set(
    'table',
    JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: 'dynamodb:*', Resource: '*' },
    }),
  )

/**
 * Lets carts run well without credentials of its own, by its node's role: an undo of a restart then ends as soon as its
 * pods are as they were, and does not wait in real time until those that never become ready move no more.
 */
export const healCarts = async ({ aws, clusters }: Pick<World, 'aws' | 'clusters'>): Promise<void> => {
  healNodes({ aws })
  const store = clusters.get(workshop.cluster)?.store
  if (!store) throw new Error('the workshop has no cluster')
  const healed = Promise.withResolvers<void>()
  const look = () => {
    const { status } = store.read(resources.deployments, namespace, 'carts')
    if (status?.readyReplicas === 1 && status.replicas === 1 && status.updatedReplicas === 1) healed.resolve()
  }
  const ignore = store.subscribe(look)
  // Else they wait for their turn to be started again.
  for (const { metadata, status } of store.list(resources.pods, { namespace }))
    if (status?.containerStatuses?.some(({ ready }) => !ready))
      store.delete(resources.pods, namespace, metadata.name)
  await healed.promise
  ignore()
}

/** Takes the role's policy away once the association has been made: what preflight saw is true no more. */
export const spoilTheRole = (world: Pick<Workshop, 'aws'>): void =>
  void world.aws.associations.changes.subscribe(() =>
    world.aws.state.roles.get(workshop.role)?.attached.clear(),
  )

/** A workload `shop` of any kind beside carts, with its pods' template, running well. */
export const deployShop = async (
  world: Workshop,
  kind: Kind,
  spec: object = {},
  change: (template: PodTemplateSpec) => PodTemplateSpec = (template) => template,
): Promise<`${'deployment' | 'daemonset' | 'statefulset'}/shop`> => {
  healNodes(world)
  const { store } = world.cluster
  const carts = store.read(resources.deployments, namespace, 'carts')
  const template = change({ metadata: { labels }, spec: carts.spec?.template.spec as never })
  store.create(resources[kind] as typeof resources.statefulsets, {
    metadata: { name: 'shop', namespace },
    spec: { serviceName: 'shop', selector: { matchLabels: labels }, template, ...spec } as never,
  })
  await world.clock.sleep(10 * 60_000)
  return `${kind.slice(0, -1) as 'deployment' | 'daemonset' | 'statefulset'}/shop`
}

const isReady = (pod: ReturnType<typeof shopPods>[number]): boolean =>
  pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false

export const shopPods = ({ cluster: { store } }: Pick<Workshop, 'cluster'>) =>
  store
    .list(resources.pods, { namespace, labels: { matchLabels: labels } })
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)

/** How many pods of `shop` are ready now. */
export const readyPods = (world: Pick<Workshop, 'cluster'>): number => shopPods(world).filter(isReady).length

/** Everything that refuses pods in the workshop's namespace. */
export const refusers = {
  /** No room for more than so many pods. */
  quota: ({ cluster: { store } }: Pick<Workshop, 'cluster'>, pods: number): void =>
    void store.create(resources.resourcequotas, {
      metadata: { name: 'compute', namespace },
      spec: { hard: { pods: String(pods) } },
    }),
  /** No container may ask for more than 512 MiB; those of carts ask for one GiB. */
  limits: ({ cluster: { store } }: Pick<Workshop, 'cluster'>): void =>
    void store.create(resources.limitranges, {
      metadata: { name: 'sizes', namespace },
      spec: { limits: [{ type: 'Container', max: { memory: '512Mi' } }] },
    }),
  /** Only pods that meet the highest of the Pod Security Standards. */
  restricted: ({ cluster: { store } }: Pick<Workshop, 'cluster'>): void =>
    void store.mutate(resources.namespaces, '', namespace, (draft) => {
      draft.metadata.labels = {
        ...draft.metadata.labels,
        'pod-security.kubernetes.io/enforce': 'restricted',
      }
      return draft
    }),
}
