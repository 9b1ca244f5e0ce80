import { describe, expect, it } from 'vitest'
import { type Association, runTag } from '../../../../core/association.ts'
import type { Cluster, ReachableCluster } from '../../../../core/cluster.ts'
import type { RequestInput } from '../../../../core/request-input.ts'
import { resolveRequest } from '../../../../core/request-input.ts'
import { awaitCluster } from '../../../../functions/steps/await-cluster.ts'
import { checkAssociation } from '../../../../functions/steps/check-association.ts'
import { confirmPlan, create as createConfirm } from '../../../../functions/steps/confirm-plan.ts'
import { ensureAccess } from '../../../../functions/steps/ensure-access.ts'
import { create as resolve } from '../../../../functions/steps/resolve-request.ts'
import { takeTurnOf } from '../../../../functions/steps/take-turn.ts'
import { planOf } from '../../../../functions/support/plan.ts'
import { surroundings } from '../../middleware/support.ts'

const role = 'arn:aws:iam::123456789012:role/carts'
const execution = {
  arn: 'arn:aws:states:us-west-2:123456789012:execution:podid:run-1',
  startTime: '2026-11-23T06:00:00.000Z',
}
const binding = { cluster: 'shop', namespace: 'carts', serviceAccount: 'carts', role }
const requested = (change: Partial<RequestInput> = {}) => resolveRequest({ ...binding, ...change }, execution)
const cluster: Cluster = {
  name: 'shop',
  arn: 'arn:aws:eks:us-west-2:123456789012:cluster/shop',
  status: 'ACTIVE',
  version: '1.34',
  autoMode: false,
}
const reachable = { ...cluster, endpoint: 'https://shop.example', certificateAuthority: 'eA==' }
const own: Association = {
  id: 'a-1',
  arn: 'a',
  role,
  sessionTags: true,
  createdAt: '',
  modifiedAt: '',
  tags: {},
}

describe('AwaitCluster', () => {
  it.each<[why: string, found: Cluster | undefined, state: string]>([
    ['one that is active', reachable, 'ready'],
    ['one that is being made', { ...cluster, status: 'CREATING' }, 'waiting'],
    ['none', undefined, 'failed'],
  ])('looks once: %s', async (_why, found, state) => {
    const asked: string[] = []
    const step = await awaitCluster(() => ({
      describeCluster: async (name) => {
        asked.push(name)
        return found
      },
    }))({ request: requested() })
    expect(step).toMatchObject({ cluster: found ?? null, state })
    expect(asked).toEqual(['shop'])
  })

  it('says where it looked, and how long a cluster may take', async () => {
    const step = (status?: string) =>
      awaitCluster(() => ({ describeCluster: async () => (status ? { ...cluster, status } : undefined) }))({
        request: requested({ clusterTimeoutSeconds: 1234 }),
      })
    expect(JSON.stringify(await step())).toMatch(/shop.*us-west-2/)
    expect(JSON.stringify(await step('CREATING'))).toContain('shop')
  })
})

describe('EnsureAccess', () => {
  const entries = ['reader', 'writer'].map((name) => ({
    principalArn: `arn:aws:iam::123456789012:role/${name}`,
    kubernetesGroups: ['podid'],
  }))
  const [reader, writer] = entries.map(({ principalArn }) => principalArn)
  it.each<[why: string, fresh: unknown[], step: object]>([
    ['all are there', [], { created: [], message: 'nothing to add', findings: [] }],
    [
      'one is missing',
      [writer],
      {
        created: [writer],
        message: '1 access entries created',
        findings: [
          {
            code: 'access-entries-created',
            severity: 'info',
            subject: 'cluster shop',
            found: `it did not know 1 of podid's 2 roles: they have access entries now (${writer})`,
          },
        ],
      },
    ],
    [
      'all are missing',
      [reader, writer],
      {
        created: [reader, writer],
        message: '2 access entries created',
        findings: [{ found: expect.stringContaining(`(${reader}, ${writer})`) }],
      },
    ],
  ])('%s', async (_why, fresh, step) => {
    const asked: unknown[] = []
    const ensured = await ensureAccess(
      () => ({
        createAccessEntry: async (...given) => {
          asked.push(given)
          return fresh.includes(given[1].principalArn)
        },
      }),
      entries,
    )({ request: requested() })
    expect(ensured).toMatchObject(step)
    expect(asked).toEqual(entries.map((entry) => ['shop', entry, 'run-1']))
  })
})

describe('CheckAssociation', () => {
  const other = { ...own, role: `${role}-former` }
  const before = { id: 'a-1', targetRoleArn: null, disableSessionTags: false, policy: null, run: null }
  it.each<
    [
      why: string,
      change: Partial<RequestInput>,
      found: Association | undefined,
      check: object,
      codes: string[],
    ]
  >([
    [
      'none',
      {},
      undefined,
      { action: 'create', message: 'none is there; one is to be created', before: null },
      [],
    ],
    [
      'the wanted one',
      {},
      own,
      { action: 'keep', message: 'a-1 is as it should be', before: { ...before, roleArn: role } },
      [],
    ],
    [
      'the wanted one, of an earlier run',
      {},
      { ...own, tags: { [runTag]: 'run-0' } },
      {
        action: 'keep',
        message:
          'a-1 is as it should be; the run run-0 made or changed it, by its tag, and undoing that run is what takes it back',
      },
      [],
    ],
    [
      'another role, which may be replaced',
      { replace: true },
      other,
      { action: 'repoint', message: `a-1 grants ${other.role} and is to be changed` },
      ['former-role-not-declared'],
    ],
    [
      'one that the binding names',
      { replace: true, formerRoles: [other.role] },
      other,
      { action: 'repoint' },
      [],
    ],
    [
      'another role, which may not',
      {},
      other,
      { action: 'refuse', message: `a-1 grants ${other.role} and may not be changed` },
      ['association-differs'],
    ],
    [
      'another role, which may not, and a migration is to be finished',
      { migrate: 'irsa', finish: true },
      other,
      { action: 'refuse' },
      ['association-differs'],
    ],
    [
      'none, and a migration is to be finished',
      { migrate: 'irsa', finish: true },
      undefined,
      { action: 'create' },
      ['migration-not-begun'],
    ],
    [
      'the wanted one, and a migration is to be finished',
      { migrate: 'irsa', finish: true },
      own,
      { action: 'keep' },
      [],
    ],
  ])('finds %s', async (_why, change, found, check, codes) => {
    const step = await checkAssociation(() => ({ findAssociation: async () => found }))({
      request: requested(change),
      cluster: reachable as ReachableCluster,
    })
    expect(step).toMatchObject(check)
    expect(step.findings.map(({ code }) => code)).toEqual(codes)
  })
})

describe('ConfirmPlan', () => {
  const state = {
    request: requested({ workload: 'deployment/carts' }),
    associationCheck: { action: 'create' as const, message: '', before: null, findings: [] },
    agent: {
      action: 'none',
      management: 'addon',
      version: null,
      ready: 1,
      nodes: 1,
      repelled: 0,
      findings: [],
    },
    role: { action: 'none' as const },
    workload: {
      exists: true,
      summary: '',
      before: null,
      uid: 'u-1',
      revisions: [],
      injected: false,
      carried: false,
      credentials: null,
      diagnosis: [],
      annotation: null,
      findings: [],
    },
  } as Omit<Parameters<typeof confirmPlan>[0], 'approved'>
  const { lines, digest } = planOf(state as never)
  const approved = { approvedBy: 'slack:U1', plan: digest, lines }

  it('goes on with the plan that was approved', () => {
    expect(confirmPlan({ ...state, approved })).toEqual({ message: 'the plan is what slack:U1 approved' })
    expect(confirmPlan({ ...state, approved: { plan: digest } })).toEqual({
      message: 'the plan is what somebody approved',
    })
  })

  it('compares what is to be made, too', async () => {
    const making = { ...state, role: { action: 'create' as const } }
    const { digest: plan, lines: told } = planOf(making as never)
    expect(told).not.toEqual(lines)
    const confirm = createConfirm(surroundings())
    expect(await confirm({ ...making, approved: { plan } })).toEqual({
      message: 'the plan is what somebody approved',
    })
  })

  it('refuses an answer that names no plan', () => {
    expect(() => confirmPlan({ ...state, approved: { approvedBy: 'x' } })).toThrow(
      /approves no plan by its digest/,
    )
  })

  it('says what has changed since', () => {
    const gone = { ...state, workload: { ...state.workload, uid: 'u-2' } }
    const uids = lines.findIndex((line) => line.includes('u-1'))
    expect(() => confirmPlan({ ...gone, approved })).toThrow(
      `since slack:U1 approved it: approved was ${lines[uids]}, and now it would be ${lines[uids]?.replace('u-1', 'u-2')}. Run`,
    )
    const more = { plan: 'x', lines: [...lines, 'one more', 'two more'] }
    expect(() => confirmPlan({ ...state, approved: more })).toThrow(
      'since somebody approved it: approved was one more; two more, and now it would be less. Run this again',
    )
    expect(() => confirmPlan({ ...state, approved: { plan: 'x' } })).toThrow('approved was less, and now')
  })
})

describe('TakeTurn', () => {
  const at = Date.UTC(2026, 10, 23, 5)
  const taken = async (change: Partial<RequestInput>, status?: string) => {
    const turns: unknown[] = []
    const step = takeTurnOf({
      executions: {
        find: async () => status && ({ status } as never),
        arnOf: (run: string) => `arn:aws:states:eu-west-1:1:execution:m:${run}`,
      } as never,
      runs: {
        latest: async () =>
          status ? { value: { run: 'run-0', mode: 'enable', at }, version: 1 } : undefined,
        takeTurn: async (...given: unknown[]) => turns.push(given) > 0,
      } as never,
      now: () => at,
    })({ request: requested(change) })
    return { message: (await step).message, turns }
  }
  const key = { cluster: 'shop', region: 'us-west-2', namespace: 'carts', serviceAccount: 'carts' }

  it.each<[mode: 'enable' | 'undo', message: string]>([
    ['enable', 'no other run of this stage is at work on carts/carts on shop'],
    [
      'undo',
      'no other run of this stage is at work on carts/carts on shop; the sweep leaves it alone until somebody enables it again',
    ],
  ])('takes that of a run that is to %s', async (mode, message) => {
    const before = { run: 'run-0', restartedAt: '', association: null, workload: null }
    const found = await taken(mode === 'undo' ? { mode, before } : {})
    expect(found).toEqual({ message, turns: [[key, { run: 'run-1', mode }, undefined]] })
  })

  it('names the run that has it, and how to stop that', async () => {
    await expect(taken({}, 'RUNNING')).rejects.toMatchObject({
      name: 'Refused',
      message:
        "the run run-0 (enable) has been at work on carts/carts on shop since 2026-11-23T05:00:00.000Z, and two at once would undo each other's work. Start this one again when it has ended, or stop it first:\naws stepfunctions stop-execution --execution-arn arn:aws:states:eu-west-1:1:execution:m:run-0 --region eu-west-1",
    })
  })
})

describe('ResolveRequest', () => {
  const resolved = (input: unknown) => resolve(surroundings())({ input, execution })
  it('makes a request of an input, with each action of its needs on what it can be for', async () => {
    const table = 'arn:aws:dynamodb:us-west-2:123456789012:table/carts'
    const needs = [{ actions: ['dynamodb:GetItem', 'dynamodb:ListTables'], resources: [table, '*'] }]
    expect(await resolved({ ...binding, needs })).toMatchObject({
      run: 'run-1',
      cluster: 'shop',
      needs: [
        { actions: ['dynamodb:GetItem'], resources: [table, '*'] },
        { actions: ['dynamodb:ListTables'], resources: ['*'] },
      ],
    })
  })
  it('refuses needs that no service has, by their field', async () => {
    const needs = [{ actions: ['dynamodb:GetItm'], resources: ['*'] }]
    await expect(resolved({ ...binding, needs })).rejects.toMatchObject({
      name: 'InvalidRequest',
      message: expect.stringMatching(/needs: .*GetItm/),
    })
  })
})
