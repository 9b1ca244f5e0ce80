import { describe, expect, it } from 'vitest'
import { type NewObject, resources } from '../../local/kubernetes/store/resources.ts'
import { podIdentityTrust } from '../../local/scenarios/workshop/account.ts'
import { workshop } from '../../local/scenarios/workshop/index.ts'
import type { PostedMessage } from '../../local/slack/index.ts'
import { channel, people, sendHook, stageConfig, startTestStage, type TestStage } from '../support/stage.ts'

const asRequester = { user: people.requester, channel }
const asApprover = { user: people.approver, channel }

/** A stage whose binding needs approval, with a run that waits for it, and time standing still until `hold` is called. */
const startWaiting = async (change: Record<string, unknown> = {}, binding: Record<string, unknown> = {}) => {
  const stage = await startTestStage((world) => {
    const config = stageConfig(world, change)
    return { ...config, bindings: { carts: { ...config.bindings.carts, ...binding, approval: 'required' } } }
  })
  await stage.slack.people.command('enable carts', asRequester)
  const message = await stage.slack.workspace.until((one) => buttonsOf(one).includes('approve'))
  return {
    stage,
    message,
    hold: stage.clock.busy(),
    [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose](),
  }
}

const buttonsOf = ({ blocks }: PostedMessage): string[] =>
  blocks.flatMap(({ elements = [] }) => elements.flatMap(({ action_id: id }) => id ?? []))

/** The task tokens that the stage's records hold. */
const tokensOf = ({ aws }: TestStage): string[] =>
  [...aws.tables.table('podid-records').items.values()].flatMap(
    ({ document }) => /"token":"([^"]+)"/.exec(document?.S ?? '')?.[1] ?? [],
  )

const textOf = (message: PostedMessage): string => JSON.stringify(message.blocks)

const writes = ({ calls }: TestStage) =>
  calls.writes().filter(({ service }) => service === 'eks' || service === 'kubernetes')

describe('an approval', () => {
  it('is given once, by another person than who asked, and lets the run go on', async () => {
    await using waiting = await startWaiting()
    const { stage, message, hold } = waiting
    expect(textOf(message)).toContain('create an association of carts/carts')
    const toldTo = (user: string) => stage.slack.workspace.until(({ onlyFor }) => onlyFor === user)
    await stage.slack.people.click(message, 'approve', { user: people.stranger, channel })
    expect((await toldTo(people.stranger)).text).toContain('no grant in podid.yaml')
    await stage.slack.people.click(message, 'approve', asRequester)
    expect((await toldTo(people.requester)).text).toContain('You requested this run yourself')
    expect(stage.executions()[0]?.status).toBe('RUNNING')

    const before = { ...message }
    await Promise.all(
      Array.from({ length: 5 }, () => stage.slack.people.click(before, 'approve', asApprover)),
    )
    hold()
    expect((await stage.ended()).status).toBe('SUCCEEDED')
    const shown = await stage.slack.workspace.until(({ text }) => text.includes('runs with the credentials'))
    expect(shown.ts).toBe(message.ts)
    expect(buttonsOf(shown)).toEqual(['undo'])
    expect(textOf(shown)).toContain(`Approved by <@${people.approver}>`)
    expect(stage.slack.workspace.messages.filter(({ onlyFor }) => !onlyFor)).toHaveLength(1)
  })

  /** The plan that the run's message asks about. */
  const planIn = (message: PostedMessage): string => /plan `([0-9a-f]{32})`/.exec(textOf(message))?.[1] ?? ''
  const byWebhook = (stage: TestStage, message: PostedMessage, plan: string) =>
    sendHook(stage, 'approval.answer', {
      approval: /approval-([0-9a-f]{32})/.exec(textOf(message))?.[1],
      plan,
      approved: true,
    })
  const bySlack = (stage: TestStage, message: PostedMessage) =>
    stage.slack.people.click(message, 'approve', asApprover)
  const remake = ({ cluster: { store } }: TestStage) => {
    const { spec } = store.read(resources.deployments, 'carts', 'carts')
    store.delete(resources.deployments, 'carts', 'carts', { propagation: 'Background' })
    store.create(resources.deployments, {
      metadata: { name: 'carts', namespace: 'carts' },
      spec,
    } as NewObject)
    return store.read(resources.deployments, 'carts', 'carts').metadata.uid
  }
  const associate = ({ aws }: TestStage) => {
    const { arn } = aws.state.addRole({ name: 'somebody-elses', trust: podIdentityTrust })
    return aws.state.addAssociation({
      clusterName: workshop.cluster,
      namespace: 'carts',
      serviceAccount: 'carts',
      roleArn: arn,
    })
  }

  it.each([
    ['Slack', bySlack],
    ['the webhook', (stage: TestStage, message: PostedMessage) => byWebhook(stage, message, planIn(message))],
  ])(
    'given through %s is for the plan it was asked about: another one is not executed',
    async (_way, approve) => {
      await using waiting = await startWaiting({}, { replace: true })
      const { stage, message, hold } = waiting
      const { id } = associate(stage)
      const uid = remake(stage)
      const before = writes(stage).length
      await approve(stage, message)
      hold()
      const { status, error, cause = '' } = await stage.ended()
      expect({ status, error }).toEqual({ status: 'FAILED', error: 'Refused' })
      expect(cause).toMatch(
        /the plan has changed since (slack:U0APPROVER|caller:local) approved it: approved was create an association of carts\/carts with .*; where there is no association; where deployment\/carts is the object of uid/,
      )
      expect(cause).toContain(`and now it would be point the association ${id} of carts/carts from`)
      expect(cause).toContain(`where deployment/carts is the object of uid ${uid}`)
      expect(writes(stage).slice(before)).toEqual([])
    },
  )

  it('through the webhook names its plan: another one and none are refused, and the right one lets the run go on', async () => {
    await using waiting = await startWaiting()
    const { stage, message, hold } = waiting
    expect(await byWebhook(stage, message, '0'.repeat(32))).toMatchObject({
      status: 409,
      body: { error: expect.stringContaining(`waits for an answer to the plan ${planIn(message)}`) },
    })
    expect(stage.executions()[0]?.status).toBe('RUNNING')
    expect(await byWebhook(stage, message, planIn(message))).toMatchObject({ status: 200 })
    hold()
    expect((await stage.ended()).status).toBe('SUCCEEDED')
  })

  it('by the hand of who has the token, without a plan, approves none', async () => {
    await using waiting = await startWaiting()
    const { stage, hold } = waiting
    const [token] = tokensOf(stage)
    stage.aws.stateMachines.callbacks.succeed(token ?? '', {})
    hold()
    expect(await stage.ended()).toMatchObject({
      error: 'Refused',
      cause: expect.stringContaining('the answer approves no plan'),
    })
    expect(writes(stage)).toEqual([])
  })

  it('declined ends the run, and nothing was changed', async () => {
    await using waiting = await startWaiting()
    const { stage, message, hold } = waiting
    await stage.slack.people.click(message, 'decline', asApprover)
    hold()
    expect(await stage.ended()).toMatchObject({ status: 'FAILED', error: 'Declined' })
    expect(writes(stage)).toEqual([])
    const shown = await stage.slack.workspace.until(({ text }) => text.includes('declined by'))
    expect(buttonsOf(shown)).toEqual([])
  })

  it('given and declined at the same moment is one answer, and the run does what it says', async () => {
    await using waiting = await startWaiting()
    const { stage, message, hold } = waiting
    const before = { ...message }
    await Promise.all(
      [0, 1, 2].flatMap(() => [
        stage.slack.people.click(before, 'approve', asApprover),
        stage.slack.people.click(before, 'decline', asRequester),
      ]),
    )
    hold()
    const { status } = await stage.ended()
    const shown = await stage.slack.workspace.until(({ text }) => /runs with|declined by/.test(text))
    const answer =
      status === 'SUCCEEDED' ? `Approved by <@${people.approver}>` : `Declined by <@${people.requester}>`
    expect(textOf(shown)).toContain(answer)
  })

  it('that nobody gives in time is a no, and a late click is answered politely', async () => {
    await using waiting = await startWaiting({ approvals: { timeoutMinutes: 5 } })
    const { stage, message, hold } = waiting
    const late = structuredClone(message)
    hold()
    expect(await stage.ended()).toMatchObject({ status: 'FAILED', error: 'Declined' })
    expect(writes(stage)).toEqual([])
    // The click was made on the message as it was before.
    Object.assign(message, { blocks: late.blocks })
    expect(await stage.slack.people.click(message, 'approve', asApprover)).toMatchObject({ status: 200 })
    const reply = await stage.slack.workspace.until(({ onlyFor }) => onlyFor === people.approver)
    expect(reply.text).toContain('Too late')
  })

  it('cannot be forged, and its task token leaves the table only to Step Functions', async () => {
    await using waiting = await startWaiting()
    const { stage, message, hold } = waiting
    const forged = { ...message, blocks: structuredClone(message.blocks) }
    for (const { elements = [] } of forged.blocks)
      for (const element of elements) if (element.value) element.value = 'f'.repeat(32)
    stage.slack.workspace.messages.push({ ...forged, ts: '1.000001' })
    await stage.slack.people.click({ channel, ts: '1.000001' }, 'approve', asApprover)
    const reply = await stage.slack.workspace.until(({ onlyFor }) => onlyFor === people.approver)
    expect(reply.text).toContain('no such approval')
    expect(stage.executions()[0]?.status).toBe('RUNNING')

    const [token] = tokensOf(stage)
    expect(token?.length).toBeGreaterThan(20)
    const outside = JSON.stringify([
      stage.slack.workspace.messages,
      stage.logged,
      stage.aws.bus.published,
      stage.aws.topics,
    ])
    expect(outside).not.toContain(token)
    await stage.slack.people.click(message, 'decline', asApprover)
    hold()
    await stage.ended()
  })
})
