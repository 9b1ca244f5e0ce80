import { DescribeMapRunCommand, paginateListExecutions, paginateListMapRuns } from '@aws-sdk/client-sfn'
import { describe, expect, it } from 'vitest'
import { actions } from '../../core/config.ts'
import { scenarios } from '../../local/scenarios/index.ts'
import { podIdentityTrust } from '../../local/scenarios/workshop/account.ts'
import type { PostedMessage } from '../../local/slack/index.ts'
import { startStage } from '../../stage/stage.ts'
import { clientsOf } from '../local/aws/support.ts'
import { startTestWorld } from '../support/servers/small-pages.ts'
import { channel, people } from '../support/stage.ts'

const buttonsOf = ({ blocks }: PostedMessage): string[] =>
  blocks.flatMap(({ elements = [] }) =>
    elements.flatMap(({ action_id: id, value }) => (id ? [`${id} ${value}`] : [])),
  )
const textOf = (message: PostedMessage): string => JSON.stringify(message.blocks)

/** The fleet of `podid local --scenario fleet`, with its drafted bindings: the role of shop-green's search trusts no pods. */
const startFleet = async () => {
  const world = await startTestWorld(scenarios.fleet as NonNullable<typeof scenarios.fleet>, {
    time: 'jump',
    pace: { propagationMs: [700, 500] },
  })
  const { aws } = world
  for (const name of ['shop-blue-orders', 'shop-green-orders']) {
    const role = aws.state.roles.get(name)
    // Beside what IRSA needs, which an undo leads back to.
    const trust = JSON.parse(role?.trust ?? '{}') as typeof podIdentityTrust
    if (role)
      role.trust = JSON.stringify({
        ...trust,
        Statement: [...trust.Statement, ...podIdentityTrust.Statement],
      })
  }
  // Without a workload a run asks for a third of it.
  const binding = (cluster: string, name: string, role: string) => ({
    cluster,
    namespace: 'shop',
    serviceAccount: name,
    role: `arn:aws:iam::${aws.account}:role/${role}`,
  })
  const config = {
    account: aws.account,
    region: aws.region,
    bindings: {
      // In force already, as only who has a workload may be.
      etl: { ...binding('data', 'etl', 'data-etl'), workload: 'deployment/etl' },
      'orders-green': binding('shop-green', 'orders', 'shop-green-orders'),
      'orders-blue': binding('shop-blue', 'orders', 'shop-blue-orders'),
      search: binding('shop-green', 'search', 'shop-blue-payments'),
    },
    rollout: { approval: 'required' },
    access: [
      { users: [people.requester, people.approver], may: [...actions] },
      { users: [people.member], may: ['rollout'], clusters: ['shop-*'] },
    ],
    channels: { slack: { channel: 'C0PODID' } },
  }
  const stage = await startStage({ world, config, log: { info: () => {}, warn: () => {}, error: () => {} } })
  return {
    ...world,
    ...stage,
    [Symbol.asyncDispose]: async () => {
      await stage.close()
      await world.close()
    },
  }
}

describe('a rollout in Slack', () => {
  it('goes wave by wave with a gate between, stops at a failing one, and a wave of it is undone, whatever AWS throttles', async () => {
    await using fleet = await startFleet()
    const { slack, aws, rolloutMachineArn } = fleet
    // Two runs of a wave at once ask for more of each in one moment than its bucket holds.
    aws.calls.limit({ service: 'states', operations: ['StartExecution'], burst: 1, perSecond: 1 })
    aws.calls.limit({ service: 'eks', burst: 4, perSecond: 4 })
    aws.calls.limit({ service: 'iam', burst: 2, perSecond: 4 })
    const told = async (user: string) => (await slack.workspace.until(({ onlyFor }) => onlyFor === user)).text
    expect((await slack.people.command('rollout all', { user: people.member, channel })).body.text).toContain(
      'no grant in podid.yaml lets you roll out on data, namespace shop',
    )
    expect(
      (await slack.people.command('rollout all', { user: people.requester, channel })).body.text,
    ).toContain('On it')
    const message = await slack.workspace.until((one) =>
      buttonsOf(one).some((id) => id.startsWith('approve')),
    )
    // A person takes no time here: nothing else is under way, and time would jump to the end of the question's.
    const answered = fleet.clock.busy()
    expect(textOf(message)).toContain('wave 1 of 3: 1 binding on 1 cluster  1 skipped (in force already)')
    expect(textOf(message)).toContain('begin wave 2 of 3: 1 binding on 1 cluster')
    await slack.people.click(message, 'approve', { user: people.requester, channel })
    expect(await told(people.requester)).toContain('You requested this rollout yourself')
    await slack.people.click(message, 'approve', { user: people.approver, channel })
    answered()

    await slack.workspace.until((one) => textOf(one).includes('begin wave 3 of 3'))
    const again = fleet.clock.busy()
    await slack.people.click(message, 'approve', { user: people.approver, channel })
    again()
    const [rollout] = aws.stateMachines.executionsOf(rolloutMachineArn)
    const ended = await aws.stateMachines.closed(rollout?.arn ?? '')
    expect(ended).toMatchObject({ status: 'FAILED', error: 'RolloutFailed' })
    expect(ended.cause).toContain(
      'stopped at wave 3 of 3: 2 bindings on 1 cluster, beyond its tolerance of 0 %',
    )
    const over = await slack.workspace.until((one) => buttonsOf(one).some((id) => id.startsWith('undo')))
    expect(over.ts).toBe(message.ts)
    expect(textOf(over)).toContain('shop-blue-payments')
    // Its runs have no message of their own.
    expect(slack.workspace.messages.filter(({ onlyFor }) => !onlyFor)).toHaveLength(1)

    const { states } = clientsOf(aws)
    const paging = { client: states }
    const mapRuns = []
    for await (const page of paginateListMapRuns(paging, { executionArn: rollout?.arn ?? '' }))
      mapRuns.push(...(page.mapRuns ?? []))
    // The newest comes first.
    const first = mapRuns.at(-1)?.mapRunArn
    expect(await states.send(new DescribeMapRunCommand({ mapRunArn: first }))).toMatchObject({
      status: 'SUCCEEDED',
      itemCounts: { total: 1, succeeded: 1 },
    })
    const executions = []
    for await (const page of paginateListExecutions(paging, { mapRunArn: first }))
      executions.push(...(page.executions ?? []))
    expect(executions).toHaveLength(1)

    const associated = () => aws.associations.list('shop-blue').length
    expect(associated()).toBe(1)
    const undo = await slack.people.command(`undo ${rollout?.name} wave 2`, {
      user: people.requester,
      channel,
    })
    expect(undo.body.text).toContain('On it')
    await slack.workspace.until((one) =>
      textOf(one).includes('1 binding on 1 cluster in 1 wave undone: 1 undone'),
    )
    expect(associated()).toBe(0)
    const status = await slack.people.command(`status ${rollout?.name}`, { user: people.requester, channel })
    expect(status.body.text).toContain('rollout: stopped at wave 3 of 3')
    const refused = new Set([...aws.calls.refused.keys()].map((call) => call.split(' ')[0]))
    expect([...refused].toSorted()).toEqual(['eks', 'iam', 'states'])
  })
})
