import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../../core/config.ts'
import type { AssociationCheck, WorkloadCheck } from '../../../core/steps/answers.ts'
import { type ClusterEvent, readClusterEvent } from '../../../core/triggers/cluster-events.ts'
import { type DriftDecision, decideDrift, lookFinding } from '../../../core/triggers/drift.ts'
import { bindingAt, chooseBinding, runInput } from '../../../core/triggers/run-input.ts'
import { runName } from '../../../core/triggers/run-name.ts'

const envelope = (change: object) => ({
  version: '0',
  id: '1',
  source: 'aws.eks',
  account: '123456789012',
  region: 'us-east-1',
  time: '2026-11-23T07:00:00Z',
  resources: [],
  ...change,
})
const call = (detail: object) =>
  envelope({
    'detail-type': 'AWS API Call via CloudTrail',
    detail: {
      eventSource: 'eks.amazonaws.com',
      eventName: 'CreateCluster',
      awsRegion: 'us-west-2',
      ...detail,
    },
  })
const addon = (name: string) => `arn:aws:eks:us-west-2:123456789012:addon/shop-1/${name}/12ab`
const installed = (change: object) => envelope({ 'detail-type': 'EKS Addon Creation Succeeded', ...change })
const arn = 'arn:aws:eks:us-west-2:210987654321:cluster/shop-1'

const created = {
  trigger: 'cluster-created',
  cluster: 'shop-1',
  region: 'us-west-2',
  account: '123456789012',
  cause: '',
} as const
const agent = {
  ...created,
  trigger: 'agent-installed',
  region: 'us-east-1',
  cause: addon('eks-pod-identity-agent'),
} as const

it.each<[why: string, event: unknown, expected: ClusterEvent | undefined]>([
  [
    'the created cluster’s ARN says all',
    call({ responseElements: { cluster: { arn } } }),
    { ...created, account: '210987654321' },
  ],
  [
    'the created cluster has a name alone',
    call({ responseElements: { cluster: { name: 'shop-1' } } }),
    created,
  ],
  ['a newer request says name', call({ requestParameters: { name: 'shop-1' } }), created],
  [
    'an older one clusterName',
    call({ requestParameters: { clusterName: 'shop-1' }, responseElements: null }),
    created,
  ],
  [
    'a call that failed',
    call({ requestParameters: { name: 'shop-1' }, errorCode: 'ResourceInUseException' }),
    undefined,
  ],
  ['another call', call({ eventName: 'DeleteCluster', requestParameters: { name: 'shop-1' } }), undefined],
  ['a call that names no cluster', call({}), undefined],
  ['the agent, among the resources', installed({ resources: [addon('eks-pod-identity-agent')] }), agent],
  ['the agent, in the detail', installed({ detail: { addonArn: addon('eks-pod-identity-agent') } }), agent],
  ['another add-on', installed({ resources: [addon('vpc-cni')] }), undefined],
  [
    'an add-on that is not named, of a cluster by its ARN',
    installed({ resources: ['arn:aws:eks:us-east-1:123456789012:cluster/shop-1'] }),
    { ...agent, cause: '', asksForAgent: true },
  ],
  [
    'the agent by its name alone, of a cluster by its name',
    installed({ detail: { clusterName: 'shop-1', addonName: 'eks-pod-identity-agent' } }),
    { ...agent, cause: '', asksForAgent: true },
  ],
  [
    'another add-on by its name alone',
    installed({ detail: { clusterName: 'shop-1', addonName: 'vpc-cni' } }),
    undefined,
  ],
  ['an add-on of nobody knows which cluster', installed({ detail: { status: 'ACTIVE' } }), undefined],
  [
    'an agent that could not be installed',
    {
      ...installed({ resources: [addon('eks-pod-identity-agent')] }),
      'detail-type': 'EKS Addon Creation Failed',
    },
    undefined,
  ],
  ['another source', { ...call({ requestParameters: { name: 'shop-1' } }), source: 'custom' }, undefined],
  ['no event at all', 'text', undefined],
  ['nothing', null, undefined],
])('reads %s', (_why, event, expected) => {
  expect(readClusterEvent(event)).toEqual(expected)
})

describe('drift', () => {
  const binding = {
    namespace: 'carts',
    serviceAccount: 'carts',
    role: 'arn:aws:iam::123456789012:role/carts',
  }
  const before = {
    id: 'a-1',
    roleArn: 'arn:aws:iam::123456789012:role/other',
    targetRoleArn: null,
    disableSessionTags: false,
    policy: null,
    run: null,
  }
  const association = (
    action: AssociationCheck['action'],
    findings: AssociationCheck['findings'] = [],
  ): AssociationCheck => ({
    action,
    before: action === 'create' ? null : before,
    findings,
    message: '',
  })
  const workload = (injected: boolean, change: Partial<WorkloadCheck> = {}): WorkloadCheck => ({
    exists: true,
    summary: '',
    before: null,
    uid: null,
    revisions: [],
    injected,
    carried: injected,
    credentials: null,
    diagnosis: [],
    findings: [],
    ...change,
  })
  const obstacle = { code: 'association-differs', severity: 'blocking' as const, subject: 's', found: 'f' }

  it.each<[why: string, AssociationCheck, WorkloadCheck | null, DriftDecision['action'], codes: string[]]>([
    ['all is as declared', association('keep'), workload(true), 'none', []],
    [
      'no workload yet: the association is all there can be',
      association('keep'),
      workload(false, { exists: false }),
      'none',
      [],
    ],
    [
      'the association was never made',
      association('create'),
      workload(false),
      'mend',
      ['association-missing'],
    ],
    [
      'it grants another role, and may be repointed',
      association('repoint'),
      workload(true),
      'mend',
      ['association-repointed'],
    ],
    [
      'it grants another role, and may not',
      association('refuse', [obstacle]),
      workload(true),
      'report',
      ['association-differs'],
    ],
    [
      'pods were created without credentials',
      association('keep'),
      workload(false),
      'mend',
      ['credentials-missing'],
    ],
    [
      'some pods have credentials, and others have none',
      association('keep'),
      workload(false, { carried: true }),
      'mend',
      ['credentials-missing'],
    ],
    [
      'a run would be refused',
      association('create'),
      workload(false, { findings: [{ ...obstacle, code: 'workload-paused' }] }),
      'report',
      ['association-missing', 'workload-paused'],
    ],
    [
      'a warning is no obstacle',
      association('create'),
      workload(false, { findings: [{ ...obstacle, severity: 'warning' }] }),
      'mend',
      ['association-missing'],
    ],
  ])('%s', (_why, associationCheck, workloadCheck, action, codes) => {
    const decision = decideDrift(binding, associationCheck, workloadCheck)
    expect(decision.action).toBe(action)
    expect(decision.findings.map(({ code }) => code)).toEqual(codes)
  })
})

describe('drift is told whole', () => {
  const binding = { namespace: 'shop', serviceAccount: 'carts', role: 'arn:aws:iam::123456789012:role/carts' }
  const check = (action: AssociationCheck['action']) =>
    ({
      action,
      before: { roleArn: 'arn:aws:iam::123456789012:role/other' },
      findings: [],
    }) as unknown as AssociationCheck
  const injected = (yes: boolean) =>
    ({ exists: true, injected: yes, findings: [] }) as unknown as WorkloadCheck
  it.each<[code: string, found: string, action: AssociationCheck['action'], workload: WorkloadCheck | null]>([
    ['association-missing', 'it has no association: it was never created, or it was deleted', 'create', null],
    [
      'association-repointed',
      'its association grants arn:aws:iam::123456789012:role/other, and arn:aws:iam::123456789012:role/carts is declared',
      'repoint',
      null,
    ],
    [
      'credentials-missing',
      'it has its association, but pods run without credentials',
      'keep',
      injected(false),
    ],
  ])('%s', (code, found, action, workload) => {
    expect(decideDrift(binding, check(action), workload)).toEqual({
      action: 'mend',
      findings: [{ code, severity: 'warning', subject: 'serviceaccount shop/carts', found }],
    })
  })

  it('nothing where there is no workload', () => {
    expect(decideDrift(binding, check('keep'), null)).toEqual({ action: 'none', findings: [] })
  })

  it('what CloudTrail showed is beside it', () => {
    expect(lookFinding(binding, { at: 't', role: 'r/carts', unseen: 'why' })).toEqual({
      code: 'credentials-in-cloudtrail',
      severity: 'info',
      subject: 'serviceaccount shop/carts',
      found:
        'at t CloudTrail’s event history could not be looked at (why), so whether EKS assumed carts for its pods was not seen',
    })
  })
})

describe('an installed add-on', () => {
  const about = { trigger: 'agent-installed', account: '123456789012', region: 'us-east-1' }
  const asks = { ...about, cluster: 'shop-1', cause: '', asksForAgent: true }
  const gov = 'arn:aws-us-gov:eks:us-gov-west-1:123456789012'
  it.each<[why: string, event: object, read: object | undefined]>([
    [
      'is known by its ARN in any partition',
      { resources: [`${gov}:addon/shop-1/eks-pod-identity-agent/12ab`] },
      { ...about, cluster: 'shop-1', cause: `${gov}:addon/shop-1/eks-pod-identity-agent/12ab` },
    ],
    ['is another one by its ARN', { resources: [`${gov}:addon/shop-1/vpc-cni/12ab`] }, undefined],
    [
      'is asked for by the ARN of the cluster in any partition',
      { resources: [`${gov}:cluster/shop-1`] },
      asks,
    ],
    [
      'is asked for by the ARN of the cluster in the detail',
      { detail: { n: 1, x: `${gov}:cluster/shop-1` } },
      asks,
    ],
    ['is asked for by the name of the cluster', { detail: { clusterName: 'shop-1' } }, asks],
    ['is asked for by its other name', { detail: { 'cluster-name': 'shop-1' } }, asks],
    [
      'is asked for by its third name',
      { detail: { clusterName: '', 'cluster-name': 7, cluster: 'shop-1' } },
      asks,
    ],
    [
      'is the agent by its name',
      { detail: { cluster: 'shop-1', addonName: 'eks-pod-identity-agent' } },
      asks,
    ],
    ['is another one by its name', { detail: { cluster: 'shop-1', addonName: 'vpc-cni' } }, undefined],
    [
      'is another one by its other name',
      { detail: { cluster: 'shop-1', addonName: '', 'addon-name': 'vpc-cni' } },
      undefined,
    ],
    ['is another one by its third name', { detail: { cluster: 'shop-1', addon: 'vpc-cni' } }, undefined],
    ['is on no cluster that a list names', { detail: { x: [`${gov}:cluster/shop-1`] } }, undefined],
    ['is on no cluster', { detail: { addonName: 'eks-pod-identity-agent' } }, undefined],
    [
      'is known by no ARN that only ends so',
      { resources: [`x${gov}:addon/shop-1/eks-pod-identity-agent/1`, `x${gov}:cluster/a`] },
      undefined,
    ],
    [
      'is known by no ARN that goes on',
      { resources: [`${gov}:addon/shop-1/eks-pod-identity-agent/1/2`, `${gov}:cluster/a/b`] },
      undefined,
    ],
  ])('%s', (_why, event, read) => {
    expect(readClusterEvent(installed(event))).toEqual(read)
  })
})

describe('choosing a binding', () => {
  const fields = { namespace: 'carts', serviceAccount: 'carts', role: 'arn:aws:iam::123456789012:role/carts' }
  const config = parseConfig(
    {
      account: '123456789012',
      region: 'us-west-2',
      bindings: {
        one: { ...fields, cluster: 'shop-1', region: 'eu-west-1' },
        many: { ...fields, cluster: 'shop-*', clusterTags: { stage: 'test' } },
      },
      clusters: { others: ['lab-?'] },
      approvals: { timeoutMinutes: 10 },
    },
    'test',
  )

  it.each<[name: string, cluster: string | undefined, chosen: object]>([
    ['one', undefined, { cluster: { name: 'shop-1', region: 'eu-west-1' }, tagsMatter: false }],
    ['many', 'shop-2', { cluster: { name: 'shop-2', region: 'us-west-2' }, tagsMatter: true }],
    ['many', 'lab-1', { cluster: { name: 'lab-1', region: 'us-west-2' }, tagsMatter: false }],
    ['many', undefined, { why: 'many is for the clusters shop-*; say which one: many on CLUSTER' }],
    ['many', 'bank', { why: 'many is for shop-*, and podid.yaml does not allow it on bank' }],
    ['ony', undefined, { why: 'there is no binding ony in podid.yaml; did you mean one?' }],
    ['constructor', undefined, { why: 'there is no binding constructor in podid.yaml' }],
  ])('%s on %s', (name, cluster, chosen) => {
    expect(chooseBinding(config, name, cluster)).toMatchObject(chosen)
  })

  it('makes an input with the stage’s time for approvals', () => {
    const choice = chooseBinding(config, 'one', undefined)
    if ('why' in choice) throw new Error('the binding is there')
    const found = bindingAt(choice, config.account, {})
    if ('why' in found) throw new Error('the binding is for it')
    expect(runInput(config, found.single, { mode: 'plan' })).toMatchObject({
      cluster: 'shop-1',
      region: 'eu-west-1',
      mode: 'plan',
      approvalTimeoutSeconds: 600,
    })
  })
})

it('names runs within what Step Functions takes, readable and distinguished by their cause', () => {
  const longest = { cluster: 'c'.repeat(100), serviceAccount: 's'.repeat(253) }
  const name = runName('cluster-created', longest, '0123456789abcdef0123456789abcdef')
  expect(name).toMatch(/^cluster-c{24}-s{24}-[0-9a-f]{20}$/)
  expect(name.length).toBeLessThanOrEqual(80)
})

it.each([
  ['slack', 'slack'],
  ['webhook', 'webhook'],
  ['cluster-created', 'cluster'],
  ['agent-installed', 'agent'],
  ['sweep', 'sweep'],
] as const)('a run that %s starts is called %s first', (trigger, first) => {
  expect(runName(trigger, { cluster: 'shop', serviceAccount: 'carts' }, 'abc')).toBe(
    `${first}-shop-carts-abc`,
  )
})
