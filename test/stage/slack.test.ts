import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isReady } from '../../core/workload/readiness.ts'
import { irsaAnnotation } from '../../core/workload/workload.ts'
import { resources } from '../../local/kubernetes/store/resources.ts'
import { workshopBinding } from '../../local/scenarios/workshop/binding.ts'
import { workshop } from '../../local/scenarios/workshop/index.ts'
import type { PostedMessage } from '../../local/slack/index.ts'
import { cartsPods } from '../support/run.ts'
import {
  channel,
  holdFromStart,
  people,
  stageConfig,
  startTestStage,
  type TestStage,
} from '../support/stage.ts'

const textOf = ({ blocks }: PostedMessage): string =>
  blocks
    .flatMap(({ text, elements = [] }) => [
      text?.text,
      ...elements.map((element) => JSON.stringify(element.text)),
    ])
    .join('\n')

const asRequester = { user: people.requester, channel }

let stage: TestStage & AsyncDisposable
beforeAll(async () => {
  stage = await startTestStage(
    (world) => {
      const migrating = { migrate: 'irsa', manageTrust: true, removeOidcTrust: true }
      const { workload: _none, ...batch } = {
        ...workshopBinding(world),
        serviceAccount: 'batch',
        manageTrust: true,
      }
      return stageConfig(world, { bindings: { carts: { ...workshopBinding(world), ...migrating }, batch } })
    },
    // Slow enough for the message to be brought up to date while the run is under way.
    { scenario: 'from-irsa', pace: { propagationMs: [700], readyAfterMs: 2500 } },
  )
})
afterAll(() => stage[Symbol.asyncDispose]())

/** Whether the annotation and the OIDC statement of IRSA are there. */
const irsa = () => [
  stage.cluster.store.get(resources.serviceaccounts, workshop.namespace, workshop.serviceAccount)?.metadata
    .annotations?.[irsaAnnotation] !== undefined,
  stage.aws.state.roles.get(workshop.role)?.trust.includes('oidc-provider'),
]

describe('a run asked for in Slack', () => {
  it('moves carts once however often the command arrives, is shown in one message, is finished, and that is undone by its button', async () => {
    const { slack } = stage
    const letGo = holdFromStart(stage)
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
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
    expect(cartsPods(stage).map(isReady)).toEqual([true, true])

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
    expect(irsa()).toEqual([true, true])
    const text = textOf(message)
    for (const shown of [
      `requested by <@${people.requester}>`,
      '✔ *Agent*',
      'deployment "carts" successfully rolled out',
      'restarted deployment/carts',
    ])
      expect(text).toContain(shown)

    // Until IRSA's tokens are used no more.
    await stage.clock.sleep(300_000)
    expect((await slack.people.command('finish carts', asRequester)).body.text).toContain('On it: finish')
    expect((await stage.ended(1)).status).toBe('SUCCEEDED')
    expect(irsa()).toEqual([false, false])
    const finished = await slack.workspace.until(
      (one) => one !== message && JSON.stringify(one.blocks).includes('"undo"'),
    )
    expect(await slack.people.click(finished, 'undo', { user: people.stranger })).toMatchObject({
      status: 200,
    })
    const refusal = await slack.workspace.until(({ onlyFor }) => onlyFor === people.stranger)
    expect(refusal.text).toContain('there is no run')
    expect(stage.executions()).toHaveLength(2)

    await slack.people.click(finished, 'undo', asRequester)
    const undone = await stage.ended(2)
    expect(JSON.parse(undone.output ?? '{}')).toMatchObject({ outcome: 'undone' })
    expect(irsa()).toEqual([true, true])
    const second = await slack.workspace.until(({ text }) => text.includes('is as it was before'))
    expect(textOf(second)).toContain('Undo carts/carts on eks-workshop')
    // The message of what was undone says so, and has no button any more for what is done.
    await slack.workspace.until((one) => one === finished && textOf(one).includes('undone by the run'))
    expect(JSON.stringify(finished.blocks)).not.toContain('"action_id"')
  })

  it('says what it would do, says its status, and refuses with reasons', async () => {
    const { slack } = stage
    const writes = () =>
      stage.calls.writes().filter(({ service }) => service === 'eks' || service === 'kubernetes')
    const said = async (text: string, user: string) =>
      (await slack.people.command(text, { user, channel })).body.text
    const before = [stage.executions().length, writes().length]
    expect(await said('plan batch', people.member)).toContain('On it: plan batch')
    const planned = await stage.ended(before[0])
    expect(JSON.parse(planned.output ?? '{}')).toMatchObject({ outcome: 'planned' })
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
      ['undo batch', people.requester, 'has had no run on eks-workshop yet, but for plans'],
      [`status ${planned.name}`, people.stranger, 'there is no run'],
      ['enabel carts', people.requester, 'did you mean enable? `/'],
      ['enable', people.requester, 'enable what?'],
      [
        'finish batch',
        people.requester,
        'batch has no migration to finish: its binding in podid.yaml says no migrate',
      ],
      ['finish batch', people.member, 'no grant in podid.yaml lets you enable'],
    ]
    for (const [text, user, why] of refusals) expect(await said(text, user)).toContain(why)
    expect(await said('', people.member)).toContain('• `carts` on `eks-workshop`: plan')
    expect([stage.executions().length - 1, writes().length]).toEqual(before)
  })
})
