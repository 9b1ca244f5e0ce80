import { expect, it } from 'vitest'
import { cartsPods, startWorkshop } from '../support/run.ts'

it('shows which agent handed the pod which role, and when', async () => {
  await using world = await startWorkshop()
  const { report } = await world.enable()
  const [pod] = cartsPods(world)
  expect(report?.summary).toBe(
    'carts/carts on eks-workshop runs with the credentials of eks-workshop-carts-dynamo',
  )
  expect(report?.credentials?.evidence).toEqual([
    {
      seen: 'handed-out',
      pod: pod?.metadata.name,
      node: pod?.spec.nodeName,
      agent: expect.stringMatching(/^kube-system\/eks-pod-identity-agent-\w+$/),
      session: expect.stringMatching(/:assumed-role\/eks-workshop-carts-dynamo\/eks-eks-worksh-carts-/),
      at: expect.stringMatching(/^\d{4}-/),
    },
  ])
})

/** A workload that never calls AWS. */
const silent = { serviceAccount: 'default', workload: 'deployment/carts-dynamodb', needs: [] }

it('claims no more than the injection where a pod has not asked for credentials', async () => {
  await using world = await startWorkshop()
  const { report } = await world.enable(silent)
  expect(report).toMatchObject({
    outcome: 'enabled',
    summary:
      'carts/carts-dynamodb on eks-workshop is set up for the credentials of eks-workshop-carts-dynamo',
    credentials: { evidence: [{ seen: 'not-asked' }] },
  })
  expect(report?.checked.at(-1)).toEqual({
    what: 'credentials',
    found: 'injected into 1 pod; it has not asked for credentials yet',
  })
})

it('waits five minutes for credentials that the request wants to see, and then puts everything back', async () => {
  await using world = await startWorkshop()
  const { report } = await world.enable({ ...silent, proof: 'required' })
  expect(report).toMatchObject({
    outcome: 'failed',
    failure: { error: 'RolloutFailed', message: expect.stringContaining('wants to see them handed out') },
  })
  expect(report?.durationMs).toBeGreaterThan(250_000)
  expect(report?.durationMs).toBeLessThan(400_000)
  expect(world.aws.associations.list('eks-workshop')).toEqual([])
})

it('says what it may not look at, and goes by the injection', async () => {
  await using world = await startWorkshop()
  world.calls.inject({
    operation: 'get pods/log',
    subject: /kube-system/,
    times: 99,
    action: { kind: 'error', status: 403, code: 'Forbidden' },
  })
  const { report } = await world.enable()
  expect(report).toMatchObject({
    outcome: 'enabled',
    credentials: { evidence: [{ seen: 'not-observable' }] },
  })
  expect(report?.findings).toContainEqual(
    expect.objectContaining({
      code: 'credentials-not-observable',
      remedy: expect.objectContaining({ command: 'kubectl apply -k manifests' }),
    }),
  )
})
