import { isObject, type JsonObject } from '../../../json-object.ts'
import { canonicalize } from '../quantity.ts'
import { fill, objectAt } from '../values.ts'

/** Fills in a pod's or a template's spec as the API server does; changes the spec given. */
export const defaultPodSpec = (spec: JsonObject): void => {
  fill(spec, {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
  })
  // The deprecated name of the field is kept in step with the present one.
  const account = spec.serviceAccountName ?? spec.serviceAccount
  if (account !== undefined) Object.assign(spec, { serviceAccountName: account, serviceAccount: account })
  for (const volume of elements(spec.volumes)) defaultVolume(volume)
  for (const container of [...elements(spec.initContainers), ...elements(spec.containers)])
    defaultContainer(container, spec.hostNetwork === true)
}

const elements = (list: unknown): JsonObject[] => (Array.isArray(list) ? list.filter(isObject) : [])

const defaultContainer = (container: JsonObject, hostNetwork: boolean): void => {
  fill(container, {
    imagePullPolicy: pullPolicyOf(String(container.image ?? '')),
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  })
  for (const port of elements(container.ports)) {
    fill(port, { protocol: 'TCP' })
    if (hostNetwork) fill(port, { hostPort: port.containerPort })
  }
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe'])
    if (isObject(container[probe])) defaultProbe(container[probe])
  for (const variable of elements(container.env))
    if (isObject(variable.valueFrom)) defaultFieldRef(variable.valueFrom)
  requestLimits(objectAt(container, 'resources'))
}

/** An image without a tag, or tagged `latest`, is pulled each time. */
const pullPolicyOf = (image: string): string => {
  const [name = '', digest] = image.split('@')
  const tag = /:([^:/]+)$/.exec(name)?.[1]
  return digest === undefined && (tag === undefined || tag === 'latest') ? 'Always' : 'IfNotPresent'
}

const defaultProbe = (probe: JsonObject): void => {
  fill(probe, { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 })
  if (isObject(probe.httpGet)) fill(probe.httpGet, { path: '/', scheme: 'HTTP' })
  if (isObject(probe.grpc)) fill(probe.grpc, { service: '' })
}

const defaultFieldRef = (source: JsonObject): void => {
  if (isObject(source.fieldRef)) fill(source.fieldRef, { apiVersion: 'v1' })
}

/** What is limited and not requested is requested up to its limit. */
const requestLimits = (resources: JsonObject): void => {
  for (const field of ['limits', 'requests']) if (isObject(resources[field])) canonicalize(resources[field])
  if (isObject(resources.limits)) fill(objectAt(resources, 'requests'), resources.limits)
}

const readableByAll = 0o644

const defaultVolume = (volume: JsonObject): void => {
  if (Object.keys(volume).length === 1) volume.emptyDir = {}
  for (const source of ['secret', 'configMap', 'projected', 'downwardAPI'])
    if (isObject(volume[source])) fill(volume[source], { defaultMode: readableByAll })
  if (isObject(volume.hostPath)) fill(volume.hostPath, { type: '' })
  if (!isObject(volume.projected)) return
  for (const source of elements(volume.projected.sources)) {
    if (isObject(source.serviceAccountToken)) fill(source.serviceAccountToken, { expirationSeconds: 3600 })
    if (isObject(source.downwardAPI)) elements(source.downwardAPI.items).forEach(defaultFieldRef)
  }
}
