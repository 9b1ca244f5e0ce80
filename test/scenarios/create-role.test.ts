import { describe, expect, it } from 'vitest'
import { tableArn, workshop } from '../../local/scenarios/workshop/index.ts'
import { startWorkshop, type Workshop } from '../support/run.ts'

const roles = ({ aws }: Workshop) => aws.state.roles
const made = (world: Workshop) => roles(world).get(workshop.role)
const iamWrites = ({ calls }: Workshop) =>
  calls
    .writes()
    .flatMap(({ service, operation, applied }) => (service === 'iam' && applied ? [operation] : []))

const analyzed = ({ aws }: Workshop) =>
  aws.calls.calls.flatMap(({ service, operation }) => (service === 'access-analyzer' ? [operation] : []))

const boundaryFor = ({ aws }: Workshop, actions: string) =>
  aws.state.addPolicy({
    name: 'limits',
    versions: [{ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] }],
  }).arn

describe('a role that a run makes', () => {
  it('is planned, made for these pods alone, and taken away by an undo; IAM Access Analyzer is asked only where that is wanted', async () => {
    await using world = await startWorkshop({ scenario: 'role-missing' })
    const permissionsBoundary = boundaryFor(world, 'dynamodb:*')
    const change = { createRole: true, permissionsBoundary, accessAnalyzer: true }
    const plan = await world.enable({ ...change, mode: 'plan' })
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
      found: expect.stringMatching(
        /^is to be made: trusts pods\.eks\.amazonaws\.com; 3 needs granted; IAM Access Analyzer finds no new access and no fault in the trust policy and the policy podid-needs$/,
      ),
    })
    expect(analyzed(world).sort()).toEqual([
      ...['CheckNoNewAccess', 'CheckNoNewAccess', 'ValidatePolicy', 'ValidatePolicy'],
    ])
    expect(iamWrites(world)).toEqual([])

    const unanalyzed = world.calls.inject({
      operation: 'CheckNoNewAccess',
      times: Number.POSITIVE_INFINITY,
      action: { kind: 'error', status: 403, code: 'AccessDeniedException', message: 'not allowed here' },
    })
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
    world.calls.inject({
      operation: 'patch deployments',
      action: { kind: 'error', status: 422, code: 'Invalid', message: 'refused' },
    })
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
    const { report } = await world.enable({ createRole: true, ...session })
    expect(policies).toEqual([JSON.stringify(sessionPolicy)])
    expect(report?.changes.map(({ action }) => action).join('\n')).toContain('a session policy')
    expect(world.aws.state.associations.list(workshop.cluster)).toEqual([])
    expect(report).toMatchObject({ outcome: 'failed', undo: { left: [] } })
    expect(
      report?.changes.flatMap(({ kind, state, undone }) => (state === 'done' ? [[kind, undone]] : [])),
    ).toEqual([
      ['role', true],
      ['role-policy', true],
      ['association', true],
    ])
    expect(made(world)).toBeUndefined()
    expect(iamWrites(world)).toEqual(['CreateRole', 'PutRolePolicy', 'DeleteRolePolicy', 'DeleteRole'])
    expect(analyzed(world)).toEqual([])
  })

  it('is refused before anything is touched where it could not be made, would not do, or IAM Access Analyzer speaks against it', async () => {
    await using world = await startWorkshop({ scenario: 'role-missing' })
    const long = Array.from(
      { length: 200 },
      (_, at) => `arn:aws:s3:::bucket-of-long-ago-and-far-away-${at}/*`,
    )
    const good = { actions: ['dynamodb:Query'], resources: [tableArn(world.aws.state)] }
    const mistyped = { ...good, resources: ['arn:aws:dynamodb:us-west-2:12345:table/carts'] }
    const { report } = await world.enable({
      mode: 'plan',
      createRole: true,
      accessAnalyzer: true,
      permissionsBoundary: boundaryFor(world, 's3:*'),
      needs: [good, mistyped, { actions: ['s3:GetObject'], resources: long }],
    })
    const found = (code: string) => report?.findings.find((finding) => finding.code === code)
    expect(found('role-not-makeable')).toMatchObject({ severity: 'blocking' })
    expect(found('permission-boundary-blocks')).toMatchObject({
      severity: 'blocking',
      remedy: { advice: expect.any(String) },
    })
    // There is no role yet that a command could be about.
    expect(found('permission-boundary-blocks')?.remedy?.command).toBeUndefined()
    expect(found('access-analyzer-error')).toMatchObject({
      severity: 'blocking',
      found: expect.stringContaining('The resource ARN account ID is not valid'),
    })
    expect(iamWrites(world)).toEqual([])
  })
})
