/** Stands in for the SDK's event streams, which no operation that podid calls uses. */
export class EventStreamSerde {
  constructor() {
    throw new Error('event streams are left out of the functions: see stacks/bundling/plugin.ts')
  }
}
