import { describe, expect, it } from 'vitest'
import { workshop } from '../../../local/scenarios/workshop/index.ts'
import { startWorkshop, type Workshop } from '../../support/run.ts'

const roles = ({ aws }: Workshop) => aws.state.roles
const made = (world: Workshop) => roles(world).get(workshop.role)
const iamWrites = ({ calls }: Workshop) =>
  calls
    .writes()
    .flatMap(({ service, operation, applied }) => (service === 'iam' && applied ? [operation] : []))

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
  it('is planned, made for these pods alone, used, found made, and taken away by an undo', async () => {
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

    const enabled = await world.enable(asked)
    expect(enabled.report?.outcome).toBe('enabled')
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
    const again = await world.enable(asked)
    expect(again.report).toMatchObject({ outcome: 'unchanged', changes: [] })

    const undone = await world.enable({
      ...asked,
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
    expect(undone.report?.changes.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['role', 'role-policy']),
    )
  })

  it('goes with a run that fails, after the association that grants it', async () => {
    await using world = await startWorkshop({ scenario: 'role-missing' })
    spoil(world)
    const { report } = await world.enable({ createRole: true, rolloutTimeoutSeconds: 10 })
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

  it('is refused before anything is touched where it could not be made, or would not do', async () => {
    await using world = await startWorkshop({ scenario: 'role-missing' })
    const found = async (change: object) =>
      (await world.enable({ mode: 'plan', createRole: true, ...change })).report?.findings ?? []
    const missing = 'arn:aws:iam::123456789012:policy/nowhere'
    expect(await found({ permissionsBoundary: missing })).toContainEqual(
      expect.objectContaining({
        code: 'role-not-makeable',
        severity: 'blocking',
        found: expect.stringContaining(`there is no policy ${missing}`),
      }),
    )
    const blocked = (await found({ permissionsBoundary: boundaryFor(world, 's3:*') })).find(
      ({ code }) => code === 'permission-boundary-blocks',
    )
    expect(blocked).toMatchObject({ severity: 'blocking', remedy: { advice: expect.any(String) } })
    // There is no role yet that a command could be about.
    expect(blocked?.remedy?.command).toBeUndefined()
    const long = Array.from(
      { length: 200 },
      (_, at) => `arn:aws:s3:::bucket-of-long-ago-and-far-away-${at}/*`,
    )
    expect(await found({ needs: [{ actions: ['s3:GetObject'], resources: long }] })).toContainEqual(
      expect.objectContaining({ code: 'role-not-makeable' }),
    )
    expect(iamWrites(world)).toEqual([])
  })

  it('is asked about at IAM Access Analyzer only where that is wanted, and not made against its word', async () => {
    await using world = await startWorkshop({ scenario: 'role-missing' })
    const asked = () =>
      world.aws.calls.calls.flatMap(({ service, operation }) =>
        service === 'access-analyzer' ? [operation] : [],
      )
    const run = async (change: Parameters<Workshop['enable']>[0]) =>
      (await world.enable({ createRole: true, ...change })).report
    await run({ mode: 'plan' })
    expect(asked()).toEqual([])

    const accessAnalyzer = true
    const plan = await run({ mode: 'plan', accessAnalyzer })
    expect(asked().sort()).toEqual([
      ...['CheckNoNewAccess', 'CheckNoNewAccess', 'ValidatePolicy', 'ValidatePolicy'],
    ])
    expect(plan?.checked).toContainEqual({
      what: 'role',
      found: expect.stringContaining(
        'IAM Access Analyzer finds no new access and no fault in the trust policy and the policy podid-needs',
      ),
    })

    const mistyped = {
      actions: ['dynamodb:Query'],
      resources: ['arn:aws:dynamodb:us-west-2:12345:table/carts'],
    }
    const refused = await run({ accessAnalyzer, needs: [mistyped] })
    expect(refused?.failure).toMatchObject({ error: 'PreflightFailed' })
    expect(refused?.findings).toContainEqual(
      expect.objectContaining({
        code: 'access-analyzer-error',
        severity: 'blocking',
        found: expect.stringContaining('Statement[0].Resource: The resource ARN account ID is not valid'),
      }),
    )
    expect(iamWrites(world)).toEqual([])

    world.aws.calls.inject({
      operation: 'CheckNoNewAccess',
      times: Number.POSITIVE_INFINITY,
      action: { kind: 'error', status: 403, code: 'AccessDeniedException', message: 'not allowed here' },
    })
    const made = await run({ accessAnalyzer })
    expect(made?.outcome).toBe('enabled')
    expect(made?.findings.filter(({ code }) => code === 'access-analyzer-skipped')).toEqual(
      ['the trust policy', 'the policy podid-needs'].map((name) =>
        expect.objectContaining({
          severity: 'warning',
          found: expect.stringMatching(new RegExp(`whether ${name} would allow more .*not allowed here`)),
        }),
      ),
    )
    // The role is there now: nothing is written, and nothing asked.
    const before = asked().length
    expect((await run({ accessAnalyzer }))?.outcome).toBe('unchanged')
    expect(asked()).toHaveLength(before)
  })
})
