import { describe, expect, it } from 'vitest'
import { tableArn, workshop } from '../../../local/scenarios/workshop/index.ts'
import { startWorkshop, type Workshop } from '../../support/run.ts'

const roles = ({ aws }: Workshop) => aws.state.roles
const made = (world: Workshop) => roles(world).get(workshop.role)
const iamWrites = ({ calls }: Workshop) =>
  calls
    .writes()
    .flatMap(({ service, operation, applied }) => (service === 'iam' && applied ? [operation] : []))

const analyzed = ({ aws }: Workshop) =>
  aws.calls.calls.flatMap(({ service, operation }) => (service === 'access-analyzer' ? [operation] : []))

/** Crashes the new pods: what Preflight saw of the role is true no more. */
const spoil = (world: Workshop) =>
  world.aws.associations.changes.subscribe(() => {
    world.aws.state.serviceControlPolicies.push({
      name: 'no-tables',
      document: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Deny', Action: 'dynamodb:*', Resource: '*' },
          { Effect: 'Allow', Action: '*', Resource: '*' },
        ],
      },
    })
  })

const boundaryFor = ({ aws }: Workshop, actions: string) =>
  aws.state.addPolicy({
    name: 'limits',
    versions: [{ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] }],
  }).arn

describe('a role that a run makes', () => {
  it('is planned, made for these pods alone, found made, and taken away by an undo; IAM Access Analyzer is asked only where that is wanted', async () => {
    await using world = await startWorkshop({ scenario: 'role-missing' })
    const permissionsBoundary = boundaryFor(world, 'dynamodb:*')
    const asked = { createRole: true, permissionsBoundary }
    const plan = await world.enable({ ...asked, mode: 'plan' })
    expect(plan.report?.changes.map(({ kind, state }) => [kind, state])).toEqual([
      ['role', 'planned'],
      ['role-policy', 'planned'],
      ['association', 'planned'],
      ['restart', 'planned'],
    ])
    expect(plan.report?.changes[0]?.action).toContain(
      `for carts/carts of eks-workshop alone, with the permissions boundary ${permissionsBoundary}`,
    )
    expect(plan.report?.changes[1]?.action).toContain('dynamodb:GetItem')
    expect(plan.report?.checked).toContainEqual({
      what: 'role',
      found: 'is to be made: trusts pods.eks.amazonaws.com; 3 needs granted',
    })
    expect(iamWrites(world)).toEqual([])
    expect(analyzed(world)).toEqual([])

    const unanalyzed = world.calls.inject({
      operation: 'CheckNoNewAccess',
      times: Number.POSITIVE_INFINITY,
      action: { kind: 'error', status: 403, code: 'AccessDeniedException', message: 'not allowed here' },
    })
    const change = { ...asked, accessAnalyzer: true }
    const enabled = await world.enable(change)
    unanalyzed()
    expect(enabled.report?.outcome).toBe('enabled')
    expect(enabled.report?.findings.filter(({ code }) => code === 'access-analyzer-skipped')).toEqual(
      ['the trust policy', 'the policy podid-needs'].map((name) =>
        expect.objectContaining({
          severity: 'warning',
          found: expect.stringMatching(new RegExp(`whether ${name} would allow more .*not allowed here`)),
        }),
      ),
    )
    expect(iamWrites(world)).toEqual(['CreateRole', 'PutRolePolicy'])
    expect(made(world)).toMatchObject({ boundary: permissionsBoundary })
    expect(JSON.parse(made(world)?.trust ?? '')).toMatchObject({
      Statement: [
        {
          Principal: { Service: 'pods.eks.amazonaws.com' },
          Condition: { StringEquals: { 'aws:RequestTag/kubernetes-service-account': 'carts' } },
        },
      ],
    })

    // The role is there now: nothing is written, and nothing asked.
    const before = analyzed(world).length
    const again = await world.enable(change)
    expect(again.report).toMatchObject({ outcome: 'unchanged', changes: [] })
    expect(analyzed(world)).toHaveLength(before)

    const undone = await world.enable({
      ...change,
      mode: 'undo',
      ...(enabled.before && { before: enabled.before }),
    })
    expect(undone.report?.undo).toMatchObject({
      done: expect.arrayContaining([
        `the policy podid-needs of role ${workshop.role} is deleted`,
        `the role ${workshop.role} is deleted`,
      ]),
      left: [],
    })
    expect(made(world)).toBeUndefined()
    expect(world.aws.state.associations.list(workshop.cluster)).toEqual([])
    expect(undone.report?.changes.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['role', 'role-policy']),
    )
  })

  it('goes with a run that fails, after the association that grants it, with the session policy of the request', async () => {
    await using world = await startWorkshop({ scenario: 'role-missing' })
    spoil(world)
    const table = tableArn(world.aws.state)
    const sessionPolicy = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'dynamodb:*', Resource: [table, `${table}/index/*`] }],
    }
    const policies: unknown[] = []
    world.aws.associations.changes.subscribe(() => {
      for (const { policy } of world.aws.state.associations.list(workshop.cluster)) policies.push(policy)
    })
    const session = { sessionTags: false, sessionPolicy }
    const { report } = await world.enable({ createRole: true, rolloutTimeoutSeconds: 10, ...session })
    expect(policies).toEqual([JSON.stringify(sessionPolicy)])
    expect(report?.changes.map(({ action }) => action).join('\n')).toContain('a session policy')
    expect(world.aws.state.associations.list(workshop.cluster)).toEqual([])
    expect(report).toMatchObject({ outcome: 'failed', undo: { left: [] } })
    expect(report?.changes.map(({ kind, undone }) => [kind, undone])).toEqual([
      ['role', true],
      ['role-policy', true],
      ['association', true],
      ['restart', true],
    ])
    expect(made(world)).toBeUndefined()
    expect(iamWrites(world)).toEqual(['CreateRole', 'PutRolePolicy', 'DeleteRolePolicy', 'DeleteRole'])
  })

  it('is left alone where one of its name comes to be after the check', async () => {
    await using world = await startWorkshop({ scenario: 'role-missing' })
    const { report } = await world.enable(
      { createRole: true },
      {
        onEvent: ({ type, ...event }) => {
          if (type === 'step.succeeded' && 'step' in event && event.step === 'Preflight')
            world.aws.state.addRole({
              name: workshop.role,
              trust: { Version: '2012-10-17', Statement: [] },
            })
        },
      },
    )
    expect(report).toMatchObject({
      outcome: 'failed',
      failure: { error: 'Refused', message: expect.stringContaining('which podid did not make') },
    })
    expect(made(world)).toBeDefined()
    expect(iamWrites(world)).toEqual([])
  })

  it('is refused before anything is touched where it could not be made, would not do, or IAM Access Analyzer speaks against it', async () => {
    await using world = await startWorkshop({ scenario: 'role-missing' })
    const plan = async (change: object) =>
      (await world.enable({ mode: 'plan', createRole: true, accessAnalyzer: true, ...change })).report
    const missing = 'arn:aws:iam::123456789012:policy/nowhere'
    const long = Array.from(
      { length: 200 },
      (_, at) => `arn:aws:s3:::bucket-of-long-ago-and-far-away-${at}/*`,
    )
    const unmade = await plan({
      permissionsBoundary: missing,
      needs: [{ actions: ['s3:GetObject'], resources: long }],
    })
    const notMakeable = unmade?.findings.filter(({ code }) => code === 'role-not-makeable') ?? []
    expect(notMakeable).toHaveLength(2)
    expect(notMakeable).toContainEqual(
      expect.objectContaining({
        severity: 'blocking',
        found: expect.stringContaining(`there is no policy ${missing}`),
      }),
    )

    const good = { actions: ['dynamodb:Query'], resources: [tableArn(world.aws.state)] }
    const mistyped = { ...good, resources: ['arn:aws:dynamodb:us-west-2:12345:table/carts'] }
    const blocked = await plan({ permissionsBoundary: boundaryFor(world, 's3:*'), needs: [good, mistyped] })
    const byBoundary = blocked?.findings.find(({ code }) => code === 'permission-boundary-blocks')
    expect(byBoundary).toMatchObject({ severity: 'blocking', remedy: { advice: expect.any(String) } })
    // There is no role yet that a command could be about.
    expect(byBoundary?.remedy?.command).toBeUndefined()
    expect(blocked?.findings).toContainEqual(
      expect.objectContaining({
        code: 'access-analyzer-error',
        severity: 'blocking',
        found: expect.stringContaining('The resource ARN account ID is not valid'),
      }),
    )

    const asked = analyzed(world).length
    const fine = await plan({})
    expect(analyzed(world).slice(asked).sort()).toEqual([
      ...['CheckNoNewAccess', 'CheckNoNewAccess', 'ValidatePolicy', 'ValidatePolicy'],
    ])
    expect(fine?.checked).toContainEqual({
      what: 'role',
      found: expect.stringContaining(
        'IAM Access Analyzer finds no new access and no fault in the trust policy and the policy podid-needs',
      ),
    })
    expect(iamWrites(world)).toEqual([])
  })
})
