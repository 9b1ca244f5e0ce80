import { expect, it } from 'vitest'
import type { Fault } from '../../local/calls.ts'
import { resources } from '../../local/kubernetes/store/resources.ts'
import { workshop } from '../../local/scenarios/workshop/index.ts'
import { startWorkshop } from '../support/run.ts'

const unauthorized: Fault = {
  service: 'kubernetes',
  operation: 'patch deployments',
  times: Number.POSITIVE_INFINITY,
  action: { kind: 'error', status: 401, code: 'Unauthorized' },
}
const denied: Fault = {
  operation: 'CreatePodIdentityAssociation',
  times: Number.POSITIVE_INFINITY,
  action: { kind: 'error', status: 403, code: 'AccessDeniedException', message: 'not authorized' },
}

it.each([
  ['a run that succeeds', undefined],
  ['a run that the cluster does not let in', unauthorized],
  ['a run that AWS does not let in', denied],
])('shows no secret: %s', async (_why, fault) => {
  await using world = await startWorkshop()
  world.cluster.store.mutate(resources.deployments, workshop.namespace, 'carts', (draft) => {
    const [container] = draft.spec?.template.spec?.containers ?? []
    if (container) container.env = [{ name: 'DATABASE_PASSWORD', value: 'a-password-of-the-workload' }]
    return draft
  })
  await world.clock.sleep(5000)
  if (fault) world.calls.inject(fault)
  const logged: unknown[] = []
  const log = (...line: unknown[]) => void logged.push(line)
  const { event, report, events } = await world.enable(
    {},
    {
      log: { info: log, warn: log, error: log },
      onProgress: log,
    },
  )
  expect(event.type).toBe(fault ? 'run.failed' : 'run.succeeded')
  const text = JSON.stringify([logged, events, event, report])
  expect(text.length).toBeGreaterThan(1000)
  for (const secret of [
    world.aws.credentials.secretAccessKey,
    'k8s-aws-v1.',
    'a-password-of-the-workload',
    'X-Amz-Signature',
  ])
    expect(text).not.toContain(secret)
})
