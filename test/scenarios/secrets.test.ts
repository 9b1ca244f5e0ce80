import { expect, it } from 'vitest'
import { resources } from '../../local/kubernetes/store/resources.ts'
import { workshop } from '../../local/scenarios/workshop/index.ts'
import { startWorkshop } from '../support/run.ts'

// What a run says that fails is looked at in test/faults: here, one that is let in at the second attempt.
it('shows no secret, and no ARN of another partition than its own, through all that it says and logs', async () => {
  await using world = await startWorkshop({ region: 'eusc-de-east-1' })
  world.cluster.store.mutate(resources.deployments, workshop.namespace, 'carts', (draft) => {
    const [container] = draft.spec?.template.spec?.containers ?? []
    if (container) container.env = [{ name: 'DATABASE_PASSWORD', value: 'a-password-of-the-workload' }]
    return draft
  })
  await world.clock.sleep(5000)
  world.calls.inject({
    operation: 'CreatePodIdentityAssociation',
    action: { kind: 'error', status: 403, code: 'AccessDeniedException', message: 'not authorized' },
  })
  world.calls.inject({
    operation: 'patch deployments',
    action: { kind: 'error', status: 401, code: 'Unauthorized' },
  })
  const logged: unknown[] = []
  const log = (...line: unknown[]) => void logged.push(line)
  const { event, report, events } = await world.enable(
    {},
    { log: { info: log, warn: log, error: log }, onProgress: log },
  )
  expect(event.type).toBe('run.succeeded')
  const text = JSON.stringify([logged, events, event, report])
  expect(text).toContain('not authorized')
  expect(text).toContain('Unauthorized')
  for (const secret of [
    world.aws.credentials.secretAccessKey,
    'k8s-aws-v1.',
    'a-password-of-the-workload',
    'X-Amz-Signature',
  ])
    expect(text).not.toContain(secret)
  const arns = text.match(/arn:aws[\w-]*:/g) ?? []
  expect([...new Set(arns)]).toEqual(['arn:aws-eusc:'])
})
