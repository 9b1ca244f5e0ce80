import type { Change } from '../changes.ts'
import { deleteRoleCommands, plannedGrants } from '../role/creation.ts'
import { plannedPolicies } from '../role/make.ts'
import { command } from '../text/shell.ts'
import type { RunState } from './answers.ts'
import {
  added,
  afterUndo,
  change,
  type Known,
  known,
  knownBy,
  planned,
  unlessNotShown,
  type Write,
} from './write.ts'

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

const lookAt = (name: string): string => command`aws iam get-role --role-name ${name}`

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
  const look = stock?.role
  const isOthers = !!look && 'seen' in look && look.seen?.ours === false
  const became = (kind: 'role' | 'role-policy', seen: Known): Known =>
    afterUndo(isOthers ? seen : unlessNotShown(seen, state), state, kind)
  const made = became(
    'role',
    knownBy(look, (seen) => seen?.ours === true),
  )
  const written = names.map((name) => ({
    name,
    known: became(
      'role-policy',
      knownBy(look, (seen) => seen?.ours === true && seen.policies.includes(name)),
    ),
  }))
  const whole = role(
    request,
    written.filter((one) => one.known.state !== 'not-done').map(({ name }) => name),
  )
  return [
    // Where nobody has seen whose it is, it is to be looked at before it is taken away.
    change(made.state === 'unknown' ? { ...whole, command: lookAt(roleName(request)) } : whole, made),
    ...written.map((one) => change(policy(request, one.name), one.known)),
  ]
}
