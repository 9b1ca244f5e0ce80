import type { Eks } from '../../../adapters/eks/eks.ts'
import type { Iam } from '../../../adapters/iam/iam.ts'
import type { Runtime } from '../../../adapters/runtime.ts'
import { Conflict } from '../../../core/errors.ts'
import { decideRoleUndo, deleteRoleCommands, plannedRole } from '../../../core/role/creation.ts'
import type { UndoStep } from '../../../core/steps/answers.ts'
import { wantedAssociation } from '../inputs.ts'
import { type Settling, type Undone, undoTrust } from '../migration/undo.ts'

/** Takes away the role that the run made, where it is still as the run left it. */
export const undoRole = async (
  roles: Pick<Iam, 'outlineRole' | 'deleteRolePolicy' | 'deleteRole'>,
  associations: Pick<Eks, 'findAssociation'>,
  { request, cluster, before }: Undone,
  step: Pick<UndoStep, 'kept' | 'left'>,
  { putBack, inOrder }: Settling,
): Promise<void> => {
  const plan = plannedRole(request, cluster)
  const decision = decideRoleUndo(plan, before.run, await roles.outlineRole(plan.name))
  if (decision.action === 'none') return inOrder('role', `there is no role ${plan.name} of that run`)
  const keep = (what: string) => void step.kept.push({ kind: 'role', what })
  if (decision.action === 'keep') return keep(decision.why)
  const using = await associations.findAssociation(wantedAssociation(request))
  if (using?.role === request.role)
    return keep(`role ${plan.name} stays, as the association ${using.id} grants it`)
  for (const name of decision.policies)
    await putBack(
      'role-policy',
      `the policy ${name} of role ${plan.name} is deleted`,
      deleteRoleCommands(plan.name, [name]),
      async () => {
        await roles.deleteRolePolicy(plan.name, name)
        return undefined
      },
    )
  const what = `the role ${plan.name} is deleted`
  const command = deleteRoleCommands(plan.name, [])
  if (step.left.length > 0) {
    step.left.push({ kind: 'role', what, error: 'IAM deletes no role that has a policy', command })
    return
  }
  await putBack('role', what, command, async () => {
    await roles.deleteRole(plan.name)
    if (await roles.outlineRole(plan.name))
      throw new Conflict(`role ${plan.name} is deleted, and IAM still shows it`)
    return undefined
  })
}

/** Puts the trust back that lets these pods in, unless an association that was not there before still lives by it. */
export const undoUnusedTrust = async (
  roles: Pick<Iam, 'readTrust' | 'writeTrust'>,
  associations: Pick<Eks, 'findAssociation'>,
  input: Undone,
  step: Pick<UndoStep, 'kept'>,
  settling: Settling,
  runtime: Pick<Runtime, 'clock' | 'signal'>,
): Promise<void> => {
  const { request, before } = input
  const using = await associations.findAssociation(wantedAssociation(request))
  const isNew = before.association?.roleArn !== request.role
  if (using?.role !== request.role || !isNew) return undoTrust(roles, input, step, settling, runtime)
  step.kept.push({
    kind: 'trust',
    what: `the trust policy of ${request.role} stays, as the association ${using.id} lives by it`,
  })
}
