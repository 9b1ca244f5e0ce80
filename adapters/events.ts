import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { Transient } from '../core/errors.ts'
import { eventSource, type PodidEvent } from '../core/events.ts'
import { clientOptions, onlyAnswersOfAws } from './aws-client.ts'
import { requiredMember, restateAwsError } from './aws-errors.ts'
import { perRuntime } from './per-runtime.ts'
import type { Runtime } from './runtime.ts'

const client = perRuntime((runtime, region) =>
  onlyAnswersOfAws(new EventBridgeClient(clientOptions(runtime, region))),
)

/** Puts the project's own events on an event bus, `arn:aws:events:REGION:ACCOUNT:event-bus/NAME`. */
export const eventBus = (runtime: Runtime, busArn: string) => ({
  /** @throws Transient where EventBridge did not take it; other failures by the names of `core/errors.ts` */
  put: async ({ type, detail, resources }: PodidEvent): Promise<void> => {
    const doing = `putting the event "${type}" on ${busArn}`
    const entry = {
      EventBusName: busArn,
      Source: eventSource,
      DetailType: type,
      Detail: JSON.stringify(detail),
      Resources: resources,
      Time: new Date(runtime.clock.now()),
    }
    const entries = await client(runtime, busArn.split(':')[3] ?? '')
      .send(new PutEventsCommand({ Entries: [entry] }), runtime.signal ? { abortSignal: runtime.signal } : {})
      .then(({ Entries }) => requiredMember(Entries, 'list of entries'))
      .catch((error: unknown) => {
        throw restateAwsError(error, doing)
      })
    // PutEvents answers 200 for entries it did not take.
    const [refused] = entries.filter(({ ErrorCode }) => ErrorCode)
    if (refused) throw new Transient(`${doing}: ${refused.ErrorCode}: ${refused.ErrorMessage}`)
  },
})

export type EventBus = ReturnType<typeof eventBus>
