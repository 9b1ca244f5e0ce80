import type { ServiceName } from './aws/protocol/model.ts'
import { appendBounded } from './bounded.ts'
import { type CallLimit, CallLimits } from './call-limits.ts'

/** One request that a stand-in received, as its log keeps it. Never holds a credential or a token. */
export interface Call {
  /** Order of arrival, from 1, over all stand-ins that share the log. */
  id: number
  service: ServiceName | 'kubernetes'
  /** `CreatePodIdentityAssociation`; for Kubernetes `verb resource[/subresource]`: `patch deployments`. */
  operation: string
  /** True where the request may change state; a dry run does not. */
  write: boolean
  /** Who signed it: an ARN, or a Kubernetes user name. */
  principal?: string
  /** Names the object: cluster/namespace/name, role name; for assertions and fault matching. */
  subject?: string
  /** The stand-in's clock at arrival, in milliseconds. */
  at: number
  /** The answered HTTP status; absent while under way or when the connection was cut. */
  status?: number
  /** Why the stand-in itself failed, where it did: a fault in it, which it survived. */
  failure?: string
  /** True once the request has taken effect, whatever its client was answered. */
  applied?: boolean
}

/** What may go wrong with a request. */
export type FaultAction =
  | { kind: 'error'; status: number; code: string; message?: string; headers?: Record<string, string> }
  | { kind: 'cut' } // the connection breaks before the request takes effect
  | { kind: 'lose' } // the request takes effect and its answer is lost
  | { kind: 'delay'; ms: number }
  | { kind: 'hang' } // the request has no effect, and nothing is answered until the client gives up
  /** Something before the service answers: a proxy's page, an empty body. The request has no effect. */
  | { kind: 'garble'; status: number; body: string; contentType?: string }

/** A fault applies to the calls it matches, after letting `skip` of them pass (0), `times` times (1). */
export interface Fault {
  service?: Call['service']
  operation?: string | RegExp
  subject?: string | RegExp
  principal?: string | RegExp
  skip?: number
  times?: number
  action: FaultAction
}

/** How many calls are remembered: more than any test or scenario makes. */
const MOST_CALLS = 20_000

/** The shared record of what clients asked, and the faults that tests and scenarios inject. */
export class CallLog {
  /** The latest calls, in order. */
  readonly calls: Call[] = []
  readonly #most: number
  #count = 0
  readonly #faults: { fault: Fault; skip: number; left: number }[] = []
  readonly #listeners = new Set<(call: Call) => void>()
  readonly #limits = new CallLimits()

  constructor({ most = MOST_CALLS }: { most?: number } = {}) {
    this.#most = most
  }

  /** Adds a fault; the returned function withdraws it. */
  inject(fault: Fault): () => void {
    const entry = { fault, skip: fault.skip ?? 0, left: fault.times ?? 1 }
    this.#faults.push(entry)
    return () => {
      entry.left = 0
    }
  }

  /** Has calls beyond a rate refused as their service does; the returned function withdraws it. */
  limit(limit: CallLimit): () => void {
    return this.#limits.add(limit)
  }

  /** How many calls the limits have refused, by `service operation`. */
  get refused(): ReadonlyMap<string, number> {
    return this.#limits.refused
  }

  /** Notes a call and says which fault, if any, it must suffer. */
  record(call: Omit<Call, 'id'>): { call: Call; fault: FaultAction | undefined } {
    const noted: Call = { id: ++this.#count, ...call }
    appendBounded(this.calls, noted, this.#most)
    for (const listen of this.#listeners) listen(noted)
    const hit = this.#faults.find(
      (entry) => entry.left > 0 && matches(entry.fault, noted) && entry.skip-- <= 0,
    )
    if (hit) hit.left--
    return { call: noted, fault: hit?.fault.action ?? this.#limits.take(noted) }
  }

  /** Called with every call as it arrives. */
  onCall(listen: (call: Call) => void): () => void {
    this.#listeners.add(listen)
    return () => void this.#listeners.delete(listen)
  }

  /** The calls that changed something, or tried to. */
  writes(): Call[] {
    return this.calls.filter((call) => call.write)
  }
}

const matches = (fault: Fault, call: Call): boolean =>
  (fault.service === undefined || fault.service === call.service) &&
  fits(fault.operation, call.operation) &&
  fits(fault.subject, call.subject ?? '') &&
  fits(fault.principal, call.principal ?? '')

const fits = (pattern: string | RegExp | undefined, value: string): boolean =>
  pattern === undefined || (typeof pattern === 'string' ? pattern === value : pattern.test(value))
