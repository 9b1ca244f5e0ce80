import type { NewObject, ResourceKind } from './resources.ts'

/** Fills in what the API server fills in when it stores an object; changes the object given. */
export const applyDefaults = (_resource: ResourceKind, _object: NewObject): void => {}
