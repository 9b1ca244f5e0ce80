import https from 'node:https'
import { manifestsOf } from '../../stacks/deployed.ts'

/** What a kubeconfig says of its one cluster and user. */
interface Access {
  server: string
  ca: Buffer
  token: string
}

const accessOf = (kubeconfig: string): Access => {
  const { clusters, users } = JSON.parse(kubeconfig) as {
    clusters: { cluster: { server: string; 'certificate-authority-data': string } }[]
    users: { user: { token: string } }[]
  }
  const [{ cluster }] = clusters as [(typeof clusters)[0]]
  const [{ user }] = users as [(typeof users)[0]]
  const ca = Buffer.from(cluster['certificate-authority-data'], 'base64')
  return { server: cluster.server, ca, token: user.token }
}

/** The types that remedies name, by all of their names, with where the API has them. */
const types: readonly [names: string, path: string, plural: string, namespaced?: true][] = [
  ['pod pods', '/api/v1', 'pods', true],
  ['node nodes', '/api/v1', 'nodes'],
  ['namespace namespaces', '/api/v1', 'namespaces'],
  ['configmap configmaps', '/api/v1', 'configmaps', true],
  ['secret secrets', '/api/v1', 'secrets', true],
  ['serviceaccount serviceaccounts', '/api/v1', 'serviceaccounts', true],
  ['event events', '/api/v1', 'events', true],
  ['resourcequota resourcequotas', '/api/v1', 'resourcequotas', true],
  ['limitrange limitranges', '/api/v1', 'limitranges', true],
  ['deployment deployments', '/apis/apps/v1', 'deployments', true],
  ['daemonset daemonsets', '/apis/apps/v1', 'daemonsets', true],
  ['statefulset statefulsets', '/apis/apps/v1', 'statefulsets', true],
  ['clusterrole ClusterRole', '/apis/rbac.authorization.k8s.io/v1', 'clusterroles'],
  ['clusterrolebinding ClusterRoleBinding', '/apis/rbac.authorization.k8s.io/v1', 'clusterrolebindings'],
  ['role Role', '/apis/rbac.authorization.k8s.io/v1', 'roles', true],
  ['rolebinding RoleBinding', '/apis/rbac.authorization.k8s.io/v1', 'rolebindings', true],
  ['validatingadmissionpolicies', '/apis/admissionregistration.k8s.io/v1', 'validatingadmissionpolicies'],
  ['mutatingwebhookconfigurations', '/apis/admissionregistration.k8s.io/v1', 'mutatingwebhookconfigurations'],
  [
    'validatingwebhookconfigurations',
    '/apis/admissionregistration.k8s.io/v1',
    'validatingwebhookconfigurations',
  ],
]

const pathOf = (type: string, namespace: string | undefined, name?: string): string => {
  const [, base, plural, namespaced] = types.find(([names]) => names.split(' ').includes(type)) ?? []
  if (plural === undefined) throw new Error(`no type ${type} is known here`)
  const within = namespaced && namespace !== undefined ? `/namespaces/${namespace}` : ''
  return `${base}${within}/${plural}${name === undefined ? '' : `/${name}`}`
}

const patchTypes: Readonly<Record<string, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
}

/** Options that are followed by a value; all others have none, or have it behind a `=`. */
const valued = new Set(
  '-n -c -p -o -l -L -k --type --field-selector --sort-by --clusterrole --group --since'.split(' '),
)

interface Parsed {
  words: string[]
  options: Map<string, string>
}

const parsed = (args: readonly string[]): Parsed => {
  const words: string[] = []
  const options = new Map<string, string>()
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? ''
    const [name = '', ...rest] = arg.split('=')
    if (arg === '--') break
    if (!arg.startsWith('-')) words.push(arg)
    else if (valued.has(arg)) options.set(arg, args[++at] ?? '')
    else options.set(name, rest.join('='))
  }
  return { words, options }
}

/**
 * Runs a kubectl command of a remedy over HTTP, by the requests that kubectl makes: for machines without it. What no
 * remedy has had so far is an error: kubectl itself runs them where it is installed.
 */
export const runKubectl = async (kubeconfig: string, args: readonly string[]): Promise<string> => {
  const { words, options } = parsed(args)
  const [verb = '', ...operands] = words
  const run = verbs[verb]
  if (!run) throw new Error(`kubectl ${verb} is not implemented here`)
  const access = accessOf(kubeconfig)
  const agent = new https.Agent({ keepAlive: true })
  try {
    return await run({
      operands,
      options,
      namespace: options.get('-n'),
      call: (method, path, body, type) => request(access, { method, path, body, type, agent }),
    })
  } finally {
    agent.destroy()
  }
}

interface Command {
  operands: string[]
  options: Map<string, string>
  namespace: string | undefined
  call(method: string, path: string, body?: unknown, type?: string): Promise<string>
}

const request = (
  { server, ca, token }: Access,
  {
    method,
    path,
    body,
    type,
    agent,
  }: { method: string; path: string; body: unknown; type: string | undefined; agent: https.Agent },
): Promise<string> =>
  new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': type ?? 'application/json' }
    const sent = https.request(new URL(path, server), { method, ca, headers, agent }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (part: string) => {
        text += part
      })
      answer.on('end', () => {
        const status = answer.statusCode ?? 0
        if (status < 300) resolve(text)
        else reject(new Error(`${method} ${path}: ${status} ${text}`))
      })
    })
    sent.on('error', reject)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })

/** `deployment/carts`, `deployment carts`, `deployments,daemonsets`, `pod a b`: types with names, or without. */
const objectsOf = (operands: readonly string[]): { type: string; name?: string }[] => {
  const [first = '', ...names] = operands
  const [type = '', name] = first.split('/')
  if (name !== undefined) return [{ type, name }]
  const kinds = type.split(',')
  return names.length === 0
    ? kinds.map((type) => ({ type }))
    : kinds.flatMap((type) => names.map((name) => ({ type, name })))
}

const look = async ({ operands, options, namespace, call }: Command): Promise<string> => {
  const selectors = new URLSearchParams()
  const [labels, fields] = [options.get('-l'), options.get('--field-selector')]
  if (labels !== undefined) selectors.set('labelSelector', labels)
  if (fields !== undefined) selectors.set('fieldSelector', fields)
  let said = ''
  for (const { type, name } of objectsOf(operands))
    said += await call('GET', `${pathOf(type, namespace, name)}?${selectors}`)
  return said
}

const patchPods = ({ operands, namespace, call }: Command, template: object): Promise<string> => {
  const [{ type, name } = { type: '' }] = objectsOf(operands)
  return call('PATCH', pathOf(type, namespace, name), { spec: { template } }, patchTypes.strategic)
}

const verbs: Readonly<Record<string, (command: Command) => Promise<string>>> = {
  get: look,
  describe: look,
  logs: ({ operands: [name = ''], options, namespace, call }) => {
    const container = options.get('-c')
    const asked = new URLSearchParams({
      ...(container !== undefined && { container }),
      ...(options.has('--previous') && { previous: 'true' }),
    })
    return call('GET', `${pathOf('pod', namespace, name.replace(/^pods?\//, ''))}/log?${asked}`)
  },
  delete: async ({ operands, namespace, call }) => {
    for (const { type, name } of objectsOf(operands)) await call('DELETE', pathOf(type, namespace, name))
    return ''
  },
  create: ({ operands: [type = '', name = ''], options, namespace, call }) => {
    const metadata = { name }
    const role = {
      apiGroup: 'rbac.authorization.k8s.io',
      kind: 'ClusterRole',
      name: options.get('--clusterrole'),
    }
    const subject = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: options.get('--group') }
    const body = type === 'rolebinding' ? { metadata, roleRef: role, subjects: [subject] } : { metadata }
    return call('POST', pathOf(type, namespace), body)
  },
  patch: ({ operands, options, namespace, call }) => {
    const [{ type, name } = { type: '' }] = objectsOf(operands)
    const body = JSON.parse(options.get('-p') ?? '') as unknown
    return call(
      'PATCH',
      pathOf(type, namespace, name),
      body,
      patchTypes[options.get('--type') ?? 'strategic'],
    )
  },
  annotate: ({ operands: [type = '', name, annotation = ''], namespace, call }) => {
    const annotations = { [annotation.replace(/-$/, '')]: null }
    return call('PATCH', pathOf(type, namespace, name), { metadata: { annotations } }, patchTypes.merge)
  },
  scale: ({ operands, options, namespace, call }) => {
    const [{ type, name } = { type: '' }] = objectsOf(operands)
    const body = { spec: { replicas: Number(options.get('--replicas')) } }
    return call('PATCH', pathOf(type, namespace, name), body, patchTypes.merge)
  },
  rollout: async ({ operands: [what = '', ...operands], namespace, call, ...rest }) => {
    const [{ type, name } = { type: '' }] = objectsOf(operands)
    if (what === 'resume')
      return call('PATCH', pathOf(type, namespace, name), { spec: { paused: null } }, patchTypes.merge)
    if (what !== 'restart') throw new Error(`kubectl rollout ${what} is not implemented here`)
    const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() }
    return patchPods({ ...rest, operands, namespace, call }, { metadata: { annotations } })
  },
  set: ({ operands: [what = '', ...operands], options, ...rest }) => {
    if (what === 'serviceaccount') {
      const [type = '', name = '', serviceAccountName] = operands
      return patchPods({ ...rest, options, operands: [type, name] }, { spec: { serviceAccountName } })
    }
    const [target = '', ...variables] = operands
    const env = variables.map((variable) => {
      const [name = '', ...value] = variable.split('=')
      return value.length > 0
        ? { name, value: value.join('=') }
        : { name: name.replace(/-$/, ''), $patch: 'delete' }
    })
    const containers = [{ name: options.get('-c'), env }]
    return patchPods({ ...rest, options, operands: [target] }, { spec: { containers } })
  },
  apply: async ({ options, call }) => {
    for (const manifest of manifestsOf(options.get('-k') ?? '')) {
      const { namespace, name } = manifest.metadata
      const body = { apiVersion: 'rbac.authorization.k8s.io/v1', ...manifest }
      await call(
        'PATCH',
        `${pathOf(manifest.kind, namespace, name)}?fieldManager=kubectl&force=true`,
        body,
        'application/apply-patch+yaml',
      )
    }
    return ''
  },
}
