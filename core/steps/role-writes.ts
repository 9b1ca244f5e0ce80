import type { Change } from '../changes.ts'
import { deleteRoleCommands, plannedGrants } from '../role/creation.ts'
import { plannedPolicies } from '../role/make.ts'
import type { RunState } from './answers.ts'
import { added, afterUndo, change, type Known, known, knownBy, planned, type Write } from './write.ts'

type Request = RunState['request']

const roleName = ({ role }: Request): string => role.split('/').at(-1) ?? role

/** The role itself; its policy goes with it, so that the command takes both away. */
const role = (request: Request, policies: readonly string[]): Write => {
  const { cluster, namespace, serviceAccount, role: arn, permissionsBoundary } = request
  const bounded = permissionsBoundary ? `, with the permissions boundary ${permissionsBoundary}` : ''
  const rest = `the role ${arn} for ${namespace}/${serviceAccount} of ${cluster} alone${bounded}`
  return {
    kind: 'role',
    subject: arn,
    words: [`create ${rest}`, `created ${rest}`],
    diff: added(`role ${roleName(request)} for ${namespace}/${serviceAccount} of ${cluster} alone`, [
      { name: 'ARN', from: null, to: arn },
      ...(permissionsBoundary ? [{ name: 'permissions boundary', from: null, to: permissionsBoundary }] : []),
    ]),
    command: deleteRoleCommands(roleName(request), policies),
  }
}

const policy = (request: Request, name: string): Write => {
  const rest = `the policy ${name} of role ${roleName(request)}, which grants ${plannedGrants(request)}`
  return {
    kind: 'role-policy',
    subject: name,
    words: [`write ${rest}`, `wrote ${rest}`],
    diff: added(`policy ${name} of role ${roleName(request)}`, [
      { name: 'grants', from: null, to: plannedGrants(request) },
    ]),
  }
}

const policyNames = (request: Request): string[] => plannedPolicies(request).map(({ name }) => name)

/** What a run would write of its role, where it would make it. */
export const plannedRoleWrites = (state: {
  request: Request
  role: Pick<NonNullable<RunState['role']>, 'action'> | null
}): Change[] => {
  if (state.role?.action !== 'create') return []
  const names = policyNames(state.request)
  return [planned(role(state.request, names)), ...names.map((name) => planned(policy(state.request, name)))]
}

type RoleSeen = Extract<NonNullable<NonNullable<RunState['stock']>['role']>, { seen: unknown }>['seen']

/**
 * IAM is eventually consistent: what it has just made it may not show yet. A step that ended because nothing could be
 * seen may therefore have written all the same, and an undo that looks after it sees no more than it did.
 */
const notShown = 'IAM does not show it, which it may not do for a while after it was made'

/** What a run has written of its role, or has tried to. */
export const roleWrites = (state: RunState): Change[] => {
  const { request, roleMade, tried, stock } = state
  const names = policyNames(request)
  if (roleMade) {
    if (roleMade.action === 'kept') return []
    return [
      change(role(request, names), known.done),
      ...names.map((name) => change(policy(request, name), known.done)),
    ]
  }
  if (tried !== 'ensureRole' || state.role?.action !== 'create') return []
  const found = (isDone: (seen: RoleSeen) => boolean, kind: 'role' | 'role-policy'): Known => {
    const seen = knownBy(stock?.role, isDone)
    if (seen.state === 'not-done' && state.failure?.Error === 'Transient')
      return { state: 'unknown', error: notShown }
    return afterUndo(seen, state, kind)
  }
  const made = found((seen) => seen?.ours === true, 'role')
  const written = names.map((name) => ({
    name,
    known: found((seen) => seen?.ours === true && seen.policies.includes(name), 'role-policy'),
  }))
  return [
    change(
      role(
        request,
        written.filter((one) => one.known.state !== 'not-done').map(({ name }) => name),
      ),
      made,
    ),
    ...written.map((one) => change(policy(request, one.name), one.known)),
  ]
}
