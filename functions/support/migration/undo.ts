import type { Iam } from '../../../adapters/iam/iam.ts'
import type { Connection } from '../../../adapters/kubernetes/connection.ts'
import { serviceAccount } from '../../../adapters/kubernetes/inspect.ts'
import { changeIrsaAnnotation, irsaRoleOf } from '../../../adapters/kubernetes/service-accounts/irsa.ts'
import type { Runtime } from '../../../adapters/runtime.ts'
import type { ChangeKind } from '../../../core/changes.ts'
import { Refused } from '../../../core/errors.ts'
import type { Before } from '../../../core/request.ts'
import { undoChange } from '../../../core/role/trust/change.ts'
import { letsInByOidc } from '../../../core/role/trust/oidc.ts'
import type { UndoStep } from '../../../core/steps/answers.ts'
import { type IrsaNow, undoCommands } from '../../../core/undo.ts'
import type { OnCluster } from '../inputs.ts'
import { editTrust, roleNameOf } from './trust.ts'

type Roles = Pick<Iam, 'readTrust' | 'writeTrust'>
export type Undone = OnCluster & { before: Before }

/**
 * Does one thing and notes it as done, in `act`'s own words where it has some, or as left to a person. Where `act` finds that
 * somebody else has changed it, it writes nothing and answers what is kept.
 */
export type PutBack = (
  kind: ChangeKind,
  what: string,
  command: string,
  act: () => Promise<string | { kept: string } | undefined>,
) => Promise<void>

/** Notes what was found as it was before: where an earlier attempt gave no answer, it may have put that back. */
export type InOrder = (kind: ChangeKind, what: string) => void

/** How an undo deals with one thing. */
export interface Settling {
  putBack: PutBack
  inOrder: InOrder
}

/** What IRSA would give the pods now, where they had it before the run; undefined where they had not. */
export const irsaNow = async (
  roles: () => Roles,
  connection: Connection,
  { request, cluster, before }: Undone,
  signal: AbortSignal | undefined,
): Promise<IrsaNow | undefined> => {
  if (!before.annotation?.role || before.annotation.goes) return undefined
  const { namespace, serviceAccount: name } = request
  const found = await serviceAccount(connection, namespace, name, signal)
  const { oidcIssuer: issuer } = cluster
  const looks = (before.trust || request.manageTrust) && before.annotation.role === request.role
  const isTrusted = async (issuer: string): Promise<boolean | null> => {
    const trust = await roles().readTrust(roleNameOf(request.role))
    return trust === undefined
      ? null
      : letsInByOidc(trust, { issuer, cluster: cluster.name, namespace, serviceAccount: name })
  }
  return {
    annotation: (found && irsaRoleOf(found)) ?? null,
    trusted: looks && issuer !== undefined ? await isTrusted(issuer) : null,
  }
}

/** Puts the role's trust back, where the run has changed it and what it changed is as it left it. What others have written besides stays. */
export const undoTrust = async (
  roles: Roles,
  { request, before }: Undone,
  step: Pick<UndoStep, 'kept'>,
  { putBack, inOrder }: Settling,
  runtime: Pick<Runtime, 'clock' | 'signal'>,
): Promise<void> => {
  const change = before.trust
  if (!change) return
  const name = roleNameOf(request.role)
  const now = await roles.readTrust(name)
  if (now === undefined) return
  const edit = undoChange(change, now)
  const whole = `the trust policy of role ${name} is as it was`
  if (edit.action === 'none') return inOrder('trust', whole)
  if (edit.action === 'keep') {
    step.kept.push({ kind: 'trust', what: `the trust policy of role ${name} stays as it is: ${edit.why}` })
    return
  }
  await putBack('trust', whole, undoCommands.restoreTrust(request, edit.text), async () => {
    let others = edit.others
    await editTrust(
      roles,
      name,
      (text) => {
        const latest = undoChange(change, text)
        others = latest.action === 'write' ? latest.others : others
        return latest
      },
      (text) => undoChange(change, text).action === 'none',
      runtime,
    )
    return others
      ? `the trust policy of role ${name} is without this run's change; what others have changed since stays`
      : undefined
  })
}

/** Puts the IRSA annotation back, where the run took it away and nobody has written another one since. */
export const undoAnnotation = async (
  connection: Connection,
  { request, before }: Undone,
  step: Pick<UndoStep, 'kept'>,
  { putBack, inOrder }: Settling,
  signal: AbortSignal | undefined,
): Promise<void> => {
  const { role, goes } = before.annotation ?? {}
  if (!goes || !role) return
  const { namespace, serviceAccount: name } = request
  const found = await serviceAccount(connection, namespace, name, signal)
  const keep = (why: string) => void step.kept.push({ kind: 'annotation', what: why })
  if (!found)
    return keep(`the ServiceAccount ${namespace}/${name} is gone, so that there is nothing to annotate`)
  const now = irsaRoleOf(found)
  const again = `the ServiceAccount ${namespace}/${name} is annotated with ${role} again`
  if (now === role) return inOrder('annotation', again)
  if (now !== undefined)
    return keep(
      `the ServiceAccount ${namespace}/${name} stays annotated with ${now}, which somebody has written since`,
    )
  await putBack('annotation', again, undoCommands.annotateForIrsa(request, role), async () => {
    const put = await changeIrsaAnnotation(
      connection,
      { namespace, name },
      { from: undefined, to: role },
      signal,
    )
    if (!put) throw new Refused(`the ServiceAccount ${namespace}/${name} is gone`)
    return put.changed || put.previous === role
      ? undefined
      : {
          kept: `the ServiceAccount ${namespace}/${name} stays annotated with ${put.previous}, which somebody has written since`,
        }
  })
}
