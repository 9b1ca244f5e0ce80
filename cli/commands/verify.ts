import { PodidError } from '../../core/errors.ts'
import { targetsFrom } from '../bindings/choose.ts'
import { anyRole, lookedUp } from '../bindings/defaults.ts'
import { kubernetesTokenOf } from '../bindings/kubeconfig.ts'
import { messageHere, ownRuntime, reportingErrors } from '../direct.ts'
import { type ExitCode, exit } from '../exit.ts'
import { type TrailFlags, verifyByTrail } from '../look/trail.ts'
import { verifyNow } from '../look/verified.ts'
import { type Verification, verifiedSeen } from '../look/verified-view.ts'
import { isFailure, sideBySide } from '../many/side-by-side.ts'
import { formatOf, formatted } from '../render/formats.ts'
import { type ManyFlags, usualParallel } from '../run-flags.ts'
import { NoAnswer, UsageError } from '../usage-error.ts'

/** Whether an error is a line for people: of several bindings the others are looked at all the same. */
const isTold = (error: unknown): error is Error =>
  error instanceof PodidError || error instanceof UsageError || error instanceof NoAnswer

/**
 * `podid verify`: whether what runs now has its role's credentials, by what a run looks at in the end. It changes
 * nothing. Failed where something is not as it should be, or could not be looked at.
 */
export const verify = (flags: TrailFlags & ManyFlags & { cloudtrail?: boolean }): Promise<ExitCode> =>
  flags.cloudtrail
    ? verifyByTrail(flags)
    : reportingErrors(async () => {
        const format = formatOf(flags.output)
        const { targets } = await targetsFrom('verify', flags)
        const runtime = ownRuntime(kubernetesTokenOf(flags))
        const outcomes = await sideBySide(
          targets,
          { parallel: flags.parallel ?? usualParallel, failFast: flags.failFast === true },
          async ({ name, input }) => {
            const looked: Verification = await lookedUp(runtime, input, { role: anyRole })
              .then((found) => verifyNow(runtime, found))
              .catch((error: unknown) => {
                // Of several the others are looked at all the same.
                if (targets.length === 1 || !isTold(error)) throw error
                return {
                  name,
                  cluster: String(input.cluster),
                  verified: false as const,
                  error: messageHere(error),
                }
              })
            return { code: looked.verified ? exit.done : exit.failed, looked }
          },
        )
        const seen = outcomes.flatMap((outcome) => (outcome ? [outcome.looked] : []))
        process.stdout.write(formatted(format, verifiedSeen(seen)))
        return outcomes.some((outcome) => !outcome || isFailure(outcome.code)) ? exit.failed : exit.done
      })
