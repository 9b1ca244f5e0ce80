import { expect, it } from 'vitest'
import { type Association, runTag } from '../../../../core/association.ts'
import { Transient } from '../../../../core/errors.ts'
import type { Before } from '../../../../core/request.ts'
import { resolveRequest } from '../../../../core/request-input.ts'
import { asMade, plannedRole, podIdentityOf } from '../../../../core/role/creation.ts'
import { appendedTrust } from '../../../../core/role/trust/append.ts'
import { undo } from '../../../../functions/steps/undo.ts'
import { skippingClock } from '../../../support/scripted-connection.ts'
import { shop as cluster } from '../shop.ts'

const role = 'arn:aws:iam::123456789012:role/carts'
const podid = ['reader', 'writer'].map((name) => ({
  principalArn: `arn:aws:iam::123456789012:role/podid-${name}`,
  kubernetesGroups: ['podid'],
}))
const request = resolveRequest(
  {
    cluster: 'shop',
    namespace: 'carts',
    serviceAccount: 'carts',
    role,
    createRole: true,
    access: 'create',
    needs: [{ actions: ['dynamodb:Query'], resources: ['*'] }],
  },
  {
    arn: 'arn:aws:states:us-west-2:123456789012:execution:podid:run-1',
    startTime: '2026-11-23T06:00:00.000Z',
  },
)
const plan = plannedRole(request, cluster)
const made = asMade(plan, role, undefined)
const [policy] = plan.policies.map(({ name }) => name)
const found = JSON.stringify({ Version: '2012-10-17', Statement: [] })
const trust = appendedTrust(found, podIdentityOf(request, cluster)) ?? { found, planned: found, what: [] }
const theirs: Association = {
  id: 'a-2',
  arn: 'a',
  role,
  sessionTags: true,
  createdAt: '',
  modifiedAt: '',
  tags: {},
}

interface Given {
  /** What IAM shows, look by look, the last of it from then on. */
  outlines?: (typeof made | undefined)[]
  association?: Association
  before?: Partial<Before>
  fails?: Partial<Record<'deleteRolePolicy' | 'deleteRole' | 'addon' | 'entry', Error>>
  trustNow?: string
  retries?: number
  /** By what the add-on and each access entry are tagged. */
  runs?: { addon?: string; entries?: (string | undefined)[] }
  access?: 'create' | 'existing'
}

const undone = async ({
  outlines = [undefined],
  association,
  before,
  fails = {},
  trustNow,
  retries = 0,
  runs = {},
  access = 'create',
}: Given) => {
  const did: string[] = []
  const looked: string[] = []
  let now = trustNow
  const does = (name: keyof NonNullable<Given['fails']>, ...words: string[]) => {
    if (fails[name]) throw fails[name]
    did.push([name, ...words].join(' '))
  }
  const looks = [...outlines]
  const next = () => (looks.length > 1 ? looks.shift() : looks[0])
  const step = await undo(
    () => ({
      findAssociation: async () => association,
      describeAssociation: async () => association,
      markAssociation: async () => {},
      repointAssociation: async () => theirs,
      deleteAssociation: async () => {},
      describeAgentAddon: async () => {
        if (fails.addon) throw fails.addon
        return runs.addon === undefined ? undefined : ({ run: runs.addon } as never)
      },
      runOfAccessEntry: async (_cluster, principal) => {
        looked.push(principal)
        if (fails.entry) throw fails.entry
        return runs.entries?.[podid.findIndex(({ principalArn }) => principalArn === principal)]
      },
    }),
    () => ({
      outlineRole: async () => next(),
      deleteRolePolicy: async (_role, name) => does('deleteRolePolicy', name),
      deleteRole: async (name) => does('deleteRole', name),
      readTrust: async () => now,
      writeTrust: async (_role, text) => {
        did.push('writeTrust')
        now = text
      },
    }),
    { shared: () => undefined as never, fresh: () => undefined as never },
    podid,
    { clock: skippingClock() },
  )({
    request: { ...request, access },
    before: { run: 'run-1', restartedAt: request.restartedAt, association: null, workload: null, ...before },
    id: null,
    retries,
    cluster,
  })
  return { step, did, looked }
}
const changed = { ...made, path: '/other/' }

it.each<[why: string, given: Given, did: string[], step: object]>([
  [
    'as the run left it: its policies go first, and then the role',
    { outlines: [made, undefined] },
    [`deleteRolePolicy ${policy}`, 'deleteRole carts'],
    {
      done: [
        { kind: 'role-policy', what: `the policy ${policy} of role carts is deleted` },
        { kind: 'role', what: 'the role carts is deleted' },
      ],
      message: `the policy ${policy} of role carts is deleted; the role carts is deleted`,
    },
  ],
  [
    'without the policy that was to be its last: the role alone',
    { outlines: [{ ...made, policies: [] }, undefined] },
    ['deleteRole carts'],
    { done: [{ kind: 'role' }] },
  ],
  ['there is none', {}, [], { done: [], kept: [], left: [] }],
  [
    'there is none any more after an attempt without an answer',
    { retries: 1 },
    [],
    {
      done: [
        { kind: 'association' },
        { kind: 'role', what: expect.stringContaining('no role carts'), perhaps: true },
      ],
    },
  ],
  [
    'another run made it',
    { outlines: [{ ...made, tags: { ...made.tags, [runTag]: 'run-0' } }] },
    [],
    { done: [], kept: [] },
  ],
  [
    'somebody has changed it since',
    { outlines: [changed] },
    [],
    { done: [], kept: [{ kind: 'role', what: expect.stringContaining('its path is /other/') }] },
  ],
  [
    'an association that is not the run’s grants it',
    { outlines: [made], association: theirs },
    [],
    { kept: [{ kind: 'role', what: 'role carts stays, as the association a-2 grants it' }] },
  ],
  [
    'a policy cannot be deleted: IAM would not delete the role',
    { outlines: [made], fails: { deleteRolePolicy: new TypeError('no') } },
    [],
    {
      done: [],
      left: [
        {
          kind: 'role-policy',
          error: 'no',
          command: expect.stringContaining(`delete-role-policy --role-name carts --policy-name ${policy}`),
        },
        {
          kind: 'role',
          what: 'the role carts is deleted',
          error: 'IAM deletes no role that has a policy',
          command: 'aws iam delete-role --role-name carts',
        },
      ],
      rolloutToAwait: false,
    },
  ],
  [
    'the role cannot be deleted',
    { outlines: [made], fails: { deleteRole: new TypeError('no') } },
    [`deleteRolePolicy ${policy}`],
    { left: [{ kind: 'role', error: 'no', command: 'aws iam delete-role --role-name carts' }] },
  ],
])('a role that the run may have made: %s', async (_why, given, did, step) => {
  const { step: answered, did: done } = await undone(given)
  expect(done).toEqual(did)
  expect(answered).toMatchObject(step)
})

it('leaves a role that IAM shows after its deletion to a retry of the step', async () => {
  await expect(undone({ outlines: [made] })).rejects.toMatchObject({
    name: 'Conflict',
    message: 'role carts is deleted, and IAM still shows it',
  })
})

it.each<[why: string, given: Given, did: string[], step: object]>([
  [
    'nobody needs what was added',
    { trustNow: trust.planned },
    ['writeTrust'],
    { done: [{ kind: 'trust', what: 'the trust policy of role carts is as it was' }] },
  ],
  ['it is as it was', { trustNow: trust.found }, [], { done: [], kept: [] }],
  [
    'it is as it was after an attempt without an answer',
    { trustNow: trust.found, retries: 1 },
    [],
    { done: [{}, {}, { kind: 'trust', perhaps: true }] },
  ],
  ['there is no such role', {}, [], { done: [], kept: [] }],
  [
    'an association lives by it that was not there before',
    { trustNow: trust.planned, association: theirs },
    [],
    {
      kept: expect.arrayContaining([
        { kind: 'trust', what: `the trust policy of ${role} stays, as the association a-2 lives by it` },
      ]),
    },
  ],
  [
    'the association granted the role before as well',
    {
      trustNow: trust.planned,
      association: theirs,
      before: {
        association: {
          id: 'a-2',
          roleArn: role,
          targetRoleArn: null,
          disableSessionTags: false,
          policy: null,
          run: null,
        },
      },
    },
    ['writeTrust'],
    { done: [{ kind: 'trust' }] },
  ],
  [
    'somebody has added a statement since, which stays',
    {
      trustNow: JSON.stringify({
        ...JSON.parse(trust.planned),
        Statement: [
          ...JSON.parse(trust.planned).Statement,
          { Effect: 'Deny', Action: 'sts:*', Principal: '*' },
        ],
      }),
    },
    ['writeTrust'],
    {
      done: [
        {
          kind: 'trust',
          what: 'the trust policy of role carts is without this run’s change; what others have changed since stays'.replace(
            '’',
            "'",
          ),
        },
      ],
    },
  ],
])('the trust that the run changed: %s', async (_why, given, did, step) => {
  const { step: answered, did: done } = await undone({ ...given, before: { trust, ...given.before } })
  expect(done).toEqual(did)
  expect(answered).toMatchObject(step)
})

const two = podid.map(({ principalArn }) => principalArn)
it.each<[why: string, given: Given, leftByRun: unknown]>([
  ['nothing', {}, { addon: false, accessEntries: [] }],
  [
    'the add-on and an access entry',
    { runs: { addon: 'run-0', entries: [undefined, 'run-0'] } },
    { addon: true, accessEntries: [two[1]] },
  ],
  [
    'those of other runs',
    { runs: { addon: 'run-9', entries: ['run-9', 'run-9'] } },
    { addon: false, accessEntries: [] },
  ],
  [
    'access entries are looked at only where a run may make them',
    { access: 'existing', runs: { entries: ['run-0', 'run-0'] } },
    { addon: false, accessEntries: [] },
  ],
  [
    'what cannot be looked at is said to be unknown',
    { fails: { addon: new Transient('away'), entry: new Transient('away') } },
    { addon: null, accessEntries: [] },
  ],
])('what the earlier run leaves that no undo takes away: %s', async (_why, given, leftByRun) => {
  const { step, looked } = await undone({ ...given, before: { run: 'run-0' } })
  expect(step.leftByRun).toEqual(leftByRun)
  expect(looked).toEqual(given.access === 'existing' ? [] : two)
})

it('looks for what is left of an earlier run alone, and hides no fault of its own', async () => {
  expect((await undone({ runs: { addon: 'run-1' } })).step.leftByRun).toBeNull()
  const fault = new TypeError('a fault')
  await expect(undone({ fails: { addon: fault }, before: { run: 'run-0' } })).rejects.toBe(fault)
})
