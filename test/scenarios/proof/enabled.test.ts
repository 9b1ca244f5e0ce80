import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inTrail } from '../../../core/workload/proof/trail.ts'
import { isReady } from '../../../core/workload/readiness.ts'
import { resources } from '../../../local/kubernetes/store/resources.ts'
import { StatusError } from '../../../local/kubernetes/store/status.ts'
import { workshop } from '../../../local/scenarios/workshop/index.ts'
import { agent } from '../../../local/scenarios/workshop/objects.ts'
import { cartsPods, startWorkshop, type Workshop } from '../../support/run.ts'
import { lookUp } from './look-up.ts'

/** The agent as a release of another name has it, in a namespace of its own. */
const installOtherAgent = ({ cluster: { store } }: Workshop) => {
  const labels = { 'app.kubernetes.io/name': 'eks-pod-identity-agent', 'app.kubernetes.io/instance': 'pia' }
  store.create(resources.namespaces, { metadata: { name: 'platform' } })
  store.create(resources.daemonsets, {
    metadata: { name: 'pia', namespace: 'platform', labels },
    spec: {
      ...agent.spec,
      selector: { matchLabels: labels },
      template: { ...agent.spec?.template, metadata: { labels } },
    } as NonNullable<typeof agent.spec>,
  })
}

/** What stands in no run's way: a policy that looks at the owner of pods, and writes that are let in at the second attempt. */
const hinder = ({ cluster: { store }, calls }: Workshop) => {
  store.admission.push((resource, object, { operation }) => {
    const owned = (object.metadata?.ownerReferences ?? []).some(({ kind }) => kind === 'ReplicaSet')
    if (resource !== resources.pods || operation !== 'CREATE' || owned) return object
    throw new StatusError(
      403,
      'Forbidden',
      'admission webhook "x.example.com" denied the request: no bare pods',
    )
  })
  calls.inject({
    operation: 'CreatePodIdentityAssociation',
    action: { kind: 'error', status: 403, code: 'AccessDeniedException', message: 'not authorized' },
  })
  calls.inject({
    operation: 'patch deployments',
    action: { kind: 'error', status: 401, code: 'Unauthorized' },
  })
}

// One run of the workshop's binding, in another partition than the usual one, looked at by each test.
describe('a run that succeeds', () => {
  const logged: unknown[] = []
  let world: Workshop & AsyncDisposable
  let end: Awaited<ReturnType<Workshop['enable']>>
  beforeAll(async () => {
    world = await startWorkshop({
      region: 'eusc-de-east-1',
      scenario: 'agent-missing',
      pace: { propagationMs: [150, 600] },
    })
    world.cluster.store.mutate(resources.deployments, workshop.namespace, 'carts', (draft) => {
      const [container] = draft.spec?.template.spec?.containers ?? []
      if (container) container.env = [{ name: 'DATABASE_PASSWORD', value: 'a-password-of-the-workload' }]
      return draft
    })
    installOtherAgent(world)
    await world.clock.sleep(30_000)
    hinder(world)
    const log = (...line: unknown[]) => void logged.push(line)
    end = await world.enable(
      { installAgent: true },
      { log: { info: log, warn: log, error: log }, onProgress: log },
    )
  })
  afterAll(() => world[Symbol.asyncDispose]())

  it('takes carts from crash-looping to running, and shows which agent handed the pod which role', () => {
    const { event, report } = end
    expect(event.type).toBe('run.succeeded')
    expect(report).toMatchObject({ outcome: 'enabled', failure: null })
    const pods = cartsPods(world)
    const [pod] = pods
    expect(pods.map(isReady)).toEqual([true])
    expect(report?.summary).toBe(
      'carts/carts on eks-workshop runs with the credentials of eks-workshop-carts-dynamo',
    )
    expect(report?.credentials?.evidence).toEqual([
      {
        seen: 'handed-out',
        pod: pod?.metadata.name,
        node: pod?.spec.nodeName,
        agent: expect.stringMatching(/^platform\/pia-\w+$/),
        session: expect.stringMatching(/:assumed-role\/eks-workshop-carts-dynamo\/eks-eks-worksh-carts-/),
        at: expect.stringMatching(/^\d{4}-/),
      },
    ])
  })

  it('knows an agent of another release in another namespace, and installs no second one', () => {
    const { findings = [] } = end.report ?? {}
    expect(findings.find(({ code }) => code === 'agent-self-managed')).toMatchObject({
      found: expect.stringContaining('daemonset/pia in platform'),
    })
    expect(world.calls.writes().map(({ operation }) => operation)).not.toContain('CreateAddon')
  })

  it('measures how long the association took, by the slowest API server, with pods that have the owner of the real ones', () => {
    const { propagation } = end.report ?? {}
    expect(propagation).toMatchObject({ way: 'dry-run' })
    expect(propagation?.ms).toBeGreaterThanOrEqual(600)
    expect(propagation?.ms).toBeLessThan(1100)
    const restarts = world.calls.calls.filter(
      ({ operation, status }) => operation === 'patch deployments' && status === 200,
    )
    expect(restarts).toHaveLength(1)
  })

  // What a run says that fails is looked at in test/faults.
  it('shows no secret, and no ARN of another partition than its own, through all that it says and logs', () => {
    const text = JSON.stringify([logged, end.events, end.event, end.report])
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

  it('shows some minutes later for which pod EKS assumed the role, by its UID', async () => {
    const pods = cartsPods(world)
    const [pod] = pods
    const early = await lookUp(world)
    expect(inTrail('eks-workshop', pods, early.assumptions)).toEqual([
      { pod: pod?.metadata.name, seen: 'not-found' },
    ])
    await world.clock.sleep(6 * 60_000)
    const { assumptions, complete } = await lookUp(world)
    expect(complete).toBe(true)
    expect(inTrail('eks-workshop', pods, assumptions)).toEqual([
      {
        pod: pod?.metadata.name,
        seen: 'assumed',
        at: expect.stringMatching(/^\d{4}-/),
        session: expect.stringMatching(/^eks-eks-worksh-carts-/),
        by: 'uid',
      },
    ])
    // The event has it, and nothing that is read of the event does.
    expect(JSON.stringify(world.aws.state.history.events)).toContain('a-session-token-that-nobody-reads')
    expect(JSON.stringify(assumptions)).not.toContain('token')
  })
})
