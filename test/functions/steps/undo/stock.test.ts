import { describe, expect, it } from 'vitest'
import { type Association, runTag } from '../../../../core/association.ts'
import { resolveRequest } from '../../../../core/request-input.ts'
import { plannedRole, podIdentityOf } from '../../../../core/role/creation.ts'
import { appendedTrust } from '../../../../core/role/trust/append.ts'
import { restartValue } from '../../../../core/undo.ts'
import { restartAnnotation } from '../../../../core/workload/restart.ts'
import { create, takeStock } from '../../../../functions/steps/take-stock.ts'
import { scriptedConnection, skippingClock } from '../../../support/scripted-connection.ts'
import { surroundings } from '../../middleware/support.ts'
import { shop as cluster } from '../shop.ts'

const role = 'arn:aws:iam::123456789012:role/carts'
const request = resolveRequest(
  {
    cluster: 'shop',
    namespace: 'carts',
    serviceAccount: 'carts',
    role,
    workload: 'deployment/carts',
    createRole: true,
    needs: [{ actions: ['dynamodb:Query'], resources: ['*'] }],
  },
  {
    arn: 'arn:aws:states:us-west-2:123456789012:execution:podid:run-1',
    startTime: '2026-11-23T06:00:00.000Z',
  },
)
const association: Association = {
  id: 'a-1',
  arn: 'a',
  role,
  sessionTags: true,
  createdAt: '',
  modifiedAt: '',
  tags: { [runTag]: 'run-1' },
}
const entry = { principalArn: 'arn:aws:iam::123456789012:role/podid', kubernetesGroups: ['podid'] }
const policies = plannedRole(request, cluster).policies
const found = JSON.stringify({ Version: '2012-10-17', Statement: [] })
const trust = appendedTrust(found, podIdentityOf(request, cluster))
if (!trust) throw new Error('nothing would be appended')
const restarted = restartValue(request.restartedAt, 0)

/** What is there: all that the run would have made, or what is changed of it. */
const all = {
  entryOf: 'run-1' as string | undefined,
  addonOf: 'run-1' as string | undefined,
  roleOf: 'run-1' as string | undefined,
  policies,
  association: association as Association | undefined,
  restartedAt: restarted as string | undefined,
  trust: trust.planned as string | undefined,
  irsa: undefined as string | undefined,
  /** By whom nothing is to be had. */
  away: [] as ('IAM' | 'EKS')[],
}
type There = typeof all
type Tried = Parameters<ReturnType<typeof takeStock>>[0]['tried']

const stock = async (
  tried: Tried,
  change: Partial<There> = {},
  { before = true, more = {} }: { before?: boolean | object; more?: object } = {},
) => {
  const there = { ...all, ...change }
  const clock = skippingClock()
  const started = clock.now()
  const { connection } = scriptedConnection(clock, ({ resource }) =>
    resource === 'serviceaccounts'
      ? {
          metadata: {
            name: 'carts',
            annotations: there.irsa ? { 'eks.amazonaws.com/role-arn': there.irsa } : {},
          },
        }
      : {
          metadata: { name: 'carts' },
          spec: {
            template: {
              metadata: { annotations: there.restartedAt ? { [restartAnnotation]: there.restartedAt } : {} },
            },
          },
        },
  )
  const { message, ...seen } = await takeStock(
    () => ({
      runOfAccessEntry: async () => there.entryOf,
      describeAgentAddon: async () => (there.addonOf ? ({ run: there.addonOf } as never) : undefined),
      findAssociation: async () => {
        if (there.away.includes('EKS')) throw new Error('EKS is away')
        return there.association
      },
      describeAssociation: async () => there.association,
    }),
    () => ({
      outlineRole: async () =>
        there.roleOf
          ? ({
              ...(there.roleOf === 'nobody' ? {} : { tags: { [runTag]: there.roleOf } }),
              policies: there.policies,
            } as never)
          : undefined,
      readTrust: async () => {
        if (there.away.includes('IAM')) throw new Error('IAM is away')
        return there.trust
      },
    }),
    () => connection,
    [entry],
    { clock },
  )({
    request: { ...request, ...more },
    cluster,
    tried,
    id: null,
    ...(before
      ? {
          before: {
            run: 'run-1',
            restartedAt: request.restartedAt,
            association: null,
            workload: null,
            trust,
            annotation: { role, goes: true },
            ...(before === true ? {} : before),
          },
        }
      : {}),
  } as never)
  return {
    message,
    seen: Object.fromEntries(
      Object.entries(seen).flatMap(([name, one]) => (one === null ? [] : [[name, one]])),
    ),
    ms: clock.now() - started,
  }
}
const names = policies.map(({ name }) => name)

describe('looks at what a step may have written, and believes at once that it is done', () => {
  const roleSeen = { role: { seen: { ours: true, policies: names } } }
  const trustSeen = { trust: { seen: trust.planned } }
  it.each<[tried: Tried, seen: object]>([
    ['ensureAccess', { accessEntries: { seen: [entry.principalArn] } }],
    ['ensureAgent', { addon: { seen: true } }],
    ['ensureRole', roleSeen],
    ['ensureTrust', trustSeen],
    ['ensureAssociation', { association: { seen: association } }],
    ['restartWorkload', { restartedAt: { seen: restarted } }],
    ['finishMigration', { ...trustSeen, annotation: { seen: null } }],
  ])('%s', async (tried, seen) => {
    expect(await stock(tried)).toEqual({ message: 'looked at what is there', seen, ms: 0 })
  })
  it('undo: at all of it, for seven seconds, as what is there in the end counts', async () => {
    const { seen, ms } = await stock('undo')
    expect(seen).toEqual({
      ...roleSeen,
      ...trustSeen,
      association: { seen: association },
      restartedAt: { seen: restarted },
      annotation: { seen: null },
    })
    // Five looks beside each other, and on this clock every sleep counts.
    expect(ms).toBe(5 * 7000)
  })
})

const roleOf = (ours: boolean, policies = names) => ({ role: { seen: { ours, policies } } })
it.each<[why: string, tried: Tried, change: Partial<There>, seen: object]>([
  ['no add-on', 'ensureAgent', { addonOf: undefined }, { addon: { seen: false } }],
  ['another run’s add-on', 'ensureAgent', { addonOf: 'run-0' }, { addon: { seen: false } }],
  ['no role', 'ensureRole', { roleOf: undefined }, { role: { seen: null } }],
  ['another run’s role', 'ensureRole', { roleOf: 'run-0' }, roleOf(false)],
  ['a role of which no tags were read', 'ensureRole', { roleOf: 'nobody' }, roleOf(false)],
  ['a role without its policies', 'ensureRole', { policies: [] }, roleOf(true, [])],
  ['no association', 'ensureAssociation', { association: undefined }, { association: { seen: null } }],
  [
    'another run’s association',
    'ensureAssociation',
    { association: { ...association, tags: {} } },
    { association: { seen: { ...association, tags: {} } } },
  ],
  [
    'an association that is not as wanted yet',
    'ensureAssociation',
    { association: { ...association, role: `${role}-2` } },
    { association: { seen: { ...association, role: `${role}-2` } } },
  ],
  ['no restart', 'restartWorkload', { restartedAt: undefined }, { restartedAt: { seen: null } }],
  [
    'another restart',
    'restartWorkload',
    { restartedAt: '2020-01-01T00:00:00Z' },
    { restartedAt: { seen: '2020-01-01T00:00:00Z' } },
  ],
  ['the trust as it was', 'ensureTrust', { trust: found }, { trust: { seen: found } }],
  ['no role to trust', 'ensureTrust', { trust: undefined }, { trust: { seen: null } }],
  ['no IAM', 'ensureTrust', { away: ['IAM'] }, { trust: { error: 'IAM is away' } }],
  [
    'the annotation still there',
    'finishMigration',
    { irsa: role },
    { trust: { seen: trust.planned }, annotation: { seen: role } },
  ],
])('looks again for seven seconds where it sees %s', async (_why, tried, change, seen) => {
  expect(await stock(tried, change)).toMatchObject({ seen, ms: 7000 })
})

it.each<[why: string, tried: Tried, options: Parameters<typeof stock>[2], looked: string[]]>([
  [
    'of an undo without a role to make',
    'undo',
    { more: { createRole: false } },
    ['association', 'restartedAt', 'trust', 'annotation'],
  ],
  [
    'of an undo without a workload',
    'undo',
    { more: { workload: undefined } },
    ['role', 'association', 'trust', 'annotation'],
  ],
  ['of a restart without a workload', 'restartWorkload', { more: { workload: undefined } }, []],
  [
    'of an undo that knows of no earlier state',
    'undo',
    { before: false },
    ['role', 'association', 'restartedAt'],
  ],
  ['of a trust that was not to change', 'ensureTrust', { before: { trust: null } }, []],
  [
    'of an annotation of which nothing was known',
    'finishMigration',
    { before: { annotation: null } },
    ['trust'],
  ],
  [
    'of an annotation that was to stay',
    'finishMigration',
    { before: { annotation: { role, goes: false } } },
    ['trust'],
  ],
  ['of a trust that is not of this step', 'ensureAssociation', {}, ['association']],
])('looks at no more than there is: %s', async (_why, tried, options, looked) => {
  expect(Object.keys((await stock(tried, {}, options)).seen)).toEqual(looked)
})

it('knows a role of the run that it undoes', async () => {
  const more = { before: { run: 'run-0' } }
  expect((await stock('undo', { roleOf: 'run-0' }, { more })).seen).toMatchObject(roleOf(true))
  expect((await stock('undo', { roleOf: 'run-1' }, { more })).seen).toMatchObject(roleOf(false))
})

it('says what could not be looked at, beside what was seen', async () => {
  const { message, seen } = await stock('undo', { away: ['EKS', 'IAM'] })
  expect(message).toBe('could not be looked at: EKS is away; IAM is away')
  expect(seen).toMatchObject({
    role: { seen: { ours: true } },
    association: { error: 'EKS is away' },
    trust: { error: 'IAM is away' },
  })
})

it('does not take a trust for written of which the role is gone', async () => {
  const taken = { found: trust.planned, planned: found, what: [] }
  const { seen, ms } = await stock(
    'finishMigration',
    { trust: undefined },
    { before: { trust: taken, annotation: null } },
  )
  expect(seen).toEqual({ trust: { seen: null } })
  expect(ms).toBe(7000)
})

it('says which fields its input lacks', async () => {
  await expect(create(surroundings())({ request, cluster })).rejects.toThrow(/tried: .*id: /)
})
