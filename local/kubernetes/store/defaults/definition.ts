import type { CustomResourceDefinition } from '../../../../core/kubernetes.ts'
import { isObject, type JsonObject } from '../../../json-object.ts'
import type { KubernetesObject } from '../resources.ts'
import { fill, objectAt } from '../values.ts'

/** Fills in a CustomResourceDefinition's names and conversion. */
export const defaultDefinition = ({ spec }: JsonObject): void => {
  if (!isObject(spec)) return
  const names = objectAt(spec, 'names')
  const { kind } = names
  if (typeof kind === 'string' && kind) fill(names, { singular: kind.toLowerCase(), listKind: `${kind}List` })
  fill(spec, { conversion: { strategy: 'None' } })
}

const storageVersion = ({ spec }: CustomResourceDefinition): string | undefined =>
  spec?.versions?.find(({ storage }) => storage)?.name

/** The status of a new definition: nothing accepted yet, and the version in which its objects will be kept. */
export const newDefinitionStatus = (definition: CustomResourceDefinition): object => {
  const version = storageVersion(definition)
  return {
    conditions: null,
    acceptedNames: { plural: '', kind: '' },
    storedVersions: version === undefined ? null : [version],
  }
}

/** Notes a storage version that has not been one before. */
export const noteStoredVersion = (next: KubernetesObject, previous: KubernetesObject): void => {
  const version = storageVersion(next as unknown as CustomResourceDefinition)
  const { storedVersions = [] } = (previous.status ?? {}) as { storedVersions?: string[] }
  if (version === undefined || storedVersions.includes(version)) return
  next.status = { ...previous.status, storedVersions: [...storedVersions, version] }
}
