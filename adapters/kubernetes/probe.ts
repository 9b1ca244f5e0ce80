import type { OwnerReference, Pod, PodSpec, PodTemplateSpec } from '../../core/kubernetes.ts'
import { containersOf } from '../../core/workload/environment.ts'
import { readInjection } from '../../core/workload/injection.ts'
import { fargateProfileLabel } from '../../core/workload/placement.ts'
import type { Connection } from './connection.ts'
import { ApiFailure } from './errors.ts'

export interface ProbeRequest {
  namespace: string
  serviceAccount: string
  /** The workload's own template, so that the cluster treats the probe as it will treat the real pods. */
  template?: PodTemplateSpec | undefined
  /** What the real pods belong to: policies against pods that no workload owns look at it. */
  owner?: OwnerReference | undefined
  signal?: AbortSignal | undefined
}

export interface ProbeResult {
  /**
   * denied: the caller may not create pods, not even dry ones. rejected: admission refused the pod (a quota, a
   * LimitRange, PodSecurity, a policy, an admission webhook), as it may refuse the real ones.
   */
  outcome: 'injected' | 'not-injected' | 'denied' | 'rejected'
  message: string
  /** The Fargate profile that the pod would go to, by the label that EKS gives it. */
  fargateProfile?: string
  /** Rejected because a webhook with failurePolicy Fail does not answer, which may pass. */
  webhookDown?: true
}

/**
 * Whether a pod created now would get the credentials: creates one with dryRun, which runs admission and keeps
 * nothing. One answer speaks for one API server's Pod Identity webhook; others may lag by seconds. Throws Transient when
 * the question should be asked again.
 */
export const probeInjection = async (connection: Connection, request: ProbeRequest): Promise<ProbeResult> => {
  try {
    const pod = await connection.request<Pod>({
      verb: 'create',
      version: 'v1',
      resource: 'pods',
      namespace: request.namespace,
      query: { dryRun: 'All', fieldManager: 'podid' },
      body: { contentType: 'application/json', content: probePod(request) },
      signal: request.signal,
    })
    const fargateProfile = pod.metadata?.labels?.[fargateProfileLabel]
    return {
      ...(readInjection(pod, request.template?.spec).injected
        ? { outcome: 'injected', message: 'a dry-run pod got the credentials' }
        : { outcome: 'not-injected', message: 'no credentials in a dry-run pod yet' }),
      ...(fargateProfile !== undefined && { fargateProfile }),
    }
  } catch (error) {
    return refusal(error)
  }
}

const probePod = ({ serviceAccount, template, owner }: ProbeRequest): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    generateName: 'podid-probe-',
    ...(template?.metadata?.labels && { labels: template.metadata.labels }),
    ...(template?.metadata?.annotations && { annotations: template.metadata.annotations }),
    ...(owner && { ownerReferences: [owner] }),
  },
  spec: {
    ...withClaims(template?.spec ?? { containers: [{ name: 'probe', image: 'registry.k8s.io/pause:3.10' }] }),
    serviceAccountName: serviceAccount,
    // The old name of the same field, which the API fills in; left alone it would contradict.
    serviceAccount,
  },
})

/** A StatefulSet's claims become volumes of each of its pods; without them the mounts would have nothing to mount. */
const withClaims = (spec: PodSpec): PodSpec => {
  const volumes = spec.volumes ?? []
  const mounted = new Set(
    containersOf(spec).flatMap(({ volumeMounts }) => (volumeMounts ?? []).map(({ name }) => name)),
  )
  for (const { name } of volumes) mounted.delete(name)
  return { ...spec, volumes: [...volumes, ...[...mounted].map((name) => ({ name, emptyDir: {} }))] }
}

const refusal = (error: unknown): ProbeResult => {
  const failure = error instanceof Error ? error.cause : undefined
  if (!(failure instanceof ApiFailure)) throw error
  const { status, message } = failure
  if (status === 403 && isRbac(message)) return { outcome: 'denied', message }
  if (/\bfailed calling webhook\b/.test(message)) return { outcome: 'rejected', message, webhookDown: true }
  if (isRefusal(status) || denies(message)) return { outcome: 'rejected', message }
  throw error
}

/** Who asks, whether the namespace is there, and what another moment may answer otherwise: no word about the pod. */
const others = new Set([401, 404, 408, 409, 410, 429])
const isRefusal = (status: number): boolean => status >= 400 && status < 500 && !others.has(status)

/** An admission webhook or a policy that refuses chooses its status freely, 409 and 500 among them. */
const denies = (message: string): boolean => /\bdenied (?:the )?request\b/.test(message)

/** Admission plugins answer 403 as well; only the authorizer writes of a user and a verb. */
const isRbac = (message: string): boolean => /User ".*" cannot create resource "pods"/.test(message)
