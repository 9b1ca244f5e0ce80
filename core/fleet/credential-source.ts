import type { ConfigMap, Container, Pod } from '../kubernetes.ts'
import {
  containerCredentialsUri,
  containersOf,
  credentialsUris,
  environmentOf,
  skippedContainers,
} from '../workload/environment.ts'
import { fargateProfileLabel } from '../workload/placement.ts'

/**
 * Where an AWS SDK in a pod would get its credentials. `node-role` is the last place that SDKs look at: nothing else gives the
 * pod any, and the instance's metadata may. Whether anything in the pod calls AWS at all cannot be seen from outside.
 */
export const credentialSources = [
  'pod-identity',
  'irsa',
  'static-keys',
  'profile',
  'other-endpoint',
  'node-role',
  'nothing',
] as const
export type CredentialSource = (typeof credentialSources)[number]

/** A source, and the role where the pod itself names it. */
export interface CredentialUse {
  source: CredentialSource
  role?: string
}

/**
 * Where the SDKs in a pod's containers would get credentials, each once, in the order in which SDKs look: keys of the environment, a
 * web identity, a profile, a container endpoint, the instance's metadata.
 * https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
 */
export const credentialUses = (pod: Pod, configMaps: readonly ConfigMap[]): CredentialUse[] => {
  const skipped = skippedContainers(pod)
  const own = containersOf(pod.spec)
  // Sidecars that the Pod Identity webhook is told to leave alone tell nothing of the workload, unless all are.
  const asked = own.filter(({ name }) => !skipped.includes(name))
  const uses = (asked.length > 0 ? asked : own).map((container) => useOf(container, pod, configMaps))
  const distinct = new Map(uses.map((use) => [JSON.stringify(use), use]))
  return [...distinct.values()].toSorted(
    (one, other) => credentialSources.indexOf(one.source) - credentialSources.indexOf(other.source),
  )
}

const useOf = (container: Container, pod: Pod, configMaps: readonly ConfigMap[]): CredentialUse => {
  const variables = new Map(
    environmentOf(container, configMaps).variables.map((variable) => [variable.name, variable]),
  )
  // A value that is not known, as one out of a Secret, is a value.
  const has = (name: string) => variables.has(name) && variables.get(name)?.value !== ''
  if (has('AWS_ACCESS_KEY_ID') && has('AWS_SECRET_ACCESS_KEY')) return { source: 'static-keys' }
  if (has('AWS_WEB_IDENTITY_TOKEN_FILE')) {
    const role = variables.get('AWS_ROLE_ARN')?.value
    return { source: 'irsa', ...(role ? { role } : {}) }
  }
  if (has('AWS_PROFILE') || has('AWS_DEFAULT_PROFILE')) return { source: 'profile' }
  if (has('AWS_CONTAINER_CREDENTIALS_RELATIVE_URI')) return { source: 'other-endpoint' }
  if (has(containerCredentialsUri))
    return {
      source: agentUris.has(variables.get(containerCredentialsUri)?.value ?? '')
        ? 'pod-identity'
        : 'other-endpoint',
    }
  const disabled = variables.get('AWS_EC2_METADATA_DISABLED')?.value?.toLowerCase() === 'true'
  const fargate = pod.metadata?.labels?.[fargateProfileLabel] !== undefined
  return { source: disabled || fargate ? 'nothing' : 'node-role' }
}

const agentUris = new Set<string>(Object.values(credentialsUris))
