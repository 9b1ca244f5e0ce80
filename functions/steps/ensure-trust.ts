import * as z from 'zod'
import { type Iam, iam } from '../../adapters/iam/iam.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { Refused } from '../../core/errors.ts'
import { podIdentityOf } from '../../core/role/creation.ts'
import { isChangeMade, makeChange, TrustChange, type TrustEdit } from '../../core/role/trust/change.ts'
import { letsPodsIn } from '../../core/role/trust/trust.ts'
import type { TrustStep } from '../../core/steps/answers.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { OnCluster } from '../support/inputs.ts'
import { lambda } from '../support/lambda.ts'
import { editTrust, roleNameOf } from '../support/migration/trust.ts'

const Input = OnCluster.extend({
  /** What VerifyRole planned, and a person has approved. */
  change: TrustChange,
  /** How often the step was tried before: what is there may be its own then. */
  retries: z.number(),
})

/**
 * Adds the pods' statement to the role's trust policy, beside all that is there by now: what others have written since VerifyRole looked stays. Asking
 * twice does no harm.
 */
export const ensureTrust =
  (roles: Pick<Iam, 'readTrust' | 'writeTrust'>, runtime: Pick<Runtime, 'clock' | 'signal'>) =>
  async ({ request, cluster, change, retries }: z.output<typeof Input>): Promise<TrustStep> => {
    const name = roleNameOf(request.role)
    const identity = podIdentityOf(request, cluster)
    const decide = (now: string): TrustEdit => {
      const edit = makeChange(change, now)
      if (!letsPodsIn(edit.action === 'write' ? edit.text : now, identity))
        throw new Refused(
          `the trust policy of role ${name} has changed since this run looked, and a statement more would not let these pods in. It is left as it is; run this again to decide by what is there now`,
        )
      return edit
    }
    const written = await editTrust(roles, name, decide, (now) => isChangeMade(change, now), runtime)
    return written || retries > 0
      ? { action: 'changed', message: `role ${name}: ${change.what.join('; ')}: done` }
      : { action: 'kept', message: `role ${name} lets these pods in by now, as this run would have had it` }
  }

export const create = (runtime: Runtime) =>
  makeHandler(runtime, { name: 'EnsureTrust', input: Input }, (input: z.output<typeof Input>, call) =>
    ensureTrust(iam(runtime, input.request.region), call)(input),
  )

export const handler = create(lambda)
