import type { Pod } from '../../../core/kubernetes.ts'
import type { LocalClock } from '../../clock.ts'
import { type NewObject, resources } from '../store/resources.ts'
import type { AdmissionHook, Store } from '../store/store.ts'
import { type IpFamily, injectPodIdentity, injectWebIdentity } from './injection.ts'

/** The associations of a cluster, as the webhook gets to know them. */
export interface AssociationSource {
  /**
   * The ServiceAccount's association, with the time (of the clock, in milliseconds) since which there has been
   * one; a change of its role does not make it newer.
   */
  associationFor(namespace: string, serviceAccount: string): { createdAt: number } | undefined
  /** Calls `listener` when an association was created, changed or deleted; the answer ends that. */
  onChange(listener: (namespace: string, serviceAccount: string) => void): () => void
}

/** The Pod Identity webhook of a cluster. */
export interface PodIdentityWebhook {
  /** Answers for the webhook where it is registered, or as one of the store's admission hooks. */
  hook: AdmissionHook
  /** Lets the webhook be unreachable for the next `count` pods: with failurePolicy Ignore no error is visible. */
  missNext(count: number): void
  stop(): void
}

interface Change {
  at: number
  exists: boolean
}

/** EKS jitters the lifetime of the token between these, in seconds. */
const tokenLifetime = { from: 79_200, to: 86_400 }

/**
 * The mutating webhook `pod-identity-webhook`: injects a ServiceAccount's association, once that has reached
 * the API server asked, into the pods created under it; else an IRSA role, where the ServiceAccount names one.
 * Every API server has a cache of its own: `replicas` holds each one's delay in milliseconds, and the creations
 * of pods go to one after the other.
 */
export const podIdentityWebhook = ({
  store,
  clock,
  associations,
  region,
  replicas = [7000],
  ipFamily = 'ipv4',
  random = Math.random,
}: {
  store: Store
  clock: LocalClock
  associations: AssociationSource
  region: string
  replicas?: readonly number[]
  ipFamily?: IpFamily
  random?: () => number
}): PodIdentityWebhook => {
  const changes = new Map<string, Change[]>()
  let missing = 0
  let asked = 0

  const slowest = Math.max(0, ...replicas)
  /** Forgets what every replica has heard of; where that is all, the association itself says the same. */
  const forgetSettled = () => {
    for (const [key, known] of changes) {
      const heard = known.findLastIndex(({ at }) => at <= clock.now() - slowest)
      if (heard === known.length - 1) changes.delete(key)
      else if (heard > 0) changes.set(key, known.slice(heard))
    }
  }

  const unsubscribe = associations.onChange((namespace, serviceAccount) => {
    forgetSettled()
    const key = `${namespace}/${serviceAccount}`
    const association = associations.associationFor(namespace, serviceAccount)
    const before = changes.get(key) ?? initially(association, clock.now())
    changes.set(key, [...before, { at: clock.now(), exists: association !== undefined }])
  })

  /** Whether a replica with this delay knows of an association by now. */
  const isKnown = (namespace: string, serviceAccount: string, delay: number): boolean => {
    const known = changes.get(`${namespace}/${serviceAccount}`)
    const horizon = clock.now() - delay
    if (known) return known.findLast(({ at }) => at <= horizon)?.exists ?? false
    const association = associations.associationFor(namespace, serviceAccount)
    return association !== undefined && association.createdAt <= horizon
  }

  const inject = (pod: Pod, again: boolean): Pod => {
    // Whoever is asked again about the same pod is the one who was asked before.
    if (!again) asked += 1
    const delay = replicas[(asked - 1) % replicas.length] ?? 0
    const namespace = pod.metadata?.namespace ?? 'default'
    const name = pod.spec?.serviceAccountName || 'default'
    if (isKnown(namespace, name, delay)) {
      const span = tokenLifetime.to - tokenLifetime.from
      return injectPodIdentity(pod, {
        region,
        ipFamily,
        expirationSeconds: tokenLifetime.from + Math.floor(random() * (span + 1)),
      })
    }
    const annotations = store.get(resources.serviceaccounts, namespace, name)?.metadata.annotations ?? {}
    const roleArn = annotations['eks.amazonaws.com/role-arn']
    return roleArn ? injectWebIdentity(pod, { region, roleArn, annotations }) : pod
  }

  return {
    hook: (resource, object, { operation, reinvocation = false }) => {
      if (resource !== resources.pods || operation !== 'CREATE') return object
      if (missing > 0) {
        missing -= 1
        return object
      }
      return inject(object as Pod, reinvocation) as NewObject
    },
    missNext: (count) => {
      missing = count
    },
    stop: unsubscribe,
  }
}

/** What the webhook knew before the first change it got: an association that was not made just now. */
const initially = (association: { createdAt: number } | undefined, now: number): Change[] => {
  if (!association) return [{ at: Number.NEGATIVE_INFINITY, exists: true }]
  return association.createdAt < now ? [{ at: association.createdAt, exists: true }] : []
}
