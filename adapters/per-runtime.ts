import type { Runtime } from './runtime.ts'

/** Makes a thing once for each runtime and key, so that clients keep their connections between calls. */
export const perRuntime = <Thing>(make: (runtime: Runtime, key: string) => Thing) => {
  const made = new WeakMap<Runtime, Map<string, Thing>>()
  return (runtime: Runtime, key: string): Thing => {
    const things = made.get(runtime) ?? new Map<string, Thing>()
    made.set(runtime, things)
    const thing = things.get(key) ?? make(runtime, key)
    things.set(key, thing)
    return thing
  }
}
