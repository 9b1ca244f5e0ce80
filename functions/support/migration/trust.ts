import type { Iam } from '../../../adapters/iam/iam.ts'
import type { Runtime } from '../../../adapters/runtime.ts'
import { Conflict, Refused } from '../../../core/errors.ts'
import type { TrustEdit } from '../../../core/role/trust/change.ts'

/**
 * After a write: IAM shows it within seconds, and a write of somebody else that began before it shows by then too. IAM takes no condition, so that the
 * later of two writers wins; looking again is how the earlier one comes to know.
 */
const looksAfterMs = [2000, 2000, 4000]

/**
 * Edits a role's trust policy: reads it, has it decided what it is to become, writes that at once, and looks until IAM shows it.
 * @param isDone whether a text has what the edit was for
 * @returns whether anything was written
 * @throws Refused where there is no such role, or somebody has changed what was to be changed; Conflict where the edit does not show, for another attempt
 */
export const editTrust = async (
  roles: Pick<Iam, 'readTrust' | 'writeTrust'>,
  role: string,
  decide: (now: string) => TrustEdit,
  isDone: (now: string) => boolean,
  { clock, signal }: Pick<Runtime, 'clock' | 'signal'>,
): Promise<boolean> => {
  const now = await roles.readTrust(role)
  if (now === undefined) throw new Refused(`there is no role ${role} any more`)
  const edit = decide(now)
  if (edit.action === 'none') return false
  if (edit.action === 'keep')
    throw new Refused(`the trust policy of role ${role} stays as it is: ${edit.why}`)
  await roles.writeTrust(role, edit.text)
  for (const afterMs of looksAfterMs) {
    await clock.sleep(afterMs, signal)
    const shown = await roles.readTrust(role)
    if (shown !== undefined && isDone(shown)) return true
  }
  throw new Conflict(
    `the trust policy of role ${role} was written, and IAM shows another one: somebody else writes it too`,
  )
}

/** The name of the role of an ARN. */
export const roleNameOf = (arn: string): string => arn.split('/').at(-1) ?? arn
