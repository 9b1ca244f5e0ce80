import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eks } from '../../../adapters/eks/eks.ts'
import type { AwsStandIn } from '../../../local/aws/index.ts'
import { virtualClock } from '../../../local/clock.ts'
import { podIdentityTrust } from '../../../local/scenarios/workshop/account.ts'
import { quietRuntime } from '../../support/servers/quiet-runtime.ts'
import { startTestAws } from '../../support/servers/small-pages.ts'

const clusterName = 'shop'
const always = Number.POSITIVE_INFINITY

let aws: AwsStandIn
/** Two roles of podid. */
let entries: { principalArn: string; kubernetesGroups: string[] }[]
beforeEach(async () => {
  aws = await startTestAws()
  aws.state.addCluster({ name: clusterName })
  const trust = { Version: '2012-10-17', Statement: [] }
  entries = ['reader', 'writer'].map((name) => ({
    principalArn: aws.state.addRole({ name, trust }).arn,
    kubernetesGroups: ['podid'],
  }))
})
afterEach(() => aws.close())

const adapter = () =>
  eks(quietRuntime(aws.url, { credentials: aws.credentials, clock: virtualClock() }), aws.region)

/** Makes both entries in the name of a run: whether each is the run's. */
const make = async (run: string): Promise<boolean[]> => {
  const { createAccessEntry } = adapter()
  const made: boolean[] = []
  for (const entry of entries) made.push(await createAccessEntry(clusterName, entry, run))
  return made
}

describe('access entries', () => {
  it('are one request of a run however often it is made, and need no look', async () => {
    aws.calls.inject({
      operation: 'DescribeAccessEntry',
      times: always,
      action: { kind: 'error', status: 404, code: 'ResourceNotFoundException' },
    })
    expect(await make('run-1')).toEqual([true, true])
    expect(await make('run-1')).toEqual([true, true])
  })

  it('are another run’s where they bear its tag, and nobody’s without one', async () => {
    await make('run-1')
    expect(await make('run-2')).toEqual([false, false])
  })

  it('are not taken for somebody else’s where EKS answers that there is one and shows none', async () => {
    await make('run-1')
    aws.calls.inject({
      operation: 'DescribeAccessEntry',
      times: always,
      action: { kind: 'error', status: 404, code: 'ResourceNotFoundException' },
    })
    await expect(make('run-2')).rejects.toMatchObject({
      name: 'NotShown',
      message: expect.stringContaining('EKS answers that there is one, and does not show it yet'),
    })
  })
})

describe('a write that a run makes again, since the answer to the first was lost', () => {
  const wanted = () => ({
    cluster: clusterName,
    region: aws.region,
    namespace: 'carts',
    serviceAccount: 'carts',
    role: role('carts'),
    sessionTags: true,
    replace: false,
  })
  const role = (name: string) => aws.state.addRole({ name, trust: podIdentityTrust }).arn

  it('creates one association, and another run’s request is another', async () => {
    const request = wanted()
    const first = await adapter().createAssociation(request, 'run-1')
    expect(await adapter().createAssociation(request, 'run-1')).toEqual(first)
    await expect(adapter().createAssociation(request, 'run-2')).rejects.toMatchObject({ name: 'Conflict' })
  })

  it('points an association once, and overwrites nothing that somebody has written since', async () => {
    const { id } = await adapter().createAssociation(wanted(), 'run-1')
    const to = (roleArn: string) => ({
      id,
      roleArn,
      targetRoleArn: null,
      disableSessionTags: false,
      policy: null,
    })
    const [ours, theirs] = [to(role('ours')), to(role('theirs'))]
    await adapter().repointAssociation(clusterName, ours, 'run-2')
    await adapter().repointAssociation(clusterName, theirs, 'somebody')
    await adapter().repointAssociation(clusterName, ours, 'run-2')
    expect(await adapter().describeAssociation(clusterName, id)).toMatchObject({ role: theirs.roleArn })
  })

  it('installs one add-on, and another run’s request is another', async () => {
    await adapter().createAgentAddon(clusterName, 'run-1')
    await adapter().createAgentAddon(clusterName, 'run-1')
    await expect(adapter().createAgentAddon(clusterName, 'run-2')).rejects.toMatchObject({ name: 'Conflict' })
  })
})
