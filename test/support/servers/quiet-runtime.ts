import type { Clock } from '../../../adapters/clock.ts'
import type { AwsCredentials } from '../../../adapters/eks/token.ts'
import type { Runtime } from '../../../adapters/runtime.ts'

/** What a test has for its runtime, where what it has by itself is not enough. */
interface Surroundings {
  /** Nobody's keys, which a scripted server takes. */
  credentials?: AwsCredentials
  /** One that stands still, and by which a sleep takes no time. */
  clock?: Clock
  signal?: AbortSignal | undefined
}

/** A runtime that asks AWS at an address, and says nothing to anybody. */
export const quietRuntime = (
  endpoint: string,
  {
    credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'example' },
    clock = { now: () => 0, sleep: async () => {} },
    signal,
  }: Surroundings = {},
): Runtime => ({
  aws: { endpoint, credentials: async () => credentials },
  clock,
  log: { info: () => {}, warn: () => {}, error: () => {} },
  progress: () => {},
  ...(signal && { signal }),
})
