import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { targetFrom, targetsFrom } from '../../cli/bindings/choose.ts'
import { fieldsFrom } from '../../cli/bindings/fields.ts'
import { clusterOfContext } from '../../cli/bindings/kubeconfig.ts'
import { bindingOptions } from '../../cli/bindings/options.ts'
import { exit } from '../../cli/exit.ts'
import { sideBySide, worstOf } from '../../cli/many/side-by-side.ts'
import { requestFields } from '../../core/request-input.ts'

const role = 'arn:aws:iam::123456789012:role/carts'
const carts = `cluster: eks-workshop
namespace: carts
serviceAccount: carts
role: ${role}
`
const settings = `account: '123456789012'
region: us-west-2
bindings:
  carts:
    cluster: eks-workshop
    namespace: carts
    serviceAccount: carts
    role: ${role}
    workload: deployment/carts
  orders:
    cluster: shop-*
    namespace: orders
    serviceAccount: orders
    role: ${role}
    needs: []
stages:
  production:
    region: eu-west-1
`

describe('the file that a command takes', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'podid-bindings-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))
  const file = (text: string): string => {
    const path = join(folder, 'file.yaml')
    writeFileSync(path, text)
    return path
  }
  const targets = async (text: string, flags: object = {}) =>
    (await targetsFrom('plan', { file: file(text), ...flags })).targets

  it.each<[what: string, text: string, flags: object, chosen: [name: string, input: object][]]>([
    [
      'a binding by itself, described further by flags',
      carts,
      { cluster: 'other', replace: true },
      [['carts/carts', { cluster: 'other', namespace: 'carts', replace: true }]],
    ],
    [
      'a binding as JSON',
      JSON.stringify({ cluster: 'a', namespace: 'b', serviceAccount: 'c', role }),
      {},
      [['b/c', { cluster: 'a' }]],
    ],
    [
      'one document among several, by its name',
      `${carts}---\n${carts.replaceAll('carts', 'orders')}`,
      { binding: ['orders/orders'] },
      [['orders/orders', { namespace: 'orders' }]],
    ],
    [
      'all of a list and of documents beside it',
      `- ${carts.replaceAll('\n', '\n  ').trim()}\n---\n${carts.replaceAll('carts', 'orders')}`,
      { all: true },
      [
        ['carts/carts', { namespace: 'carts' }],
        ['orders/orders', { namespace: 'orders' }],
      ],
    ],
    [
      'those of a list that are for a cluster',
      `${carts}---\n${carts.replace('eks-workshop', 'shop-1')}`,
      { cluster: 'shop-1' },
      [['carts/carts', { cluster: 'shop-1' }]],
    ],
    [
      'a binding of podid.yaml, in its region; what it leaves open may be observed',
      settings,
      { binding: ['carts'] },
      [
        [
          'carts',
          {
            cluster: 'eks-workshop',
            region: 'us-west-2',
            workload: 'deployment/carts',
            approvalTimeoutSeconds: 3600,
          },
        ],
      ],
    ],
    [
      'those of podid.yaml whose pattern a cluster fits, as a stage has them',
      settings,
      { cluster: 'shop-7', stage: 'production' },
      [['orders', { cluster: 'shop-7', region: 'eu-west-1', needs: [] }]],
    ],
  ])('%s', async (_what, text, flags, chosen) => {
    const found = await targets(text, flags)
    expect(found.map(({ name }) => name)).toEqual(chosen.map(([name]) => name))
    for (const [index, [, input]] of chosen.entries()) expect(found[index]?.input).toMatchObject(input)
  })

  it('leaves needs out where podid.yaml has none, so that they are observed', async () => {
    const [found] = await targets(settings, { binding: ['carts'] })
    expect(found?.input).not.toHaveProperty('needs')
  })

  it.each<[what: string, text: string, flags: object, said: string[]]>([
    [
      'several and no choice',
      settings,
      {},
      [
        'file.yaml has 2 bindings; choose one, or take all of them:',
        'podid plan --file ',
        ' --binding carts\n',
        ' --all\n',
        '  orders  on shop-*',
      ],
    ],
    [
      'no binding of that name',
      settings,
      { binding: ['cart'] },
      ['has no binding cart; did you mean carts?'],
    ],
    ['no binding for that cluster', settings, { cluster: 'moon' }, ['has no binding for moon; it has\n']],
    [
      'a binding that is not for that cluster',
      settings,
      { binding: ['carts'], cluster: 'moon' },
      ['the binding carts is for eks-workshop, and not for moon'],
    ],
    [
      'all, and a name',
      settings,
      { binding: ['carts'], all: true },
      ['--all and the name carts exclude each other: leave one out'],
    ],
    [
      'no such stage',
      settings,
      { binding: ['carts'], stage: 'prod' },
      ['has no stage prod: choose one with --stage production'],
    ],
    [
      'every fault of settings, by its line',
      settings
        .replace('workload: deployment/carts', 'wrkload: deployment/carts')
        .replace('region: us-west-2', 'region: moon'),
      { all: true },
      [
        'file.yaml has 2 faults; nothing was called.',
        'file.yaml:2: region: is not an AWS region',
        'file.yaml:9: bindings.carts.wrkload: is not a field of podid.yaml',
      ],
    ],
    [
      'a fault that is a stage’s',
      settings.replace('region: eu-west-1', 'region: moon'),
      { all: true, stage: 'production' },
      ['file.yaml:18: stages.production.region: is not an AWS region'],
    ],
    [
      'what only a stage has',
      settings.replace(/^account.*\n/, ''),
      { all: true },
      ['account: is missing (a string)', 'choose one with --stage production'],
    ],
    [
      'every fault of every document',
      `${carts}rol: x\n---\n- namespace: Carts\n  serviceAccount: carts\n  role: ${role}\n`,
      { all: true },
      [
        'has 3 faults',
        'file.yaml:5: rol: is not a field of a request',
        'file.yaml:7: cluster: is missing (a string)',
        'file.yaml:7: namespace: "Carts" is not a name',
      ],
    ],
    [
      'a fault of a flag, by the flag',
      carts,
      { role: 'carts!' },
      ['- --role: "carts!" is not an IAM role ARN'],
    ],
    ['what is no YAML', 'a: [1\nb: {', {}, ['is neither YAML nor JSON', 'file.yaml:2: Flow sequence']],
    ['nothing', '# nothing\n', {}, ['is empty']],
    ['something else', '- just a text\n', {}, ['file.yaml:1: is not a binding']],
    [
      'settings and more',
      `${settings}---\n${carts}`,
      { all: true },
      ['file.yaml has settings and, at ', 'file.yaml:20, another document'],
    ],
    [
      'a flag of one binding for several',
      `${carts}---\n${carts.replace('eks-workshop', 'shop-1')}`,
      { all: true, role },
      ["--role is one binding's, and several are chosen"],
    ],
    [
      'two for one ServiceAccount',
      `${carts}---\n${carts}`,
      { all: true },
      [
        'carts/carts (',
        'file.yaml:1) and carts/carts (',
        'file.yaml:6) are both for carts/carts on eks-workshop',
      ],
    ],
  ])('%s is said', async (_what, text, flags, said) => {
    const error = await targets(text, flags).catch((thrown: Error) => thrown)
    for (const part of said) expect((error as Error).message).toContain(part)
  })

  it('of what is no YAML tells the first faults: most that follow come of these', async () => {
    const text = ' A comment without its sign.\na: 1\nb: 2\nc: 3\nd: 4\n'
    const error = await targets(text, {}).catch((thrown: Error) => thrown)
    expect((error as Error).message).toMatch(/JSON:(?:\n- \S+file\.yaml:\d: .*){3}$/)
  })

  it('is for one binding where a command is', async () => {
    await expect(
      targetFrom('role', {
        file: file(`${carts}---\n${carts.replace('eks-workshop', 'shop-1')}`),
        all: true,
      }),
    ).rejects.toThrow('role is for one binding, and 2 are chosen')
  })
})

it('every field of a request has its flag, but for what is a command’s own', () => {
  const own = ['mode', 'before']
  expect(bindingOptions.map(({ field }) => field).toSorted()).toEqual(
    requestFields()
      .filter((field) => !own.includes(field))
      .toSorted(),
  )
})

it('flags say what the fields are', () => {
  expect(
    fieldsFrom({
      sessionTags: false,
      keep: true,
      createAccess: true,
      approval: true,
      timeout: 60,
      allowZero: true,
      agentConfiguration: '{"tolerations":[]}',
      need: ['observed'],
    }),
  ).toEqual({
    sessionTags: false,
    onFailure: 'keep',
    access: 'create',
    approval: 'required',
    rolloutTimeoutSeconds: 60,
    allowZero: true,
    agentConfiguration: { tolerations: [] },
    needs: 'observed',
  })
  // Commander's own value where the flag is not given.
  expect(fieldsFrom({ sessionTags: true })).toEqual({})
  expect(() => fieldsFrom({ sessionPolicy: '{' })).toThrow('--session-policy is not JSON')
})

describe('several side by side', () => {
  it.each([
    ['changes are worse than none', [exit.done, exit.changes], exit.changes],
    ['a failure is worse than changes', [exit.changes, exit.failed, exit.done], exit.failed],
    [
      'what was not put back is worse than what failed',
      [exit.undoIncomplete, exit.failed],
      exit.undoIncomplete,
    ],
    ['an interruption says that the rest is open', [exit.failed, exit.interrupted], exit.interrupted],
    [
      'what was not put back has to be known, also after an interruption',
      [exit.undoIncomplete, exit.interrupted],
      exit.undoIncomplete,
    ],
    ['nothing was called only where that is true of all', [exit.usage, exit.done], exit.failed],
    ['and then it is said', [exit.usage, exit.usage], exit.usage],
  ])('the worst code counts: %s', (_why, codes, worst) => expect(worstOf(codes)).toBe(worst))

  /** Works that end when they are told to, and how many were under way at most. */
  const works = (codes: readonly (typeof exit)[keyof typeof exit][]) => {
    let underWay = 0
    const seen = { most: 0, begun: [] as number[] }
    const work = async (index: number) => {
      seen.begun.push(index)
      seen.most = Math.max(seen.most, ++underWay)
      await new Promise((resolve) => setImmediate(resolve))
      underWay--
      return { code: codes[index] ?? exit.done }
    }
    return { seen, work }
  }

  it('no more at once than the bound, and one that fails stops no other', async () => {
    const { seen, work } = works([exit.failed])
    const outcomes = await sideBySide([0, 1, 2, 3, 4], { parallel: 2, failFast: false }, work)
    expect(outcomes.map((outcome) => outcome?.code)).toEqual([1, 0, 0, 0, 0])
    expect(seen.most).toBe(2)
  })

  it('fail-fast begins no further one, and lets those under way come to their end', async () => {
    const { seen, work } = works([exit.failed])
    const outcomes = await sideBySide([0, 1, 2, 3], { parallel: 2, failFast: true }, work)
    expect(outcomes.map((outcome) => outcome?.code)).toEqual([1, 0, undefined, undefined])
    expect(seen.begun).toEqual([0, 1])
  })
})

describe('the EKS cluster of a kubeconfig’s context', () => {
  const arn = 'arn:aws:eks:eu-west-1:123456789012:cluster/shop'
  const plain = {
    context: 'shop',
    cluster: 'shop',
    user: 'shop',
    server: 'https://127.0.0.1:6443',
    args: [],
    env: {},
  }
  const eksServer = 'https://ABCD.gr7.eu-west-1.eks.amazonaws.com'
  const found = { cluster: 'shop', region: 'eu-west-1' }
  it.each<[why: string, facts: object, cluster: object | undefined]>([
    ['as aws eks update-kubeconfig writes it', { context: arn, cluster: arn, user: arn }, found],
    ['with an alias', { context: 'my-alias', cluster: arn, user: arn }, found],
    [
      'of China',
      { cluster: arn.replace('arn:aws:', 'arn:aws-cn:').replace('eu-west-1', 'cn-north-1') },
      { cluster: 'shop', region: 'cn-north-1' },
    ],
    [
      'by the arguments of its token',
      { args: ['--region', 'eu-west-1', 'eks', 'get-token', '--cluster-name', 'shop'] },
      found,
    ],
    [
      'by joined arguments, and the server’s region',
      { args: ['eks', 'get-token', '--cluster-name=shop'], server: eksServer },
      found,
    ],
    [
      'of aws-iam-authenticator, and its environment’s region',
      { args: ['token', '-i', 'shop'], env: { AWS_REGION: 'eu-west-1' } },
      found,
    ],
    ['of eksctl', { cluster: 'shop.eu-west-1.eksctl.io' }, found],
    ['whose region nothing tells', { args: ['token', '-i', 'shop'] }, { cluster: 'shop' }],
    ['what is no EKS cluster', {}, undefined],
  ])('%s', (_why, facts, cluster) => expect(clusterOfContext({ ...plain, ...facts })).toEqual(cluster))
})
