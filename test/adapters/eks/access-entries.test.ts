import { afterEach, beforeEach, expect, it } from 'vitest'
import { eks } from '../../../adapters/eks/eks.ts'
import { type AwsStandIn, startAws } from '../../../local/aws/index.ts'
import { virtualClock } from '../../../local/clock.ts'

const clusterName = 'shop'
const always = Number.POSITIVE_INFINITY

let aws: AwsStandIn
/** Two roles of podid. */
let entries: { principalArn: string; kubernetesGroups: string[] }[]
beforeEach(async () => {
  aws = await startAws()
  aws.state.addCluster({ name: clusterName })
  const trust = { Version: '2012-10-17', Statement: [] }
  entries = ['reader', 'writer'].map((name) => ({
    principalArn: aws.state.addRole({ name, trust }).arn,
    kubernetesGroups: ['podid'],
  }))
})
afterEach(() => aws.close())

/** Makes both entries in the name of a run: whether each is the run's. */
const make = async (run: string): Promise<boolean[]> => {
  const { createAccessEntry } = eks(
    {
      aws: { endpoint: aws.url, credentials: async () => aws.credentials },
      clock: virtualClock(),
      log: { info: () => {}, warn: () => {}, error: () => {} },
      progress: () => {},
    },
    aws.region,
  )
  const made: boolean[] = []
  for (const entry of entries) made.push(await createAccessEntry(clusterName, entry, run))
  return made
}

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
