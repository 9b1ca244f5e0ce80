import type { EndpointSlice, Service } from '../../../core/kubernetes.ts'
import { isReady } from '../../../core/workload/readiness.ts'
import { nameSuffix } from '../store/identifiers.ts'
import { type KubernetesObject, resources, type Stored } from '../store/resources.ts'
import { selects } from '../store/selectors.ts'
import { type Control, keyOf, type Running, runController } from './control.ts'
import { controllerReference, isTerminal, type StoredPod } from './pods.ts'

/** Keeps one EndpointSlice for each Service with a selector: its pods that have an address. */
export const startEndpointSliceController = (
  control: Control & { random?: (() => number) | undefined },
): Running => {
  const { store, random = Math.random } = control
  const slicesOf = ({ metadata }: Stored<Service>) =>
    store.list(resources.endpointslices, {
      namespace: metadata.namespace,
      labels: { matchLabels: { [serviceName]: metadata.name } },
    })
  return runController(control, {
    resource: resources.services,
    latencyMs: 5,
    reconcile: (service) => {
      const { namespace = '', name } = service.metadata
      if (!service.spec.selector) return undefined
      const pods = store
        .list(resources.pods, { namespace, labels: { matchLabels: service.spec.selector } })
        .filter((pod) => pod.status?.podIP && !isTerminal(pod))
      const content = {
        endpoints: pods.map((pod) => endpointOf(control, pod)),
        ports: portsOf(service, pods[0]),
      }
      const [slice] = slicesOf(service)
      if (slice)
        store.mutate(resources.endpointslices, namespace, slice.metadata.name, (draft) => ({
          ...draft,
          ...content,
        }))
      else
        store.create(resources.endpointslices, {
          metadata: {
            name: `${name}-${nameSuffix(random)}`,
            generateName: `${name}-`,
            namespace,
            labels: {
              'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
              [serviceName]: name,
            },
            annotations: { 'endpoints.kubernetes.io/last-change-trigger-time': store.timestamp() },
            ownerReferences: [controllerReference(service as KubernetesObject)],
          },
          addressType: 'IPv4',
          ...content,
        })
      return undefined
    },
    wakes: ({ resource, object, previous }) =>
      resource !== resources.pods
        ? []
        : store
            .list(resources.services, { namespace: object.metadata.namespace })
            .filter(
              ({ spec: { selector } }) =>
                selector &&
                [object, previous].some(
                  (pod) => pod && selects({ matchLabels: selector }, pod.metadata.labels),
                ),
            )
            .map(({ metadata }) => keyOf(metadata)),
  })
}

const serviceName = 'kubernetes.io/service-name'

const endpointOf = ({ store }: Control, pod: StoredPod): NonNullable<EndpointSlice['endpoints']>[number] => {
  const { name, namespace, uid, deletionTimestamp } = pod.metadata
  const node = store.get(resources.nodes, undefined, pod.spec.nodeName ?? '')
  const zone = node?.metadata.labels?.['topology.kubernetes.io/zone']
  const serving = isReady(pod)
  const terminating = deletionTimestamp !== undefined
  return {
    addresses: [pod.status?.podIP ?? ''],
    conditions: { ready: serving && !terminating, serving, terminating },
    targetRef: { kind: 'Pod', ...(namespace === undefined ? {} : { namespace }), name, uid },
    ...(pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    ...(zone ? { zone } : {}),
  }
}

/** A port's number, or that of the container port of its name. */
const portsOf = (
  { spec }: Stored<Service>,
  pod: StoredPod | undefined,
): NonNullable<EndpointSlice['ports']> =>
  (spec.ports ?? []).flatMap(({ name = '', protocol = 'TCP', port, targetPort = port }) => {
    const number = Number(targetPort)
    const named = pod?.spec.containers
      .flatMap(({ ports = [] }) => ports)
      .find((one) => one.name === String(targetPort))
    const found = Number.isNaN(number) ? named?.containerPort : number
    return found === undefined ? [] : [{ name, protocol, port: found }]
  })
