import { expect, it } from 'vitest'
import { roleArn, tableArn, workshop } from '../../../local/scenarios/workshop/account.ts'
import { startWorkshop, type Workshop } from '../../support/run.ts'

const document = (statement: object) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', ...statement }],
})
const onTable = ({ aws }: Workshop) => document({ Action: 'dynamodb:*', Resource: tableArn(aws.state) })

it('judges the needs by a session policy, that of the association or of the request, and by a target role of the account', async () => {
  await using world = await startWorkshop()
  const target = world.aws.state.addRole({
    name: 'target',
    trust: document({
      Principal: { AWS: roleArn(world.aws.state) },
      Action: ['sts:AssumeRole', 'sts:TagSession'],
    }),
    // The table, and not its index.
    inline: { table: onTable(world) },
  }).arn
  const narrow = { sessionTags: false, sessionPolicy: onTable(world) }
  const asked = await world.enable({ mode: 'plan', targetRole: target, ...narrow })
  const blocked = asked.report?.findings.find(({ code }) => code === 'permission-session-policy-blocks')
  expect(blocked?.remedy).toEqual({ advice: expect.stringContaining('sessionPolicy of the request') })
  const onRoles = asked.report?.findings.filter(({ subject }) => subject.startsWith('role target'))
  expect(onRoles?.map(({ code }) => code)).toContain('permission-missing')

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
