import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CustomResourceDefinition } from '../../../core/kubernetes.ts'
import { type VirtualClock, virtualClock } from '../../../local/clock.ts'
import { type ApiServer, startApiServer } from '../../../local/kubernetes/api/server.ts'
import { type Controllers, startControllers } from '../../../local/kubernetes/controllers/index.ts'
import { ec2Node } from '../../../local/kubernetes/kubelet/nodes.ts'
import { resources } from '../../../local/kubernetes/store/resources.ts'
import { Store } from '../../../local/kubernetes/store/store.ts'
import { disorder } from '../../support/disorder.ts'
import { randomSource } from '../../support/random.ts'
import { podIdentityAssociations } from './custom/definitions.ts'

const seed = Number(process.env.PODID_SEED ?? 20261126)
const rounds = process.env.PODID_EXHAUSTIVE ? 60 : 1

const podSpec = {
  serviceAccountName: 'default',
  priorityClassName: 'system-node-critical',
  initContainers: [{ name: 'init', image: 'init:1', restartPolicy: 'Always' }],
  containers: [
    {
      name: 'app',
      image: 'app:1',
      env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'map', key: 'a' } } }],
      ports: [{ containerPort: 80, protocol: 'TCP' }],
      resources: { requests: { cpu: '100m', memory: '1Gi' }, limits: { cpu: '1' } },
      readinessProbe: { httpGet: { path: '/', port: 80 }, periodSeconds: 1 },
      volumeMounts: [{ name: 'v', mountPath: '/v' }],
      securityContext: { capabilities: { drop: ['ALL'] }, runAsUser: 1 },
    },
  ],
  volumes: [
    { name: 'v', projected: { sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 600 } }] } },
  ],
  tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 3 }],
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'DoesNotExist' }] }],
      },
    },
  },
}
const labels = { app: 'x' }
const template = { metadata: { labels }, spec: podSpec }
const selector = { matchLabels: labels, matchExpressions: [{ key: 'app', operator: 'In', values: ['x'] }] }
const metadata = { name: 'x', labels, annotations: { a: 'b' }, finalizers: [], ownerReferences: [] }

const apps = '/apis/apps/v1/namespaces/fuzz'
const core = '/api/v1/namespaces/fuzz'
const admissionRegistration = '/apis/admissionregistration.k8s.io/v1'

/** A definition that is in force from the beginning, beside one that is only sent. */
const established = {
  ...podIdentityAssociations,
  metadata: { name: 'podidentityassociations.established.example.com' },
  spec: { ...podIdentityAssociations.spec, group: 'established.example.com' },
}

/** Objects of each kind that controllers or admission look into. */
const objects: [path: string, body: object][] = [
  [`${core}/pods`, { metadata, spec: podSpec }],
  [
    `${apps}/deployments`,
    {
      metadata,
      spec: {
        replicas: 2,
        selector,
        template,
        strategy: { rollingUpdate: { maxSurge: '25%', maxUnavailable: 1 } },
        progressDeadlineSeconds: 9,
      },
    },
  ],
  [`${apps}/replicasets`, { metadata, spec: { replicas: 1, selector, template } }],
  [
    `${apps}/statefulsets`,
    {
      metadata,
      spec: {
        replicas: 2,
        serviceName: 'x',
        selector,
        template,
        updateStrategy: { rollingUpdate: { partition: 1 } },
      },
    },
  ],
  [
    `${apps}/daemonsets`,
    { metadata, spec: { selector, template, updateStrategy: { rollingUpdate: { maxUnavailable: '50%' } } } },
  ],
  [
    '/apis/batch/v1/namespaces/fuzz/jobs',
    {
      metadata,
      spec: {
        completions: 2,
        parallelism: 1,
        backoffLimit: 1,
        template: { spec: { ...podSpec, restartPolicy: 'Never' } },
      },
    },
  ],
  [
    '/apis/batch/v1/namespaces/fuzz/cronjobs',
    {
      metadata,
      spec: {
        schedule: '*/5 * * * *',
        jobTemplate: { spec: { template: { spec: { ...podSpec, restartPolicy: 'Never' } } } },
      },
    },
  ],
  [
    '/apis/autoscaling/v2/namespaces/fuzz/horizontalpodautoscalers',
    {
      metadata,
      spec: {
        maxReplicas: 3,
        scaleTargetRef: { kind: 'Deployment', name: 'x', apiVersion: 'apps/v1' },
        metrics: [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } },
          },
        ],
      },
    },
  ],
  [
    '/apis/policy/v1/namespaces/fuzz/poddisruptionbudgets',
    { metadata, spec: { minAvailable: '50%', selector } },
  ],
  [
    `${core}/services`,
    { metadata, spec: { selector: labels, ports: [{ port: 80, targetPort: 'http', name: 'http' }] } },
  ],
  [`${core}/configmaps`, { metadata, data: { a: 'b' }, binaryData: { c: 'ZA==' } }],
  [
    `${core}/resourcequotas`,
    {
      metadata,
      spec: {
        hard: { pods: '3', 'requests.cpu': '2', 'count/configmaps': '9' },
        scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['x'] }] },
      },
    },
  ],
  [
    `${core}/limitranges`,
    {
      metadata,
      spec: {
        limits: [
          {
            type: 'Container',
            default: { cpu: '1' },
            max: { memory: '2Gi' },
            maxLimitRequestRatio: { cpu: '2' },
          },
        ],
      },
    },
  ],
  [
    '/api/v1/namespaces',
    { metadata: { name: 'fuzz2', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } },
  ],
  [
    '/apis/rbac.authorization.k8s.io/v1/namespaces/fuzz/roles',
    {
      metadata,
      rules: [{ apiGroups: [''], resources: ['pods', 'pods/log'], resourceNames: ['x'], verbs: ['get'] }],
    },
  ],
  [
    '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
    {
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'User', name: 'u' }],
    },
  ],
  [
    `${admissionRegistration}/mutatingwebhookconfigurations`,
    {
      metadata,
      webhooks: [
        {
          name: 'x.example.com',
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          failurePolicy: 'Ignore',
          clientConfig: { url: 'https://x' },
          objectSelector: selector,
          namespaceSelector: selector,
          rules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['CREATE'], resources: ['nothing'] }],
        },
      ],
    },
  ],
  [
    `${admissionRegistration}/validatingadmissionpolicies`,
    {
      metadata,
      spec: {
        failurePolicy: 'Ignore',
        matchConstraints: {
          resourceRules: [
            {
              apiGroups: [''],
              apiVersions: ['v1'],
              operations: ['CREATE', 'UPDATE'],
              resources: ['configmaps'],
            },
          ],
        },
        variables: [{ name: 'n', expression: 'object.metadata.name' }],
        validations: [{ expression: 'size(variables.n) < 50', messageExpression: "'no ' + variables.n" }],
      },
    },
  ],
  [
    `${admissionRegistration}/validatingadmissionpolicybindings`,
    { metadata, spec: { policyName: 'x', validationActions: ['Warn'] } },
  ],
  [
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    { ...podIdentityAssociations, metadata: { name: podIdentityAssociations.metadata.name } },
  ],
  [
    '/apis/established.example.com/v1alpha1/namespaces/fuzz/podidentityassociations',
    {
      metadata,
      spec: {
        serviceAccount: 'x',
        clusterName: 'shop',
        replicas: 2,
        port: '80%',
        free: { a: [{}] },
        rules: [{ name: 'a', value: 'b' }],
      },
      status: { conditions: [{ type: 'ACK.ResourceSynced', status: 'True' }] },
    },
  ],
  ['/apis/scheduling.k8s.io/v1/priorityclasses', { metadata, value: 5, preemptionPolicy: 'Never' }],
  [
    '/api/v1/nodes',
    {
      metadata: { name: 'odd' },
      spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] },
      status: { allocatable: { cpu: '2', pods: '5' }, conditions: [{ type: 'Ready', status: 'True' }] },
    },
  ],
  [
    `${core}/events`,
    { metadata, involvedObject: { kind: 'Pod', name: 'x' }, reason: 'R', type: 'Normal', count: 2 },
  ],
  [
    '/apis/events.k8s.io/v1/namespaces/fuzz/events',
    {
      metadata,
      regarding: { kind: 'Pod', name: 'x' },
      eventTime: '2026-01-01T00:00:00.000000Z',
      reason: 'R',
      action: 'A',
      type: 'Normal',
      reportingController: 'c',
      reportingInstance: 'i',
    },
  ],
  [
    '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    { spec: { resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'fuzz' } } },
  ],
  [
    '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    { spec: { user: 'u', groups: ['g'], nonResourceAttributes: { path: '/x', verb: 'get' } } },
  ],
  ['/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token: 't', audiences: ['a'] } }],
  [`${core}/serviceaccounts/default/token`, { spec: { audiences: ['a'], expirationSeconds: 600 } }],
  [`${core}/pods/x/eviction`, { metadata: { name: 'x' }, deleteOptions: { gracePeriodSeconds: 1 } }],
  [`${core}/pods/x/binding`, { metadata: { name: 'x' }, target: { kind: 'Node', name: 'odd' } }],
]

const strange: unknown[] = [
  null,
  '',
  ' ',
  0,
  -1,
  1.5,
  1e308,
  true,
  [],
  {},
  [null],
  [[[]]],
  { a: null },
  '\u0000',
  '__proto__',
  'constructor',
  '%',
  '100%',
  '-5%',
  '1e9',
  '0x10',
  '9'.repeat(40),
  '../..',
  'x'.repeat(70_000),
  '* * * * *',
  '((((',
  'object.',
  '2026-13-45T99:99:99Z',
  '[1]',
  { matchLabels: null },
  { $patch: 'replace' },
  { $patch: 'x' },
]

const jsonPatches: unknown[] = [
  [{ op: 'replace', path: '/spec', value: null }],
  [
    { op: 'remove', path: '/metadata/name' },
    { op: 'add', path: '/metadata/labels/~1~0', value: 'x' },
  ],
  [{ op: 'move', from: '/spec', path: '/spec/template' }],
  [{ op: 'copy', from: '', path: '/data' }],
  [
    { op: 'test', path: '/__proto__/x', value: 1 },
    { op: 'add', path: '/__proto__/x', value: 1 },
  ],
  [
    { op: 'add', path: '/spec/containers/-1', value: {} },
    { op: 'add', path: '/spec/containers/99', value: {} },
  ],
]

const queries = [
  'watch=1&timeoutSeconds=1',
  'watch=true&resourceVersion=x',
  'limit=-1',
  'limit=1&continue=%%%',
  'continue=e30',
  'resourceVersion=99999999999999999999',
  'labelSelector=((',
  'labelSelector=a in (',
  'fieldSelector=metadata.name%3D%3D',
  'fieldSelector=__proto__=1',
  'dryRun=Al',
  'dryRun=All',
  `fieldManager=${'x'.repeat(300)}`,
  'fieldManager=m&force=yes',
  'fieldValidation=Odd',
  'pretty=1',
  'timeoutSeconds=-5',
  'gracePeriodSeconds=x',
  'propagationPolicy=Odd',
  'container=none&tailLines=x',
  'previous=1&limitBytes=-3',
  'sendInitialEvents=true&watch=1&timeoutSeconds=1',
  '__proto__=1',
  '=&&=',
]
const accepts = [
  'application/json',
  '*/*',
  '',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'text/html;q=x',
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  ',;,;=',
]
const types = [
  'application/json',
  'application/yaml',
  'application/strategic-merge-patch+json',
  'application/merge-patch+json',
  'application/json-patch+json',
  'application/apply-patch+yaml',
  'application/vnd.kubernetes.protobuf',
  'text/plain',
  '',
]
const odd = [
  '/',
  '//',
  '/api',
  '/api/v1/',
  '/apis//v1/x',
  '/api/v1/namespaces//pods',
  '/api/v1/namespaces/fuzz/pods/x/y/z',
  '/apis/apps/v1/namespaces/fuzz/deployments/__proto__',
  '/openapi/v3/apis/none',
  '/api/v1/watch/pods?timeoutSeconds=1',
  '/api/v1/proxy',
  '/version/x',
  '/metrics',
  `/${'x/'.repeat(2000)}`,
]

// https://github.com/kubernetes/kubernetes answers whatever it is sent; nothing may reach the boundary behind the handlers.
describe(`requests that are out of order, seed ${seed}`, () => {
  const troubles: string[] = []
  let clock: VirtualClock
  let controllers: Controllers
  let server: ApiServer
  let agent: Agent
  beforeAll(async () => {
    clock = virtualClock()
    const trouble = (where: string, error: unknown) =>
      void troubles.push(`${where.slice(0, 200)}: ${error instanceof Error ? error.stack : error}`)
    const store = new Store({ clock, trouble })
    controllers = startControllers({ store, clock, kubelet: () => ({ startMs: 1 }), trouble })
    server = await startApiServer({
      store,
      clock,
      trouble,
      authenticate: async () => ({ username: 'fuzz', groups: ['system:masters'] }),
      logs: controllers.kubelet.logs,
      admissionDelay: controllers.webhooks.delayOf,
    })
    store.create(resources.namespaces, { metadata: { name: 'fuzz' } })
    store.create(resources.customresourcedefinitions, established as CustomResourceDefinition)
    await clock.sleep(50)
    store.create(
      resources.nodes,
      ec2Node({ address: '10.0.0.1', zone: 'us-west-2a', now: store.timestamp() }),
    )
    agent = new Agent({ keepAlive: true, ca: server.caData })
  })
  afterAll(async () => {
    agent.destroy()
    controllers.stop()
    await server.close()
    clock.stop()
  })

  const send = async (method: string, path: string, body: unknown, headers: Record<string, string> = {}) => {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
    const sent = httpsRequest(new URL(server.url), {
      method,
      path,
      agent,
      headers: {
        authorization: 'Bearer any',
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text ?? ''),
        ...headers,
      },
    })
    sent.end(text)
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    let answered = ''
    for await (const chunk of response) answered += String(chunk)
    const about = `${method} ${path.slice(0, 200)} ${(text ?? '').slice(0, 2000)}`
    expect(troubles.splice(0), about).toEqual([])
    expect(answered, about).not.toMatch(/Internal error occurred: \w*Error/)
    return response.statusCode
  }

  it.each(objects)('%s', async (path, body) => {
    const { random, pick, chance } = randomSource(seed + objects.findIndex(([, of]) => of === body))
    const { name = 'x' } = (body as { metadata?: { name?: string } }).metadata ?? {}
    const one = /\/(token|eviction|binding)$/.test(path) ? path.replace(/\/\w+$/, '') : `${path}/${name}`
    expect([200, 201, 404, 409, 422], path).toContain(await send('POST', path, body))
    for (let round = 0; round < rounds; round++) {
      const changed = disorder(body, random, strange)
      await send('POST', `${path}?${chance(0.5) ? pick(queries) : ''}`.replaceAll(' ', '%20'), changed, {
        accept: pick(accepts),
      })
      await send('POST', path, JSON.stringify(changed)?.slice(0, 300), { 'content-type': pick(types) })
      await send('PUT', one, changed)
      await send('PUT', `${one}/status`, changed)
      const patch = chance(0.3) ? disorder(pick(jsonPatches), random, strange) : changed
      await send(
        'PATCH',
        `${one}${pick(['', '', '/status', '/scale'])}?fieldManager=f&${pick(queries)}`.replaceAll(' ', '%20'),
        patch,
        { 'content-type': pick(types) },
      )
      await send('GET', `${chance(0.5) ? path : one}?${pick(queries)}`.replaceAll(' ', '%20'), undefined, {
        accept: pick(accepts),
      })
      await send(pick(['GET', 'OPTIONS', 'DELETE', 'QUERY', 'POST']), pick(odd), undefined, {
        accept: pick(accepts),
      })
      if (chance(0.4))
        await send(
          'DELETE',
          `${one}?${pick(queries)}`.replaceAll(' ', '%20'),
          chance(0.5) ? changed : undefined,
        )
    }
    await clock.sleep(60_000)
    expect(troubles.splice(0)).toEqual([])
    expect(Object.keys(Object.prototype)).toEqual([])
    expect(await send('GET', '/healthz', undefined)).toBe(200)
  })
})
