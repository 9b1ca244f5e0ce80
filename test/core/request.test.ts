import { describe, expect, it } from 'vitest'
import { resolveRequest } from '../../core/request-input.ts'

const execution = {
  arn: 'arn:aws:states:us-west-2:123456789012:execution:podid-enable:run-1',
  startTime: '2026-11-23T06:00:00.123Z',
}
const carts = {
  cluster: 'eks-workshop',
  namespace: 'carts',
  serviceAccount: 'carts',
  role: 'arn:aws:iam::123456789012:role/eks-workshop-carts-dynamo',
  workload: 'deployment/carts',
  needs: [
    {
      actions: ['dynamodb:*'],
      resources: ['arn:aws:dynamodb:us-west-2:123456789012:table/eks-workshop-carts'],
    },
  ],
}

it('fills in what the sender may leave out, and what only the execution knows', () => {
  expect(resolveRequest(carts, execution)).toEqual({
    ...carts,
    workload: { kind: 'Deployment', name: 'carts' },
    region: 'us-west-2',
    account: '123456789012',
    run: 'run-1',
    startedAt: '2026-11-23T06:00:00.123Z',
    restartedAt: '2026-11-23T06:00:00.123095Z',
    mode: 'enable',
    sessionTags: true,
    replace: false,
    installAgent: false,
    createRole: false,
    ifWorkloadMissing: 'fail',
    allowZero: false,
    access: 'existing',
    accessAnalyzer: false,
    manageTrust: false,
    finish: false,
    removeOidcTrust: false,
    proof: 'default',
    waitAnyway: false,
    onFailure: 'undo',
    approval: 'none',
    approvalTimeoutSeconds: 3600,
    clusterTimeoutSeconds: 1800,
    rolloutTimeoutSeconds: 900,
  })
})

it.each([
  ['kubectl’s short form', 'sts/db', { kind: 'StatefulSet', name: 'db' }],
  ['a plural', 'daemonsets/agent', { kind: 'DaemonSet', name: 'agent' }],
])('takes a workload as %s', (_why, workload, parsed) => {
  expect(resolveRequest({ ...carts, workload }, execution).workload).toEqual(parsed)
})

describe('rejects, naming the field', () => {
  const faults: [why: string, change: Record<string, unknown>, said: string][] = [
    ['a misspelt field', { serviceAcount: 'carts' }, '- serviceAcount: is not a field of a request'],
    ['a field left out', { cluster: undefined }, '- cluster: is missing'],
    [
      'a malformed ARN',
      { role: 'arn:aws:iam::12:role/x' },
      '- role: "arn:aws:iam::12:role/x" is not an IAM role ARN',
    ],
    ['a user in the place of a role', { role: 'arn:aws:iam::123456789012:user/x' }, 'is not an IAM role ARN'],
    [
      'a role of another account, which EKS would refuse',
      { role: 'arn:aws:iam::999999999999:role/x' },
      '- role: "arn:aws:iam::999999999999:role/x" belongs to account 999999999999, and this run is in 123456789012',
    ],
    [
      'a namespace Kubernetes forbids',
      { namespace: 'Carts' },
      '- namespace: "Carts" is not a name Kubernetes accepts',
    ],
    [
      'a session policy beside session tags, which EKS refuses',
      { sessionPolicy: { Statement: [] } },
      '- sessionPolicy: EKS takes one only without session tags',
    ],
    ['a session policy that is no JSON', { sessionPolicy: '{' }, '- sessionPolicy: is not JSON'],
    [
      'a session policy that is too long',
      { sessionPolicy: { Statement: ['x'.repeat(2048)] }, sessionTags: false },
      'characters, and EKS takes 2048',
    ],
    [
      'needs that no stage looks for, with what to do',
      { needs: 'observed' },
      'leave needs out, run podid plan, and write here what it prints',
    ],
    ['a namespace with a dot', { namespace: 'a.b' }, '- namespace: "a.b" is not a name'],
    ['a name that is too long', { serviceAccount: 'a'.repeat(254) }, '253 characters at most'],
    ['an ARN for a cluster name', { cluster: 'arn:aws:eks:us-west-2:1:cluster/x' }, 'a name, not an ARN'],
    ['an unknown workload kind', { workload: 'pod/carts' }, '- workload: "pod/carts" names no workload'],
    ['a workload without a kind', { workload: 'carts' }, '- workload: "carts" names no workload'],
    ['a wrong type', { replace: 'yes' }, '- replace: '],
    [
      'a wrong type deep inside',
      { needs: [{ actions: 'dynamodb:*', resources: ['*'] }] },
      '- needs[0].actions: ',
    ],
    [
      'a need for nothing',
      { needs: [{ actions: [], resources: ['*'] }] },
      '- needs[0].actions: names no action',
    ],
    [
      'an action that is none',
      { needs: [{ actions: ['Query'], resources: ['*'] }] },
      '- needs[0].actions[0]: "Query"',
    ],
    ['an unknown mode', { mode: 'destroy' }, '- mode: '],
    ['an undo of nothing', { mode: 'undo' }, '- before: is missing'],
    ['a region that is none', { region: 'oregon' }, '- region: "oregon" is not an AWS region'],
    ['a timeout of nothing', { rolloutTimeoutSeconds: 0 }, '- rolloutTimeoutSeconds: '],
  ]

  it.each(faults)('%s', (_why, change, said) => {
    expect(() => resolveRequest({ ...carts, ...change }, execution)).toThrow(said)
  })

  it.each([['nothing'], [null], [42], [[]]])('%j in the place of a request', (input) => {
    expect(() => resolveRequest(input, execution)).toThrow('The request has a fault')
  })

  it('all faults at once, as an InvalidRequest', () => {
    const input = {
      ...carts,
      namespace: 'Carts',
      role: 'arn:aws:iam::999999999999:role/x',
      extra: 1,
      replace: 'no',
    }
    let thrown: unknown
    try {
      resolveRequest(input, execution)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toMatchObject({ name: 'InvalidRequest' })
    const { message } = thrown as Error
    expect(message).toMatch(/^The request has 4 faults; nothing was called\.\n/)
    for (const field of ['namespace', 'role', 'extra', 'replace']) expect(message).toContain(`- ${field}: `)
  })
})

const need = (actions: number, resources: number) => ({
  actions: Array.from({ length: actions }, (_, at) => `dynamodb:Action${at}`),
  resources: Array.from(
    { length: resources },
    (_, at) => `arn:aws:dynamodb:us-west-2:123456789012:table/${at}`,
  ),
})

it.each<[why: string, needs: object[], fault: RegExp | undefined]>([
  ['as many needs as may be', Array.from({ length: 200 }, () => need(1, 1)), undefined],
  [
    'one need more',
    Array.from({ length: 201 }, () => need(1, 1)),
    /needs: has 201 needs, and a request takes 200/,
  ],
  ['too many pairs', [need(80, 80)], /needs: are 6400 actions on resources, and a request takes 5000/],
  [
    'too long',
    Array.from({ length: 200 }, () => need(1, 12)),
    /needs: are \d+ bytes of JSON, and a request takes 60000/,
  ],
])('limits what a request may ask: %s', (_why, needs, fault) => {
  const resolve = () => resolveRequest({ ...carts, needs }, execution)
  if (fault) expect(resolve).toThrow(fault)
  else expect(resolve().needs).toHaveLength(200)
})
