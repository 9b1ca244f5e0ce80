import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type NewObject, resources } from '../../local/kubernetes/store/resources.ts'
import { podIdentityTrust } from '../../local/scenarios/workshop/account.ts'
import { workshop } from '../../local/scenarios/workshop/index.ts'
import type { PostedMessage } from '../../local/slack/index.ts'
import { channel, people, sendHook, stageConfig, startTestStage, type TestStage } from '../support/stage.ts'

const asRequester = { user: people.requester, channel }
const asApprover = { user: people.approver, channel }

let stage: TestStage & AsyncDisposable
beforeAll(async () => {
  stage = await startTestStage((world) => {
    const config = stageConfig(world, { approvals: { timeoutMinutes: 5 } })
    const carts = { ...config.bindings.carts, replace: true, approval: 'required' }
    // Without a workload a run asks for a third of it.
    const { workload: _none, ...batch } = { ...carts, serviceAccount: 'batch' }
    return {
      ...config,
      bindings: { carts, batch },
    }
  })
})
afterAll(() => stage[Symbol.asyncDispose]())

/** A run that waits for approval, of a binding that has no association, and time standing still until `hold` is called. */
const startWaiting = async (binding: 'carts' | 'batch' = 'batch') => {
  const { aws, slack, calls } = stage
  for (const { id } of aws.associations.list(workshop.cluster)) aws.associations.delete(id)
  const earlier = {
    messages: new Set(slack.workspace.messages),
    tokens: new Set(tokensOf()),
    call: calls.calls.at(-1)?.id ?? 0,
  }
  const index = stage.executions().length
  /** Of the messages since then. */
  const until = (fits: (message: PostedMessage) => boolean) =>
    slack.workspace.until((one) => !earlier.messages.has(one) && fits(one))
  await slack.people.command(`enable ${binding}`, asRequester)
  const message = await until((one) => buttonsOf(one).includes('approve'))
  const release = stage.clock.busy()
  let held = true
  const hold = () => {
    if (held) release()
    held = false
  }
  const ended = () => stage.ended(index)
  return {
    message,
    hold,
    until,
    status: () => stage.executions()[index]?.status,
    ended,
    shown: () => slack.workspace.messages.filter((one) => !earlier.messages.has(one) && !one.onlyFor),
    token: () => tokensOf().find((one) => !earlier.tokens.has(one)) ?? '',
    writes: () =>
      calls
        .writes()
        .filter(({ id, service }) => id > earlier.call && (service === 'eks' || service === 'kubernetes')),
    [Symbol.asyncDispose]: async () => {
      hold()
      await ended()
    },
  }
}

const buttonsOf = ({ blocks }: PostedMessage): string[] =>
  blocks.flatMap(({ elements = [] }) => elements.flatMap(({ action_id: id }) => id ?? []))

/** The task tokens that the stage's records hold. */
const tokensOf = (): string[] =>
  [...stage.aws.tables.table('podid-records').items.values()].flatMap(
    ({ document }) => /"token":"([^"]+)"/.exec(document?.S ?? '')?.[1] ?? [],
  )

const textOf = (message: PostedMessage): string => JSON.stringify(message.blocks)

describe('an approval', () => {
  it('is given or declined once, by another person than who asked, however many answer at once, and the run does what it says', async () => {
    await using waiting = await startWaiting()
    const { message, until } = waiting
    expect(textOf(message)).toContain('create an association of carts/batch')
    const toldTo = (user: string) => until(({ onlyFor }) => onlyFor === user)
    await stage.slack.people.click(message, 'approve', { user: people.stranger, channel })
    expect((await toldTo(people.stranger)).text).toContain('no grant in podid.yaml')
    await stage.slack.people.click(message, 'approve', asRequester)
    expect((await toldTo(people.requester)).text).toContain('You requested this run yourself')
    expect(waiting.status()).toBe('RUNNING')

    const before = { ...message }
    await Promise.all(
      [0, 1, 2].flatMap(() => [
        stage.slack.people.click(before, 'approve', asApprover),
        stage.slack.people.click(before, 'decline', asRequester),
      ]),
    )
    waiting.hold()
    const { status } = await waiting.ended()
    const shown = await until(({ text }) => /is associated with|declined by/.test(text))
    expect(shown.ts).toBe(message.ts)
    const approved = status === 'SUCCEEDED'
    expect(buttonsOf(shown)).toEqual(approved ? ['undo'] : [])
    expect(textOf(shown)).toContain(
      approved ? `Approved by <@${people.approver}>` : `Declined by <@${people.requester}>`,
    )
    expect(waiting.shown()).toHaveLength(1)
  })

  /** The plan that the run's message asks about. */
  const planIn = (message: PostedMessage): string => /plan `([0-9a-f]{32})`/.exec(textOf(message))?.[1] ?? ''
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

  it('is for the plan it was asked about: an answer to another one is refused, and another one is not executed', async () => {
    await using waiting = await startWaiting('carts')
    const { message } = waiting
    const toAnother = {
      approval: /approval-([0-9a-f]{32})/.exec(textOf(message))?.[1],
      plan: '0'.repeat(32),
      approved: true,
    }
    expect(await sendHook(stage, 'approval.answer', toAnother)).toMatchObject({
      status: 409,
      body: { error: expect.stringContaining(`waits for an answer to the plan ${planIn(message)}`) },
    })
    expect(waiting.status()).toBe('RUNNING')

    const { id } = associate(stage)
    const uid = remake(stage)
    await stage.slack.people.click(message, 'approve', asApprover)
    waiting.hold()
    const { status, error, cause = '' } = await waiting.ended()
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'Refused' })
    expect(cause).toMatch(
      /the plan has changed since slack:U0APPROVER approved it: approved was create an association of carts\/carts with .*; where there is no association; where deployment\/carts is the object of uid/,
    )
    expect(cause).toContain(`and now it would be point the association ${id} of carts/carts from`)
    expect(cause).toContain(`where deployment/carts is the object of uid ${uid}`)
    expect(waiting.writes()).toEqual([])
  })

  it('cannot be forged, and its task token leaves the table only to Step Functions; that nobody gives it in time is a no, and a late click is answered politely', async () => {
    await using waiting = await startWaiting()
    const { message } = waiting
    const forged = { ...message, blocks: structuredClone(message.blocks) }
    for (const { elements = [] } of forged.blocks)
      for (const element of elements) if (element.value) element.value = 'f'.repeat(32)
    stage.slack.workspace.messages.push({ ...forged, ts: '1.000001' })
    await stage.slack.people.click({ channel, ts: '1.000001' }, 'approve', asApprover)
    const refusal = await waiting.until(({ onlyFor }) => onlyFor === people.approver)
    expect(refusal.text).toContain('no such approval')
    expect(waiting.status()).toBe('RUNNING')

    const token = waiting.token()
    expect(token.length).toBeGreaterThan(20)
    const outside = () =>
      JSON.stringify([
        stage.slack.workspace.messages,
        stage.logged,
        stage.aws.bus.published,
        stage.aws.topics,
      ])
    expect(outside()).not.toContain(token)

    const late = structuredClone(message)
    waiting.hold()
    expect(await waiting.ended()).toMatchObject({ status: 'FAILED', error: 'Declined' })
    expect(waiting.writes()).toEqual([])
    // The click was made on the message as it was before.
    Object.assign(message, { blocks: late.blocks })
    expect(await stage.slack.people.click(message, 'approve', asApprover)).toMatchObject({ status: 200 })
    const reply = await waiting.until((one) => one.onlyFor === people.approver && one !== refusal)
    expect(reply.text).toContain('Too late')
    expect(outside()).not.toContain(token)
  })
})
