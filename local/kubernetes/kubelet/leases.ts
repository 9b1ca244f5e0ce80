import type { LocalClock } from '../../clock.ts'
import { resources } from '../store/resources.ts'
import type { Store } from '../store/store.ts'

const namespace = 'kube-node-lease'
const durationSeconds = 40
const renewedEveryMs = 10_000

/**
 * The leases by which kubelets say that they are alive. They are renewed when somebody looks: a timer of each
 * node would be the only thing to happen in a cluster that is at rest.
 */
export const nodeLeases = ({
  store,
  clock,
  isSilent,
}: {
  store: Store
  clock: LocalClock
  isSilent: (node: string) => boolean
}): { renew(): void } => ({
  renew: () => {
    if (!store.get(resources.namespaces, undefined, namespace)) return
    for (const { metadata } of store.list(resources.nodes)) {
      const { name, uid } = metadata
      const lease = store.get(resources.leases, namespace, name)
      const renewTime = new Date(clock.now() - (clock.now() % renewedEveryMs))
        .toISOString()
        .replace('Z', '000Z')
      if (isSilent(name) || lease?.spec.renewTime === renewTime) continue
      const spec = { holderIdentity: name, leaseDurationSeconds: durationSeconds, renewTime }
      if (lease) store.update(resources.leases, { metadata: lease.metadata, spec })
      else
        store.create(resources.leases, {
          metadata: {
            name,
            namespace,
            ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }],
          },
          spec,
        })
    }
  },
})
