import { expect, it } from 'vitest'
import { irsaAnnotation } from '../../core/workload/workload.ts'
import { resources } from '../../local/kubernetes/store/resources.ts'
import { workshopBinding } from '../../local/scenarios/workshop/binding.ts'
import { workshop } from '../../local/scenarios/workshop/index.ts'
import { channel, people, sendHook, stageConfig, startTestStage } from '../support/stage.ts'

it('a migration is begun and finished from Slack, undone, and finished through the webhook', async () => {
  await using stage = await startTestStage(
    (world) =>
      stageConfig(world, {
        bindings: {
          carts: { ...workshopBinding(world), migrate: 'irsa', manageTrust: true, removeOidcTrust: true },
        },
      }),
    { scenario: 'from-irsa' },
  )
  const { cluster, aws, slack, clock } = stage
  const say = async (text: string) => {
    const { body } = await slack.people.command(text, { user: people.requester, channel })
    expect(body.text).toContain('On it')
    const closed = await stage.ended(stage.executions().length - 1)
    expect([text, closed.status]).toEqual([text, 'SUCCEEDED'])
    await clock.sleep(300_000)
  }
  /** Whether the annotation and the OIDC statement are there. */
  const irsa = () => [
    cluster.store.get(resources.serviceaccounts, workshop.namespace, workshop.serviceAccount)?.metadata
      .annotations?.[irsaAnnotation] !== undefined,
    aws.state.roles.get(workshop.role)?.trust.includes('oidc-provider'),
  ]
  await say('enable carts')
  expect(irsa()).toEqual([true, true])
  await say('finish carts')
  expect(irsa()).toEqual([false, false])
  await say('undo carts')
  expect(irsa()).toEqual([true, true])
  expect(await sendHook(stage, 'run.start', { binding: 'carts', finish: true })).toMatchObject({
    status: 202,
    body: { outcome: 'started' },
  })
  expect((await stage.ended(stage.executions().length - 1)).status).toBe('SUCCEEDED')
  expect(irsa()).toEqual([false, false])
})
