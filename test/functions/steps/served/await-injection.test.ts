import { afterEach, beforeEach, expect, it } from 'vitest'
import { registrationOfWebhook } from '../../../../adapters/kubernetes/webhook.ts'
import type { Association } from '../../../../core/association.ts'
import type { ReachableCluster } from '../../../../core/cluster.ts'
import type { PolicyRule } from '../../../../core/kubernetes.ts'
import { resolveRequest } from '../../../../core/request-input.ts'
import { awaitInjection } from '../../../../functions/steps/await-injection.ts'
import { resources } from '../../../../local/kubernetes/store/resources.ts'
import { type ServedCluster, serveCluster } from '../../../support/servers/served-cluster.ts'

let cluster: ServedCluster
beforeEach(async () => {
  cluster = await serveCluster()
  await cluster.deploy()
  cluster.associate()
})
afterEach(() => cluster.close())

/** Waits for the injection after the association was made. */
const waitFor = () => {
  const { clock } = cluster.connection
  const startTime = new Date(clock.now()).toISOString()
  const request = resolveRequest(
    {
      cluster: 'eks-workshop',
      namespace: 'carts',
      serviceAccount: 'carts',
      role: 'arn:aws:iam::123456789012:role/carts',
      workload: 'deployment/carts',
    },
    { arn: 'arn:aws:states:us-west-2:123456789012:execution:podid:run-1', startTime },
  )
  return awaitInjection(
    { shared: () => cluster.connection, fresh: () => ({ ...cluster.connection, close: async () => {} }) },
    { clock, progress: () => {} },
  )({
    request,
    cluster: { name: 'eks-workshop' } as ReachableCluster,
    association: { createdAt: startTime, modifiedAt: startTime } as Association,
    action: 'created',
    waitedMs: 0,
    remainingMs: 120_000,
  })
}

it('says that it may not look at the registration of a webhook that injects nothing', async () => {
  cluster.store.delete(resources.mutatingwebhookconfigurations, undefined, 'pod-identity-webhook')
  const { ready, message } = await waitFor()
  expect(ready).toBe(false)
  expect(message).toMatch(
    /after 4[01] s: .*Its registration was not looked at \(the registration \(.*cannot get resource "mutatingwebhookconfigurations"/,
  )
})

it('counts the endpoints of a webhook that is a service of the cluster, where they may be listed', async () => {
  const { store } = cluster
  const service = { namespace: 'platform', name: 'webhook' }
  store.mutate(resources.mutatingwebhookconfigurations, undefined, 'pod-identity-webhook', (draft) => {
    for (const webhook of draft.webhooks ?? []) webhook.clientConfig = { service }
    return draft
  })
  const allow = (name: string, rule: PolicyRule) => {
    const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'podid' }]
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name }
    store.create(resources.clusterroles, { metadata: { name }, rules: [rule] })
    store.create(resources.clusterrolebindings, { metadata: { name }, roleRef, subjects })
  }
  const admission = 'admissionregistration.k8s.io'
  allow('look', { apiGroups: [admission], resources: ['mutatingwebhookconfigurations'], verbs: ['get'] })
  const look = () => cluster.clock.work(() => registrationOfWebhook(cluster.connection))
  expect(await look()).toMatchObject({
    endpoints: { notLookedAt: expect.stringMatching(/^the EndpointSlices \(.*403 Forbidden/) },
  })
  allow('count', { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list'] })
  expect(await look()).toMatchObject({ endpoints: { all: 0, ready: 0 } })
  const endpoint = (ready?: boolean) => ({
    addresses: ['10.42.1.1'],
    conditions: ready === undefined ? {} : { ready },
  })
  store.create(resources.namespaces, { metadata: { name: 'platform' } })
  store.create(resources.endpointslices, {
    metadata: {
      name: 'webhook-1',
      namespace: 'platform',
      labels: { 'kubernetes.io/service-name': 'webhook' },
    },
    addressType: 'IPv4',
    endpoints: [endpoint(false), endpoint(true), endpoint()],
  })
  expect(await look()).toMatchObject({ endpoints: { all: 3, ready: 2 } })
})
