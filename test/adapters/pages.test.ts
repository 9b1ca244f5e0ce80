import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { associationsOf } from '../../adapters/eks/associations.ts'
import { clusters } from '../../adapters/eks/clusters.ts'
import { eks } from '../../adapters/eks/eks.ts'
import { nodeRolesOf } from '../../adapters/eks/nodegroups.ts'
import { iam } from '../../adapters/iam/iam.ts'
import { executions } from '../../adapters/step-functions.ts'
import { type AwsStandIn, startAws } from '../../local/aws/index.ts'
import { virtualClock } from '../../local/clock.ts'

const names = ['a', 'b', 'c']
const trust = { Version: '2012-10-17', Statement: [] }
const allow = (Action: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
})

// One thing a page: whoever reads the first page alone sees one of three.
describe('every page is read of', () => {
  let aws: AwsStandIn
  beforeAll(async () => {
    aws = await startAws({ pageSize: 1 })
    for (const name of names) {
      aws.state.addCluster({ name })
      aws.state.addNodegroup('a', { name, roleArn: `arn:aws:iam::${aws.account}:role/node-${name}`, size: 1 })
      aws.state.addPolicy({ name, versions: [allow('s3:*'), allow('sqs:*'), allow('sns:*')] })
    }
    const { arn: roleArn } = aws.state.addRole({
      name: 'carts',
      trust,
      attached: [...aws.state.policies.keys()].filter((arn) => arn.includes(aws.account)),
      inline: Object.fromEntries(names.map((name) => [name, allow('kms:*')])),
    })
    for (const serviceAccount of names)
      aws.state.addAssociation({ clusterName: 'a', namespace: 'carts', serviceAccount, roleArn })
  })
  afterAll(() => aws.close())

  const runtime = () => ({
    aws: { endpoint: aws.url, credentials: async () => aws.credentials },
    clock: virtualClock(),
    log: { info: () => {}, warn: () => {}, error: () => {} },
    progress: () => {},
  })

  it('the clusters of a region', async () => {
    expect(await clusters(runtime(), aws.region).list()).toEqual(names)
  })

  it('the node groups of a cluster', async () => {
    expect([...(await nodeRolesOf(runtime(), aws.region, 'a')).keys()].sort()).toEqual(names)
  })

  it('the associations of a cluster', async () => {
    const found = await associationsOf(runtime(), aws.region, { cluster: 'a' })
    expect(found.map(({ serviceAccount }) => serviceAccount).sort()).toEqual(names)
  })

  it('the associations that an add-on manages', async () => {
    const ownerArn = `arn:aws:eks:${aws.region}:${aws.account}:addon/a/csi/1`
    for (const association of aws.associations.list('a')) Object.assign(association, { ownerArn })
    const key = { cluster: 'a', namespace: 'carts', serviceAccount: 'a' }
    const found = await eks(runtime(), aws.region).findAssociation(key)
    expect(found?.siblings?.map(({ serviceAccount }) => serviceAccount).sort()).toEqual(['b', 'c'])
  })

  it('the policies of a role, and their versions', async () => {
    const { readRole, readOtherVersions } = iam(runtime(), aws.region)
    const role = await readRole('carts')
    expect(role?.policies.map(({ name, kind }) => `${kind} ${name}`).sort()).toEqual([
      ...names.map((name) => `inline ${name}`),
      ...names.map((name) => `managed ${name}`),
    ])
    if (!role) throw new Error('there is no role')
    const managed = (await readOtherVersions(role)).policies.filter(({ kind }) => kind === 'managed')
    expect(managed.map(({ otherVersions }) => otherVersions?.map(({ id }) => id).sort())).toEqual(
      names.map(() => ['v2', 'v3']),
    )
  })

  it('the history of a run', async () => {
    const States = Object.fromEntries(
      names.map((name, at) => [
        name,
        { Type: 'Pass', ...(names[at + 1] ? { Next: names[at + 1] } : { End: true }) },
      ]),
    )
    const { arn } = aws.stateMachines.add({
      name: 'three',
      definition: JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'a', States }),
      task: async () => null,
    })
    const three = executions(runtime(), arn)
    await three.start('run', {})
    await aws.stateMachines.closed(three.arnOf('run'))
    const history = await three.history('run')
    expect(history.map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      ...names.flatMap(() => ['PassStateEntered', 'PassStateExited']),
      'ExecutionSucceeded',
    ])
  })
})
