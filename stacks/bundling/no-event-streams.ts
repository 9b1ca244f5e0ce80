/** Stands in for the SDK's event streams, which no operation that podid calls uses. */
export class EventStreamSerde {
  constructor() {
    throw new Error('event streams are left out of the functions: see stacks/bundling/plugin.ts')
  }
}

/** A client that has operations with event streams sets itself up for them, also where none is called. */
export const resolveEventStreamSerdeConfig = <Config>(config: Config): Config => config
export const eventStreamSerdeProvider = (): undefined => undefined
