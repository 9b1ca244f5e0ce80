import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { workshopBinding } from '../../local/scenarios/workshop/binding.ts'
import { stageConfig, startTestStage, type TestStage } from '../support/stage.ts'

/** Takes connections and never says a word. */
const silentServer = async () => {
  const sockets = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    endpoint: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => sockets.size,
    [Symbol.dispose]: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

const detailsOf = (stage: TestStage, type: string) =>
  stage.aws.bus.published
    .filter((event) => event['detail-type'] === type)
    .map(({ detail }) => detail as { cluster: string; binding?: string; findings: { found: string }[] })

const lines = (stage: TestStage): Record<string, unknown>[] =>
  stage.logged.map((line) => JSON.parse(line)).filter(({ message }) => message === 'Sweep')

describe('a sweep of many bindings', () => {
  it('passes a cluster that EKS does not describe and one that does not answer, and says which', async () => {
    using silent = await silentServer()
    const names = Array.from({ length: 6 }, (_, index) => `carts-${index}`)
    await using stage = await startTestStage((world) =>
      stageConfig(world, {
        bindings: Object.fromEntries(
          names.map((serviceAccount) => {
            const { workload: _none, ...binding } = workshopBinding(world)
            return [serviceAccount, { ...binding, serviceAccount, cluster: '*' }]
          }),
        ),
      }),
    )
    const { aws } = stage
    aws.state.addCluster({ name: 'a-broken' })
    const certificateAuthority = aws.state.clusters.get('eks-workshop')?.certificateAuthority ?? ''
    aws.state.addCluster({ name: 'b-hanging', endpoint: silent.endpoint, certificateAuthority })
    aws.calls.inject({
      operation: 'DescribeCluster',
      subject: 'a-broken',
      times: 100,
      action: { kind: 'error', status: 403, code: 'AccessDeniedException', message: 'no' },
    })
    stage.integrations.sweep()
    stage.integrations.sweep()
    await expect.poll(() => lines(stage)).toHaveLength(2)
    const [atWork, swept] = lines(stage).toSorted((one) => (one.atWork ? -1 : 1))
    // One at a time.
    expect(atWork).toMatchObject({ checked: 0, atWork: expect.any(String) })
    expect(swept).toMatchObject({
      checked: names.length,
      drifted: names.length,
      left: 0,
      failed: 0,
      notChecked: expect.arrayContaining(['us-west-2/a-broken', 'us-west-2/b-hanging']),
      notCheckedCount: 2,
    })
    expect(silent.connections()).toBe(1)
    // By the call that also says whether it is active, and where.
    const described = aws.calls.calls.filter(({ operation }) => operation === 'DescribeCluster')
    expect(described.filter(({ subject }) => subject === 'eks-workshop')).toHaveLength(1)
    expect(new Set(detailsOf(stage, 'Drift Found').map(({ cluster }) => cluster))).toEqual(
      new Set(['eks-workshop']),
    )
    const told = detailsOf(stage, 'Cluster Not Checked')
    expect(told.map(({ cluster }) => cluster).sort()).toEqual(['a-broken', 'b-hanging'])
    const hanging = told.find(({ cluster }) => cluster === 'b-hanging')
    expect(hanging?.findings[0]?.found).toContain('no answer')
    const message = await stage.slack.workspace.until(({ text }) => text.includes('could not be checked'))
    expect(message.channel).toBe('C0PODID')
  })
})
