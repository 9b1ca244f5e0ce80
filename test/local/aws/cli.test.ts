import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AwsStandIn, startAws } from '../../../local/aws/index.ts'
import { needing } from '../../support/command-line.ts'
import { cliEnvironment } from './support.ts'

const { skipped, note } = needing('aws')

// Each process takes half a second of a core, so that there are few of them: the workshop's own commands are in
// test/cli/pages/workshop-page.test.ts, executions and events in test/cli/local.test.ts.
describe.skipIf(skipped)(`the AWS CLI${note}`, () => {
  let aws: AwsStandIn
  beforeAll(async () => {
    aws = await startAws()
    aws.state.addCluster({ name: 'eks-workshop' })
    aws.state.addAccessEntry('eks-workshop', { principalArn: 'arn:aws:iam::123456789012:user/admin' })
  })
  afterAll(() => aws.close())

  const cli = async (command: string): Promise<unknown> => {
    const { stdout } = await promisify(execFile)('aws', [...command.split(' '), '--output', 'json'], {
      env: cliEnvironment(aws),
    })
    return JSON.parse(stdout)
  }

  // The rows of adapters/eks/token.test.ts are what it makes, and eks/kubernetes-identity.test.ts has whom they let in.
  it.runIf(process.env.PODID_EXHAUSTIVE)(
    'makes a token that lets its user into the cluster, and into no other',
    async () => {
      const answer = (await cli('eks get-token --cluster-name eks-workshop')) as { status: { token: string } }
      expect(aws.authenticateToken(answer.status.token, 'eks-workshop')).toMatchObject({
        username: 'arn:aws:iam::123456789012:user/admin',
      })
      aws.state.addCluster({ name: 'other' })
      aws.state.addAccessEntry('other', { principalArn: 'arn:aws:iam::123456789012:user/admin' })
      expect(aws.authenticateToken(answer.status.token, 'other')).toBeUndefined()
    },
  )

  // Without the variable, which podid local prints, the CLI calls the host `sync-127.0.0.1`.
  it('tests states', async () => {
    const definition = '{"QueryLanguage":"JSONata","Type":"Pass","Output":"{%1+1%}","End":true}'
    const answer = await cli(
      `stepfunctions test-state --definition ${definition} --input {} --inspection-level INFO`,
    )
    expect(answer).toMatchObject({ status: 'SUCCEEDED', output: '2' })
  })
})
