import { describe, expect, it } from 'vitest'
import type { RequestInput } from '../../core/request.ts'
import { resources } from '../../local/kubernetes/resources.ts'
import { roleArn, tableArn, workshop } from '../../local/scenarios/workshop/index.ts'
import { cartsPods, isReady, startWorkshop, type Workshop } from '../support/run.ts'

const agentName = 'eks-pod-identity-agent'
const { namespace } = workshop

/** What the account or the cluster has instead of the workshop's own starting point. */
type Change = (world: Workshop) => void

const role = ({ aws }: Workshop) => {
  const found = aws.state.roles.get(workshop.role)
  if (!found) throw new Error('the workshop has its role')
  return found
}
const cartsPolicy = ({ aws }: Workshop) => {
  const found = [...aws.state.policies.values()].find(({ name }) => name === workshop.role)
  if (!found) throw new Error('the workshop has its policy')
  return found
}
const trust = (statement: object) => (world: Workshop) => {
  role(world).trust = JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
}
const podsPrincipal = { Service: 'pods.eks.amazonaws.com' }
const grant = (resources: string[]) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'dynamodb:*', Resource: resources }],
  })
const otherRole = (world: Workshop) =>
  world.aws.state.addRole({ name: 'other', trust: JSON.parse(role(world).trust) as object }).arn
const associate = (world: Workshop, roleArn: string, extra: { ownerArn?: string } = {}) =>
  world.aws.state.addAssociation({
    clusterName: workshop.cluster,
    namespace,
    serviceAccount: workshop.serviceAccount,
    roleArn,
    ...extra,
  })
const withoutAgent: Change = ({ aws, cluster: { store } }) => {
  aws.state.clusters.get(workshop.cluster)?.addons.clear()
  store.delete(resources.daemonsets, 'kube-system', agentName)
}
const cartsSpec =
  (change: (spec: Record<string, unknown>) => void): Change =>
  ({ cluster: { store } }) => {
    store.mutate(resources.deployments, namespace, 'carts', (draft) => {
      change(draft.spec?.template.spec as unknown as Record<string, unknown>)
      return draft
    })
  }
const container = (change: (container: Record<string, unknown>) => void): Change =>
  cartsSpec(({ containers }) => change((containers as Record<string, unknown>[])[0] ?? {}))

interface Refusal {
  change: Change
  /** The finding, and a part of what it found and of how to mend it. */
  code: string
  found: string
  remedy: string
  input?: Partial<RequestInput>
}

const refusals: Record<string, Refusal> = {
  'the agent is absent': {
    change: withoutAgent,
    code: 'agent-missing',
    found: 'neither the add-on eks-pod-identity-agent nor a DaemonSet of the agent is on eks-workshop',
    remedy:
      'aws eks create-addon --cluster-name eks-workshop --region us-west-2 --addon-name eks-pod-identity-agent',
  },
  'the add-on is DEGRADED, and the agent runs nowhere': {
    change: ({ aws, cluster: { store } }) => {
      const addon = aws.state.clusters.get(workshop.cluster)?.addons.get(agentName)
      if (!addon) throw new Error('the workshop has the add-on')
      addon.status = 'DEGRADED'
      addon.issues = [
        {
          code: 'InsufficientNumberOfReplicas',
          message: 'The add-on is unhealthy because it does not have the desired number of replicas.',
        },
      ]
      store.delete(resources.daemonsets, 'kube-system', agentName)
    },
    code: 'agent-unhealthy',
    found: 'is DEGRADED; InsufficientNumberOfReplicas: The add-on is unhealthy',
    remedy:
      'aws eks describe-addon --cluster-name eks-workshop --region us-west-2 --addon-name eks-pod-identity-agent',
  },
  "the trust lacks sts:TagSession, which was the workshop's own early mistake": {
    change: trust({ Effect: 'Allow', Principal: podsPrincipal, Action: 'sts:AssumeRole' }),
    code: 'trust-tag-session-missing',
    found: 'sts:TagSession',
    remedy: 'aws iam update-assume-role-policy --role-name eks-workshop-carts-dynamo --policy-document',
  },
  "the trust is for another cluster's ARN": {
    change: trust({
      Effect: 'Allow',
      Principal: podsPrincipal,
      Action: ['sts:AssumeRole', 'sts:TagSession'],
      Condition: {
        StringEquals: { 'aws:SourceArn': 'arn:aws:eks:us-west-2:123456789012:cluster/eks-other' },
      },
    }),
    code: 'trust-source-arn-other-cluster',
    found: 'cluster/eks-other',
    remedy: 'arn:aws:eks:us-west-2:123456789012:cluster/eks-workshop',
  },
  'the policy lacks dynamodb:Query on the index': {
    change: (world) => {
      const version = cartsPolicy(world).versions.get('v1')
      if (version) version.document = grant([tableArn(world.aws.state)])
    },
    code: 'permission-missing',
    found: 'arn:aws:dynamodb:us-west-2:123456789012:table/eks-workshop-carts/index/*',
    remedy: 'aws iam put-role-policy --role-name eks-workshop-carts-dynamo',
  },
  'the policy was fixed, but only in a version that is not the default': {
    change: (world) => {
      const policy = cartsPolicy(world)
      const table = tableArn(world.aws.state)
      const createdAt = world.aws.state.now()
      policy.versions.set('v1', { id: 'v1', document: grant([table]), createdAt })
      policy.versions.set('v2', { id: 'v2', document: grant([table, `${table}/index/*`]), createdAt })
    },
    code: 'permission-in-non-default-version',
    found: 'v2',
    remedy:
      'aws iam set-default-policy-version --policy-arn arn:aws:iam::123456789012:policy/eks-workshop-carts-dynamo --version-id v2',
  },
  'the role does not exist': {
    change: ({ aws }) => void aws.state.roles.delete(workshop.role),
    code: 'role-missing',
    found: 'there is no role arn:aws:iam::123456789012:role/eks-workshop-carts-dynamo',
    remedy: 'aws iam get-role --role-name eks-workshop-carts-dynamo',
  },
  'an association with another role is there': {
    change: (world) => void associate(world, otherRole(world)),
    code: 'association-differs',
    found: 'it grants arn:aws:iam::123456789012:role/other',
    remedy: '--replace',
  },
  'an add-on owns the association': {
    change: (world) =>
      void associate(world, otherRole(world), {
        ownerArn: 'arn:aws:eks:us-west-2:123456789012:addon/eks-workshop/carts-addon/1a2b',
      }),
    code: 'association-owned-by-addon',
    found: 'managed by the add-on carts-addon',
    remedy: 'aws eks update-addon --cluster-name eks-workshop --region us-west-2 --addon-name carts-addon',
    input: { replace: true },
  },
  'the Deployment runs under another ServiceAccount': {
    change: cartsSpec((spec) => {
      spec.serviceAccountName = 'default'
      spec.serviceAccount = 'default'
    }),
    code: 'workload-service-account-differs',
    found: 'its pods run under ServiceAccount default, and the binding is for carts',
    remedy: 'kubectl set serviceaccount deployment carts carts -n carts',
  },
  'the Deployment is missing': {
    change: ({ cluster: { store } }) => void store.delete(resources.deployments, namespace, 'carts'),
    code: 'workload-missing',
    found: 'not in namespace carts',
    remedy: 'kubectl get deployments,daemonsets,statefulsets -n carts',
  },
  'the ServiceAccount is missing': {
    change: ({ cluster: { store } }) =>
      void store.delete(resources.serviceaccounts, namespace, workshop.serviceAccount),
    code: 'service-account-missing',
    found: 'so no new pod could be created under it',
    remedy: 'kubectl create serviceaccount carts -n carts',
  },
  'static AWS keys are in the environment of the pod': {
    change: container((carts) => {
      carts.env = [
        { name: 'AWS_ACCESS_KEY_ID', value: 'AKIAEXAMPLE' },
        { name: 'AWS_SECRET_ACCESS_KEY', value: 'do-not-show-this' },
      ]
    }),
    code: 'credentials-outranked',
    found: 'AWS_ACCESS_KEY_ID',
    remedy: 'kubectl',
  },
  'static AWS keys are in the ConfigMap behind envFrom': {
    change: ({ cluster: { store } }) =>
      void store.mutate(resources.configmaps, namespace, 'carts', (draft) => ({
        ...draft,
        data: { ...draft.data, AWS_ACCESS_KEY_ID: 'key' },
      })),
    code: 'credentials-outranked',
    found: 'ConfigMap carts',
    remedy: 'kubectl',
  },
  'the Deployment is paused': {
    change: ({ cluster: { store } }) =>
      void store.mutate(resources.deployments, namespace, 'carts', (draft) => ({
        ...draft,
        spec: { ...draft.spec, paused: true } as typeof draft.spec & object,
      })),
    code: 'workload-paused',
    found: 'paused',
    remedy: 'kubectl rollout resume deployment/carts -n carts',
  },
}

describe('refuses, touching nothing, when', () => {
  it.each(Object.entries(refusals))('%s', async (_why, { change, code, found, remedy, input = {} }) => {
    await using world = await startWorkshop()
    change(world)
    await world.clock.sleep(10_000)
    const before = world.calls.writes().length
    const { event, report } = await world.enable(input)
    expect(event).toMatchObject({ type: 'run.failed', error: 'PreflightFailed' })
    const finding = report?.findings.find((one) => one.code === code)
    expect(finding, JSON.stringify(report?.findings, null, 2)).toMatchObject({ severity: 'blocking' })
    expect(finding?.found).toContain(found)
    expect(finding?.remedy).toContain(remedy)
    expect(world.calls.writes().slice(before)).toEqual([])
    expect(JSON.stringify([event, report])).not.toContain('do-not-show-this')
  })

  it('several things are wrong at once, and reports them all', async () => {
    await using world = await startWorkshop()
    for (const why of [
      'the agent is absent',
      "the trust lacks sts:TagSession, which was the workshop's own early mistake",
      'the policy lacks dynamodb:Query on the index',
      'an association with another role is there',
      'static AWS keys are in the ConfigMap behind envFrom',
    ])
      refusals[why]?.change(world)
    const { report } = await world.enable()
    expect(
      report?.findings.filter(({ severity }) => severity === 'blocking').map(({ code }) => code),
    ).toEqual(
      expect.arrayContaining([
        'agent-missing',
        'trust-tag-session-missing',
        'permission-missing',
        'association-differs',
        'credentials-outranked',
      ]),
    )
    expect(world.calls.writes()).toEqual([])
  })
})

describe('goes ahead when', () => {
  const healed = async (world: Workshop, input: Partial<RequestInput> = {}) => {
    const { event, report, events } = await world.enable(input)
    expect(report?.failure, JSON.stringify(report?.failure)).toBeNull()
    expect(event.type).toBe('run.succeeded')
    expect(cartsPods(world).map(isReady)).toEqual([true])
    return { report, events }
  }

  it('the agent is absent and may be installed: it is, and it runs before anything else changes', async () => {
    await using world = await startWorkshop()
    withoutAgent(world)
    const { report, events } = await healed(world, { installAgent: true })
    expect(report?.changes[0]).toBe('installed the add-on eks-pod-identity-agent')
    const steps = events.flatMap((event) => (event.type === 'step.succeeded' ? [event.step] : []))
    expect(steps.indexOf('EnsureAgent')).toBeLessThan(steps.indexOf('EnsureAssociation'))
    expect(world.aws.state.clusters.get(workshop.cluster)?.addons.has(agentName)).toBe(true)
    expect(report?.checked).toContainEqual({ what: 'agent', found: expect.stringContaining('on 3/3 nodes') })
  })

  it('the add-on is DEGRADED in the eyes of EKS while the agent is ready on every node', async () => {
    await using world = await startWorkshop()
    const addon = world.aws.state.clusters.get(workshop.cluster)?.addons.get(agentName)
    if (addon) addon.status = 'DEGRADED'
    const { report } = await healed(world)
    expect(report?.findings).toContainEqual(
      expect.objectContaining({ code: 'agent-unhealthy', severity: 'warning' }),
    )
  })

  it('the agent is on two of three nodes, and says which one lacks it', async () => {
    await using world = await startWorkshop()
    const [node = ''] = world.cluster.store.list(resources.nodes).map(({ metadata }) => metadata.name)
    world.cluster.store.mutate(resources.daemonsets, 'kube-system', agentName, (draft) => {
      const affinity =
        draft.spec?.template.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
      affinity?.nodeSelectorTerms[0]?.matchExpressions?.push({
        key: 'kubernetes.io/hostname',
        operator: 'NotIn',
        values: [node],
      })
      return draft
    })
    await world.clock.sleep(60_000)
    const { report } = await world.enable({ mode: 'plan' })
    expect(report?.findings).toContainEqual(
      expect.objectContaining({
        code: 'agent-incomplete',
        severity: 'warning',
        found: expect.stringContaining(`ready on 2 of 3 nodes; missing on ${node}`),
      }),
    )
  })

  it('the cluster is in Auto Mode, whose nodes have the agent built in', async () => {
    await using world = await startWorkshop()
    withoutAgent(world)
    const cluster = world.aws.state.clusters.get(workshop.cluster)
    if (cluster) cluster.autoMode = true
    for (const { metadata } of world.cluster.store.list(resources.nodes))
      world.cluster.store.mutate(resources.nodes, undefined, metadata.name, (draft) => {
        draft.metadata.labels = { ...draft.metadata.labels, 'eks.amazonaws.com/compute-type': 'auto' }
        return draft
      })
    const { report } = await healed(world)
    expect(report?.checked).toContainEqual({ what: 'agent', found: 'built into Auto Mode' })
  })

  it('an association with the same role is there: it is kept, and the pods are restarted for it', async () => {
    await using world = await startWorkshop()
    const { id } = associate(world, roleArn(world.aws.state))
    const { report } = await healed(world)
    expect(report?.changes).toEqual(['restarted deployment/carts'])
    expect(world.aws.associations.list(workshop.cluster).map((one) => one.id)).toEqual([id])
  })

  it('an association with another role may be replaced: the same one grants the new role', async () => {
    await using world = await startWorkshop()
    const { id } = associate(world, otherRole(world))
    await world.clock.sleep(60_000)
    const { report } = await healed(world, { replace: true })
    expect(report?.propagation?.way).toBe('settled')
    expect(world.aws.associations.list(workshop.cluster)).toEqual([
      expect.objectContaining({ id, roleArn: roleArn(world.aws.state) }),
    ])
  })

  it('the cluster is CREATING for a while', async () => {
    await using world = await startWorkshop()
    const cluster = world.aws.state.clusters.get(workshop.cluster)
    if (!cluster) throw new Error('the workshop has its cluster')
    cluster.status = 'CREATING'
    world.clock.after(8 * 60_000, () => {
      cluster.status = 'ACTIVE'
    })
    const { report } = await healed(world)
    expect(report?.durationMs).toBeGreaterThan(8 * 60_000)
  })

  it('the workload is not there yet, on a cluster just created: the association is the whole job', async () => {
    await using world = await startWorkshop()
    world.cluster.store.delete(resources.deployments, namespace, 'carts')
    await world.clock.sleep(5000)
    const { report } = await world.enable({ ifWorkloadMissing: 'associate' })
    expect(report).toMatchObject({ outcome: 'associated' })
    expect(world.aws.associations.list(workshop.cluster)).toHaveLength(1)
  })
})

it('fails at once on a cluster whose creation has failed', async () => {
  await using world = await startWorkshop()
  const cluster = world.aws.state.clusters.get(workshop.cluster)
  if (cluster) cluster.status = 'FAILED'
  const { event, report } = await world.enable()
  expect(event).toMatchObject({ type: 'run.failed', error: 'PreflightFailed' })
  expect(report?.findings).toContainEqual(
    expect.objectContaining({ code: 'cluster-unusable', severity: 'blocking' }),
  )
  expect(report?.durationMs).toBeLessThan(5000)
})

it('plans without writing anything anywhere', async () => {
  await using world = await startWorkshop()
  const { report } = await world.enable({ mode: 'plan' })
  expect(report).toMatchObject({
    outcome: 'planned',
    changes: [
      'create an association of carts/carts with arn:aws:iam::123456789012:role/eks-workshop-carts-dynamo',
      'restart deployment/carts and follow its rollout',
    ],
  })
  expect(world.calls.calls.length).toBeGreaterThan(0)
  expect(world.calls.writes()).toEqual([])
})

it('changes nothing and restarts nothing when run again', async () => {
  await using world = await startWorkshop()
  await world.enable()
  const [pod] = cartsPods(world)
  const written = world.calls.writes().length
  const { report } = await world.enable()
  expect(report).toMatchObject({ outcome: 'unchanged', changes: [] })
  expect(world.calls.writes().slice(written)).toEqual([])
  expect(cartsPods(world).map(({ metadata }) => metadata.uid)).toEqual([pod?.metadata.uid])
})

it('calls nothing for a faulty request, and names every fault', async () => {
  await using world = await startWorkshop()
  const { event } = await world.enable({
    role: 'arn:aws:iam::999999999999:role/x',
    namespace: 'Carts',
    workload: 'cronjob/carts',
    serviceAcount: 'carts',
    replace: 'yes',
  } as unknown as RequestInput)
  expect(event).toMatchObject({ type: 'run.failed', error: 'InvalidRequest' })
  const { message } = event as { message: string }
  for (const field of ['role', 'namespace', 'workload', 'serviceAcount', 'replace'])
    expect(message).toContain(`- ${field}: `)
  expect(world.calls.calls).toEqual([])
})
