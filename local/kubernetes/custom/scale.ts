import { isObject, type JsonObject } from '../../json-object.ts'
import type { CustomVersion, KubernetesObject } from '../store/resources.ts'
import { badRequest } from '../store/status.ts'
import { findByPath } from './json-path.ts'

type Scale = NonNullable<CustomVersion['scale']>

/** How many replicas a custom object wants and has, where its definition says that they are written. */
export const customScale = (
  { specReplicasPath, statusReplicasPath, labelSelectorPath }: Scale,
  object: KubernetesObject,
): { replicas: number | undefined; statusReplicas: number | undefined; selector: string | undefined } => {
  const number = (path: string) => {
    const value = findByPath(path, object)?.[0]
    return typeof value === 'number' ? value : undefined
  }
  const selector = labelSelectorPath ? findByPath(labelSelectorPath, object)?.[0] : undefined
  return {
    replicas: number(specReplicasPath),
    statusReplicas: number(statusReplicasPath),
    selector: typeof selector === 'string' ? selector : undefined,
  }
}

/** A custom object that wants so many replicas; 400 where there is no place to write that. */
export const withReplicas = <T extends KubernetesObject>(
  { specReplicasPath }: Scale,
  object: T,
  replicas: number,
): T => {
  const set = (at: unknown, [name = '', ...rest]: string[]): JsonObject => {
    if (at !== undefined && !isObject(at)) throw badRequest(`${specReplicasPath} is no path of this object`)
    return { ...at, [name]: rest.length === 0 ? replicas : set(at?.[name], rest) }
  }
  return set(object, specReplicasPath.slice(1).split('.')) as unknown as T
}
