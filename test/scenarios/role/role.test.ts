import { describe, expect, it } from 'vitest'
import { roleArn, tableArn, workshop } from '../../../local/scenarios/workshop/account.ts'
import { startWorkshop, type Workshop } from '../../support/run.ts'

const document = (statement: object) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', ...statement }],
})
const onTable = ({ aws }: Workshop) => document({ Action: 'dynamodb:*', Resource: tableArn(aws.state) })

it('narrows the verdict by the session policy that the association has already', async () => {
  await using world = await startWorkshop()
  world.aws.state.addAssociation({
    clusterName: workshop.cluster,
    namespace: workshop.namespace,
    serviceAccount: workshop.serviceAccount,
    roleArn: roleArn(world.aws.state),
    policy: JSON.stringify(onTable(world)),
  })
  const { report } = await world.enable({ mode: 'plan' })
  expect(report?.findings).toContainEqual(
    expect.objectContaining({
      code: 'permission-session-policy-blocks',
      severity: 'blocking',
      found: expect.stringContaining(`${tableArn(world.aws.state)}/index/`),
    }),
  )
  expect(report?.permissions.join('\n')).toContain('not in the session policy')
})

it('gives the association the session policy of the request, checks it before, and undoes it with the run', async () => {
  await using world = await startWorkshop()
  const table = tableArn(world.aws.state)
  const narrow = { sessionTags: false, sessionPolicy: onTable(world) }
  const refused = await world.enable({ mode: 'plan', ...narrow })
  const found = refused.report?.findings.find(({ code }) => code === 'permission-session-policy-blocks')
  expect(found?.remedy).toEqual({ advice: expect.stringContaining('sessionPolicy of the request') })

  const sessionPolicy = document({ Action: 'dynamodb:*', Resource: [table, `${table}/index/*`] })
  const enabled = await world.enable({ sessionTags: false, sessionPolicy })
  expect(enabled.event.type).toBe('run.succeeded')
  expect(enabled.report?.changes.map(({ action }) => action).join('\n')).toContain('a session policy')
  const [association] = world.aws.state.associations.list(workshop.cluster)
  expect(association?.policy).toBe(JSON.stringify(sessionPolicy))
  await world.enable({
    mode: 'undo',
    sessionTags: false,
    sessionPolicy,
    ...(enabled.before && { before: enabled.before }),
  })
  expect(world.aws.state.associations.list(workshop.cluster)).toEqual([])
})

describe('a target role', () => {
  /** A role `target` that trusts the workshop's own, and may use the table and not its index. */
  const addTarget = (world: Workshop) =>
    world.aws.state.addRole({
      name: 'target',
      trust: document({
        Principal: { AWS: roleArn(world.aws.state) },
        Action: ['sts:AssumeRole', 'sts:TagSession'],
      }),
      inline: { table: onTable(world) },
    }).arn

  it('of the same account is read, and the needs are judged by it', async () => {
    await using world = await startWorkshop()
    const { report } = await world.enable({ mode: 'plan', targetRole: addTarget(world) })
    const onRoles = report?.findings.filter(({ subject }) => subject.startsWith('role '))
    expect(onRoles?.map(({ code, subject }) => `${code}: ${subject}`)).toEqual([
      'permission-missing: role target',
    ])
    expect(report?.permissions.join('\n')).toMatch(/^target .*\/index\/\S+ +missing/m)
  })
})
