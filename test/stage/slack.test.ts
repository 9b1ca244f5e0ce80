import { describe, expect, it } from 'vitest'
import { isReady } from '../../core/workload/readiness.ts'
import type { PostedMessage } from '../../local/slack/index.ts'
import { cartsPods } from '../support/run.ts'
import { channel, holdFromStart, people, startTestStage } from '../support/stage.ts'

const textOf = ({ blocks }: PostedMessage): string =>
  blocks
    .flatMap(({ text, elements = [] }) => [
      text?.text,
      ...elements.map((element) => JSON.stringify(element.text)),
    ])
    .join('\n')

const asRequester = { user: people.requester, channel }

describe('a run asked for in Slack', () => {
  it('heals carts once however often the command arrives, is shown in one message, and is undone by its button', async () => {
    // Slow enough for the message to be brought up to date while the run is under way.
    await using stage = await startTestStage(undefined, {
      pace: { propagationMs: [700], readyAfterMs: 2500 },
    })
    const { slack } = stage
    const letGo = holdFromStart(stage)
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        slack.people.command('enable carts', { ...asRequester, triggerId: 'the-same' }),
      ),
    )
    // Another person's, while it runs: that run would get in its way.
    const other = await slack.people.command('enable carts', { user: people.approver, channel })
    letGo()
    expect(other.body.text).toContain('Another run is at work on that already')
    expect(new Set(answers.map(({ body }) => body.text)).size).toBe(1)
    const [answer] = answers
    expect(answer).toMatchObject({ status: 200, body: { response_type: 'ephemeral' } })
    expect(answer?.body.text).toMatch(/^On it: enable carts\. The run is `slack-eks-workshop-carts-/)
    const run = await stage.ended()
    expect(run.status).toBe('SUCCEEDED')
    expect(cartsPods(stage).map(isReady)).toEqual([true])

    const message = await slack.workspace.until(({ text }) => text.includes('runs with the credentials'))
    expect(slack.workspace.messages).toEqual([message])
    expect(message.channel).toBe(channel)
    // A replay after the run has ended.
    await slack.people.command('enable carts', { ...asRequester, triggerId: 'the-same' })
    expect(stage.executions()).toHaveLength(1)
    const creations = stage.calls.calls.filter(
      ({ operation }) => operation === 'CreatePodIdentityAssociation',
    )
    expect(creations).toHaveLength(1)
    expect(message.updates).toBeGreaterThan(1)
    const text = textOf(message)
    for (const shown of [
      `requested by <@${people.requester}>`,
      '✔ *Agent*',
      'deployment "carts" successfully rolled out',
      'restarted deployment/carts',
    ])
      expect(text).toContain(shown)

    expect(await slack.people.click(message, 'undo', { user: people.stranger })).toMatchObject({
      status: 200,
    })
    const refusal = await slack.workspace.until(({ onlyFor }) => onlyFor === people.stranger)
    expect(refusal.text).toContain('there is no run')
    expect(stage.executions()).toHaveLength(1)

    await slack.people.click(message, 'undo', asRequester)
    const undone = await stage.ended(1)
    expect(JSON.parse(undone.output ?? '{}')).toMatchObject({ outcome: 'undone' })
    expect([...stage.aws.associations.list('eks-workshop')]).toEqual([])
    const second = await slack.workspace.until(({ text }) =>
      text.includes('what the run changed is put back'),
    )
    expect(textOf(second)).toContain('Undo carts/carts on eks-workshop')
    // The first run's message says so, and has no button any more for what is done.
    await slack.workspace.until((one) => one === message && textOf(one).includes('undone by the run'))
    expect(JSON.stringify(message.blocks)).not.toContain('"action_id"')
  })

  it('says what it would do, says its status, and refuses with reasons', async () => {
    await using stage = await startTestStage()
    const { slack } = stage
    const said = async (text: string, user: string) =>
      (await slack.people.command(text, { user, channel })).body.text
    expect(await said('plan carts', people.member)).toContain('On it: plan carts')
    const planned = await stage.ended()
    expect(JSON.parse(planned.output ?? '{}')).toMatchObject({ outcome: 'planned' })
    expect(
      stage.calls.writes().filter(({ service }) => service === 'eks' || service === 'kubernetes'),
    ).toEqual([])
    const message = await slack.workspace.until(({ text }) => text.includes('changes to make'))
    expect(textOf(message)).toContain('*To change*')

    expect(await said(`status ${planned.name}`, people.member)).toContain('*succeeded*')
    expect(await said('status', people.stranger)).toBe('There are no runs that you may see.')
    const refusals: [text: string, user: string, why: string][] = [
      ['enable carts', people.member, 'no grant in podid.yaml lets you enable on eks-workshop'],
      ['enable carts', people.stranger, 'no grant in podid.yaml'],
      ['enable carts on other', people.requester, 'does not allow it on other'],
      ['enable nothing', people.requester, 'there is no binding nothing'],
      ['plan crats', people.requester, 'there is no binding crats in podid.yaml; did you mean carts?'],
      ['undo cart', people.requester, 'you may undo; did you mean the binding carts?'],
      [`undo ${planned.name}`, people.requester, 'left nothing to undo'],
      ['undo carts', people.requester, 'has not run on eks-workshop yet'],
      [`status ${planned.name}`, people.stranger, 'there is no run'],
      ['enabel carts', people.requester, 'did you mean enable? `/'],
      ['enable', people.requester, 'enable what?'],
      [
        'finish carts',
        people.requester,
        'carts has no migration to finish: its binding in podid.yaml says no migrate',
      ],
      ['finish carts', people.member, 'no grant in podid.yaml lets you enable'],
    ]
    for (const [text, user, why] of refusals) expect(await said(text, user)).toContain(why)
    expect(await said('', people.member)).toContain('• `carts` on `eks-workshop`: plan')
    expect(stage.executions()).toHaveLength(1)
  })
})
