import { expect, it } from 'vitest'
import { judge, preparePolicies } from '../../../../core/policy/evaluate.ts'
import { covers } from '../../../../core/policy/pattern.ts'
import { actionTable } from '../../../../core/role/actions/table.ts'
import type { Need } from '../../../../core/role/need.ts'
import { checkPermissions } from '../../../../core/role/permissions/permissions.ts'
import type { RoleFacts, RolePolicy } from '../../../../core/role/role.ts'
import { randomSource } from '../../../support/random.ts'
import { optionOf, shellCommands } from '../../../support/shell-words.ts'
import { account, document, identity, index, roleWith, table } from './support.ts'

// A remedy for missing permissions makes the role's pods able to do what they need and nothing else, and leaves what
// others have alone. Roles are drawn from what is found in the wild, mixed; SEED draws others.
const cases = process.env.PODID_EXHAUSTIVE === '1' ? 600 : 20
const seed = Number(process.env.SEED ?? 20260301)
const { pick, chance, some } = randomSource(seed)

const bucket = 'arn:aws:s3:::carts-images'
const resources = [table, index, `${table}-archive`, bucket, `${bucket}/*`, `${bucket}/secret/*`]
const actions = ['dynamodb', 's3'].flatMap((service) =>
  Object.values(actionTable[service]?.takes ?? {}).flatMap((names) =>
    names.split(' ').map((name) => `${service}:${name}`),
  ),
)

const granted: readonly unknown[] = [
  'dynamodb:GetItem',
  'dynamodb:Query',
  'dynamodb:*',
  ['dynamodb:GetItem', 's3:GetObject'],
  's3:Get*',
  '*',
]
const statement = () => ({
  Effect: chance(0.2) ? 'Deny' : 'Allow',
  Action: pick(granted),
  Resource: pick([table, index, `${table}*`, `${bucket}/*`, '*']),
  ...(chance(0.15) && {
    Condition: { StringEquals: { 'aws:PrincipalTag/kubernetes-namespace': pick(['carts', 'x']) } },
  }),
})
const drawn = () => document(...some(statement, 2))

const policy = (needs: readonly Need[], at: number): RolePolicy => {
  if (chance(0.5)) return { name: `inline-${at}`, kind: 'inline', document: drawn() }
  const inForce = drawn()
  // A version that adds the needs and nothing else, as somebody would who has written it for them.
  const mended = document(
    ...inForce.Statement,
    ...needs.map(({ actions: Action, resources: Resource }) => ({ Effect: 'Allow', Action, Resource })),
  )
  return {
    name: `managed-${at}`,
    arn: `arn:aws:iam::${account}:policy/managed-${at}`,
    kind: 'managed',
    version: 'v1',
    document: inForce,
    otherVersions: chance(0.6) ? [{ id: 'v2', document: chance(0.5) ? mended : drawn() }] : [],
    ...(chance(0.8) && { attachedTo: chance(0.5) ? [] : ['role other'] }),
  }
}

const drawNeeds = (): Need[] => [
  ...some(
    () => ({ actions: [pick(['dynamodb:GetItem', 'dynamodb:Query'])], resources: [pick([table, index])] }),
    2,
  ),
  ...(chance(0.4) ? [{ actions: ['s3:GetObject'], resources: [`${bucket}/*`] }] : []),
]

interface Situation {
  role: RoleFacts
  session?: unknown
}

/** Everything that the pods may do of all actions of the needs' services. */
const may = ({ role, session }: Situation): Map<string, string> => {
  const prepared = preparePolicies({
    policies: role.policies,
    boundary: role.boundary,
    session: session === undefined ? undefined : { name: 'session', document: session },
  })
  const context = { 'aws:PrincipalTag/kubernetes-namespace': 'carts' }
  return new Map(
    resources.flatMap((resource) =>
      actions.map((action) => [
        `${action} ${resource}`,
        judge(prepared, { action, resource, context }).decision,
      ]),
    ),
  )
}

/** What the remedy's commands make of a situation; fails where they would change what others have. */
const paste = ({ role, session }: Situation, command: string): Situation => {
  const made = new Map<string, unknown>()
  const after = { role: { ...role, policies: [...role.policies] }, session }
  for (const words of shellCommands(command.replace(/"\$\(.*?\)"/s, 'a-1'))) {
    const read = (option: string): string => optionOf(words, `--${option}`) ?? ''
    const parsed = (option: string): unknown => JSON.parse(read(option))
    const policyArn = read('policy-arn')
    switch (words[2]) {
      case 'put-role-policy':
        expect(role.policies.map(({ name }) => name)).not.toContain(read('policy-name'))
        after.role.policies.push({
          name: read('policy-name'),
          kind: 'inline',
          document: parsed('policy-document'),
        })
        break
      case 'create-policy':
        made.set(`arn:aws:iam::${account}:policy/${read('policy-name')}`, parsed('policy-document'))
        break
      case 'attach-role-policy':
        after.role.policies.push({ name: policyArn, kind: 'managed', document: made.get(policyArn) })
        break
      case 'set-default-policy-version':
        after.role.policies = after.role.policies.map((one) => {
          if (one.arn !== policyArn) return one
          expect(one.attachedTo).toEqual([])
          return {
            ...one,
            document: one.otherVersions?.find(({ id }) => id === read('version-id'))?.document,
          }
        })
        break
      case 'put-role-permissions-boundary': {
        const arn = read('permissions-boundary')
        after.role.boundary = { name: 'own', arn, document: made.get(arn) }
        break
      }
      case 'update-pod-identity-association':
        after.session = parsed('policy')
        break
      default:
        throw new Error(`no remedy has had ${words.join(' ')}`)
    }
  }
  return after
}

it(`a remedy for a permission grants what is needed and nothing else (seed ${seed})`, () => {
  let mended = 0
  for (let count = 0; count < cases; count++) {
    const needs = drawNeeds()
    const boundary = {
      name: 'limits',
      arn: `arn:aws:iam::${account}:policy/limits`,
      document: drawn(),
    }
    const before: Situation = {
      role: roleWith(
        Array.from({ length: 1 + (count % 3) }, (_, at) => policy(needs, at)),
        chance(0.3) ? { boundary } : {},
      ),
      ...(chance(0.2) && { session: drawn() }),
    }
    const check = (situation: Situation) =>
      checkPermissions({ ...identity, sessionTags: true, needs, ...situation })
    const commands = new Set(
      check(before).findings.flatMap(({ remedy }) =>
        remedy?.command && !remedy.looks ? [remedy.command] : [],
      ),
    )
    if (commands.size === 0) continue
    const after = [...commands].reduce(paste, before)
    const why = JSON.stringify({ needs, before, commands: [...commands] })
    const [was, is] = [may(before), may(after)]
    const isNeeded = (what: string): boolean => {
      const [action = '', on = ''] = what.split(' ')
      return needs.some(
        (need) => need.actions.includes(action) && need.resources.some((resource) => covers(resource, on)),
      )
    }
    const changed = [...is].filter(([what, decision]) => was.get(what) !== decision).map(([what]) => what)
    expect(
      changed.filter((what) => !isNeeded(what)),
      why,
    ).toEqual([])
    const unmet = check(after).findings.filter(
      ({ severity, remedy }) => severity === 'blocking' && remedy?.command !== undefined,
    )
    expect(unmet, why).toEqual([])
    mended++
  }
  expect(mended).toBeGreaterThan(cases / 4)
})
