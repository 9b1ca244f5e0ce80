import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import { podIdentityService } from '../core/names.ts'
import { type Assumption, readAssumption } from '../core/workload/proof/trail.ts'
import { clientOptions, onlyAnswersOfAws } from './aws-client.ts'
import { restateAwsError } from './aws-errors.ts'
import { perRuntime } from './per-runtime.ts'

const client = perRuntime((runtime, region) =>
  onlyAnswersOfAws(new CloudTrailClient(clientOptions(runtime, region))),
)

/** LookupEvents takes two requests a second, of everybody in the account together; one of them is left to others. */
const betweenMs = 1000
/** When the next request may be made, however many roles are asked about. */
const paces = perRuntime(() => ({ next: 0 }))
/** Of 50 events each: as many pods as a rollout can be looked through for. */
const mostPages = 20

/**
 * When EKS assumed the role for pods since a time, the newest first; CloudTrail tells of it some minutes later.
 * `complete` is false where there were more events than are looked through.
 */
export const assumptionsOf = async (
  runtime: Parameters<typeof client>[0],
  region: string,
  role: string,
  since: Date,
): Promise<{ assumptions: Assumption[]; complete: boolean }> => {
  const sdk = client(runtime, region)
  const pace = paces(runtime, region)
  const assumptions: Assumption[] = []
  let token: string | undefined
  for (let page = 0; page < mostPages; page++) {
    const waitMs = pace.next - runtime.clock.now()
    pace.next = Math.max(pace.next, runtime.clock.now()) + betweenMs
    if (waitMs > 0) await runtime.clock.sleep(waitMs, runtime.signal)
    try {
      const answer = await sdk.send(
        new LookupEventsCommand({
          LookupAttributes: [{ AttributeKey: 'ResourceName', AttributeValue: role }],
          StartTime: since,
          ...(token && { NextToken: token }),
        }),
        runtime.signal ? { abortSignal: runtime.signal } : {},
      )
      for (const { CloudTrailEvent: text = '' } of answer.Events ?? []) {
        const assumption = readAssumption(text, podIdentityService)
        if (assumption) assumptions.push(assumption)
      }
      token = answer.NextToken
    } catch (error) {
      throw restateAwsError(error, `looking up the events of role ${role}`)
    }
    if (token === undefined) return { assumptions, complete: true }
  }
  return { assumptions, complete: false }
}
