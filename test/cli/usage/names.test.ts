import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { orNearestRole } from '../../../cli/bindings/defaults.ts'
import { ownRuntime } from '../../../cli/direct.ts'
import { resources } from '../../../local/kubernetes/store/resources.ts'
import type { Store } from '../../../local/kubernetes/store/store.ts'
import { eksCluster } from '../../../local/scenarios/workshop/change.ts'
import { type Here, podidHere, startHere } from '../../support/commands/here.ts'

const role = ['--role', 'eks-workshop-carts-dynamo']
const arn = 'arn:aws:iam::123456789012:role/eks-workshop-carts-dynamo'
const inCarts = ['--cluster', 'eks-workshop', '-n', 'carts']
const table = 'arn:aws:dynamodb:us-west-2:123456789012:table/eks-workshop-carts'
const anyNeed = ['--need', `dynamodb:Query@${table}`]

let here: Here
beforeAll(async () => {
  here = await startHere()
  const { store } = [...here.world.clusters.values()][0] as {
    store: Store
  }
  const carts = store.get(resources.deployments, 'carts', 'carts')
  for (const [kind, name] of [
    ['deployments', 'twin'],
    ['statefulsets', 'twin'],
    ['statefulsets', 'ledger'],
  ] as const) {
    const { selector, template } = carts?.spec ?? {}
    store.create(resources[kind], {
      metadata: { name, namespace: 'carts' },
      spec: { selector, template, replicas: 0, ...(kind === 'statefulsets' ? { serviceName: name } : {}) },
    } as never)
  }
  writeFileSync(
    join(here.folder, 'aws'),
    '[default]\nregion = eu-west-1\n[profile carts-dev]\nregion = us-west-2\n',
  )
})
afterAll(async () => here[Symbol.asyncDispose]())

describe('a name that is not there: what was found, and the nearest', () => {
  it.each<[what: string, args: string[], code: number, said: string]>([
    [
      'a cluster',
      ['status', '--cluster', 'eks-workshp'],
      1,
      'there is no cluster eks-workshp in us-west-2; did you mean eks-workshop?',
    ],
    [
      'one that is like none',
      ['verify', '--cluster', 'moon', '-n', 'carts', '--service-account', 'carts'],
      1,
      'there is no cluster moon in us-west-2; there are eks-workshop',
    ],
    [
      'of a run',
      [
        'plan',
        '--cluster',
        'eks-workshp',
        '-n',
        'carts',
        '--workload',
        'deployment/carts',
        '--service-account',
        'carts',
        '--role',
        arn,
        ...anyNeed,
      ],
      1,
      'there is no cluster eks-workshp in us-west-2; did you mean eks-workshop? (cluster-missing)',
    ],
    [
      'of a role to be made',
      ['role', '--cluster', 'eks-workshp', '-n', 'carts', '--service-account', 'carts', ...role, ...anyNeed],
      1,
      'there is no cluster eks-workshp in us-west-2; did you mean eks-workshop?',
    ],
    [
      'a namespace',
      ['verify', '--cluster', 'eks-workshop', '-n', 'cartz', '--service-account', 'carts'],
      1,
      'there is no namespace cartz on eks-workshop; did you mean carts?\n',
    ],
    [
      'of a workload that is looked up',
      ['plan', '--cluster', 'eks-workshop', '-n', 'cartz', '--workload', 'deployment/carts', ...role],
      1,
      'there is no namespace cartz on eks-workshop; did you mean carts?\n',
    ],
    [
      'of a run, with what it needs',
      [
        'plan',
        '--cluster',
        'eks-workshop',
        '-n',
        'cartz',
        '--workload',
        'deployment/carts',
        '--service-account',
        'carts',
        '--role',
        arn,
        ...anyNeed,
      ],
      1,
      'there is no namespace cartz on eks-workshop; did you mean carts? (workload-missing)',
    ],
    [
      'a workload',
      ['plan', ...inCarts, '--workload', 'deployment/cartz', ...role, ...anyNeed],
      1,
      'there is no deployment/cartz in namespace carts on eks-workshop; did you mean deployment/carts?',
    ],
    [
      'of a run',
      [
        'plan',
        ...inCarts,
        '--workload',
        'deployment/cartz',
        '--service-account',
        'carts',
        '--role',
        arn,
        ...anyNeed,
      ],
      1,
      'not in namespace carts; did you mean deployment/carts? (workload-missing)',
    ],
    [
      'of what is observed',
      ['needs', ...role, ...inCarts, '--workload', 'deployment/cartz'],
      1,
      'there is no deployment/cartz in namespace carts on eks-workshop; did you mean deployment/carts?',
    ],
    [
      'a workload without its kind',
      ['plan', ...inCarts, '--workload', 'cartz', ...role, ...anyNeed],
      1,
      'there is no Deployment, DaemonSet or StatefulSet cartz in namespace carts on eks-workshop; did you mean deployment/carts?',
    ],
    [
      'that two kinds have',
      ['plan', ...inCarts, '--workload', 'twin', ...role, ...anyNeed],
      1,
      'there are deployment/twin and statefulset/twin in namespace carts on eks-workshop: say which of them with --workload',
    ],
    [
      'a ServiceAccount',
      ['verify', ...inCarts, '--service-account', 'cartz'],
      1,
      'there is no ServiceAccount cartz in namespace carts on eks-workshop; did you mean carts?',
    ],
    [
      'of a run',
      [
        'plan',
        ...inCarts,
        '--workload',
        'deployment/carts',
        '--service-account',
        'cartz',
        '--role',
        arn,
        ...anyNeed,
      ],
      1,
      'so no new pod could be created under it; did you mean carts? (service-account-missing)',
    ],
    [
      'of an association alone',
      ['plan', ...inCarts, '--service-account', 'cartz', ...role, ...anyNeed],
      3,
      'there is no ServiceAccount cartz in namespace carts on eks-workshop; did you mean carts?',
    ],
    [
      'a context',
      ['status', '--context', 'eks-workshp'],
      2,
      'the kubeconfig has no context eks-workshp; did you mean eks-workshop?',
    ],
    ['a run of this machine', ['undo', 'podid-1'], 2, 'there is no run podid-1 in'],
    ['to be shown', ['runs', 'show', 'podid-1'], 2, 'there is no run podid-1 in'],
    [
      'a scenario',
      ['local', '--scenario', 'workshp'],
      2,
      'there is no scenario workshp; did you mean workshop? There are\n  workshop: ',
    ],
  ])('%s', async (_what, args, code, said) => {
    const ended = await here.podid(...args)
    expect(ended.stderr + ended.stdout).toContain(said)
    expect(ended.code).toBe(code)
  })

  it('a profile', async () => {
    const AWS_CONFIG_FILE = join(here.folder, 'aws')
    const { stderr, code } = await podidHere(['status', '--profile', 'carts-dve', '--cluster', 'a'], {
      ...here.env,
      AWS_CONFIG_FILE,
    })
    expect(stderr).toContain(
      'There is no profile carts-dve in the AWS configuration; did you mean carts-dev?',
    )
    expect(code).toBe(1)
  })
})

it.each<[why: string, env: NodeJS.ProcessEnv, args: string[], region: string]>([
  ['of the profile that is named', {}, ['--profile', 'carts-dev'], 'us-west-2'],
  ['of the profile of the environment', { AWS_PROFILE: 'carts-dev' }, [], 'us-west-2'],
  ['of the default profile', {}, [], 'eu-west-1'],
  ['of the environment first', { AWS_REGION: 'eu-west-2' }, ['--profile', 'carts-dev'], 'eu-west-2'],
  ['of its older name', { AWS_DEFAULT_REGION: 'eu-west-2' }, ['--profile', 'carts-dev'], 'eu-west-2'],
  ['of a flag before all', { AWS_PROFILE: 'carts-dev' }, ['--region', 'eu-west-3'], 'eu-west-3'],
])('the region is that %s', async (_why, env, args, region) => {
  const { AWS_REGION: _none, AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', ...others } = here.env
  const keys = `aws_access_key_id = ${AWS_ACCESS_KEY_ID}\naws_secret_access_key = ${AWS_SECRET_ACCESS_KEY}\n`
  const AWS_SHARED_CREDENTIALS_FILE = join(here.folder, 'keys')
  writeFileSync(AWS_SHARED_CREDENTIALS_FILE, `[default]\n${keys}[carts-dev]\n${keys}`)
  const files = { AWS_CONFIG_FILE: join(here.folder, 'aws'), AWS_SHARED_CREDENTIALS_FILE }
  const asked = ['verify', '--cluster', 'nope', '-n', 'carts', '--workload', 'deployment/carts', ...args]
  const { stderr } = await podidHere(asked, { ...others, ...files, ...env })
  // The stand-in serves one region, and says which one it was asked for otherwise.
  expect(stderr).toMatch(new RegExp(`there is no cluster nope in ${region}|a valid region, not '${region}'`))
})

describe('a workload without its kind is the one that has the name', () => {
  it.each([
    ['plan', ['plan', ...inCarts, '--workload', 'carts', ...role, ...anyNeed], 3, 'plan carts/carts → role'],
    [
      'a StatefulSet',
      ['plan', ...inCarts, '--workload', 'ledger', '--allow-zero', ...role, ...anyNeed],
      3,
      'plan carts/ledger (ServiceAccount carts)',
    ],
    ['verify', ['verify', ...inCarts, '--workload', 'carts'], 1, 'deployment/carts'],
    ['needs', ['needs', ...role, ...inCarts, '--workload', 'carts'], 0, 'by its own log'],
  ])('%s', async (_what, args, code, said) => {
    const ended = await here.podid(...args)
    expect(ended.stderr + ended.stdout).toContain(said)
    expect(ended.code).toBe(code)
  })
})

describe('a cluster that nobody has named, and that the kubeconfig does not say', () => {
  const context = (server: string) =>
    `{contexts: [{name: c, context: {cluster: c, user: u}}], clusters: [{name: c, cluster: {server: '${server}'}}], current-context: c}`
  it.each<[why: string, text: string | undefined, said: string]>([
    ['which is not there', undefined, 'cannot be read: ENOENT: no such file or directory, open'],
    [
      'which is broken, and whose lines hold tokens',
      'users: [\n  token: abcsecret\n oops',
      'cannot be read: unexpected end of the stream within a flow collection (3:6)',
    ],
    ['which has no current context', 'apiVersion: v1', 'the kubeconfig has no current context'],
    [
      'whose current context is of another kind',
      context('https://127.0.0.1:6443'),
      'the kubeconfig’s current context c does not say which EKS cluster it is',
    ],
  ])('%s', async (_why, text, said) => {
    const KUBECONFIG = join(here.folder, 'of-another')
    rmSync(KUBECONFIG, { force: true })
    if (text !== undefined) writeFileSync(KUBECONFIG, text)
    const without = (...args: string[]) => podidHere(args, { ...here.env, KUBECONFIG })
    const plan = await without('plan', '-n', 'carts', '--workload', 'carts', ...role)
    expect(plan.stderr.replaceAll('\n  ', ' ')).toMatch(/^no cluster was given, and /)
    expect(plan.stderr).toContain('- --cluster: is missing')
    for (const { code, stderr } of [plan, await without('inventory')]) {
      expect(stderr.replaceAll('\n  ', ' ')).toContain(said)
      expect(stderr).not.toContain('abcsecret')
      expect(code).toBe(2)
    }
  })

  it('as there is none', async () => {
    const { KUBECONFIG: _none, ...env } = here.env
    expect(await podidHere(['inventory'], { ...env, HOME: here.folder })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no cluster, as there is no kubeconfig that says one'),
    })
  })
})

it('names the nearest role, and nothing where the caller may not list roles', async () => {
  const { world } = here
  const runtime = {
    ...ownRuntime(),
    aws: { endpoint: world.aws.url, credentials: async () => world.aws.credentials },
  }
  const meant = () => orNearestRole(runtime, 'us-west-2', 'eks-workshop-cart-dynamo')
  expect(await meant()).toBe('; did you mean eks-workshop-carts-dynamo?')
  world.calls.inject({
    operation: 'ListRoles',
    times: 1,
    action: { kind: 'error', status: 403, code: 'AccessDenied' },
  })
  expect(await meant()).toBe('')
})

it('does not head the faults of a command line with a ServiceAccount that nobody has named', async () => {
  const { stderr, code } = await here.podid('plan', '-n', 'carts', '--workload', 'deploymnt/carts', ...role)
  expect(stderr).not.toContain('default')
  expect({ code, stderr }).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('"deploymnt/carts" names no workload'),
  })
})

it('says of a cluster that is being made how long that may take, and with what a run waits for it', async () => {
  const cluster = eksCluster(here.world)
  Object.assign(cluster, { status: 'CREATING' })
  try {
    const { code, stderr } = await here.podid('plan', ...inCarts, '--workload', 'carts', ...role)
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(
        /^podid: the cluster eks-workshop in us-west-2 is CREATING since \S+, which takes a new cluster 8 to 16 minutes, and does not answer yet; where --service-account and --workload KIND\/NAME are given, a run waits for it\n$/,
      ),
    ])
  } finally {
    Object.assign(cluster, { status: 'ACTIVE' })
  }
})
