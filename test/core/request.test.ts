import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import * as z from 'zod'
import { Request, runOptions } from '../../core/request.ts'
import { bindingFields, requestFaults, resolveRequest } from '../../core/request-input.ts'
import { faultLine } from '../../core/text/value-fault.ts'

const execution = {
  arn: 'arn:aws:states:us-west-2:123456789012:execution:podid-enable:run-1',
  startTime: '2026-11-23T06:00:00.123Z',
}
const carts = {
  cluster: 'eks-workshop',
  namespace: 'carts',
  serviceAccount: 'carts',
  role: 'arn:aws:iam::123456789012:role/eks-workshop-carts-dynamo',
}
const before = { run: 'r', restartedAt: 't', association: null, workload: null }
const account = 'arn:aws:iam::123456789012'

const cluster = (name: string) =>
  `cluster: "${name}" is not an EKS cluster name: letters, digits, '-' and '_', 100 characters at most (a name, not an ARN)`
const namespace = (name: string) =>
  `namespace: "${name}" is not a name Kubernetes accepts: lower-case letters, digits and '-', 63 characters at most`
const serviceAccount = (name: string) =>
  `serviceAccount: "${name}" is not a name Kubernetes accepts: lower-case letters, digits, '-' and '.', 253 characters at most`
const role = (arn: string, field = 'role') =>
  `${field}: "${arn}" is not an IAM role ARN, such as arn:aws:iam::123456789012:role/carts-dynamo`
const version = (text: string) =>
  `agentVersion: "${text}" is not a version of an add-on, such as v1.3.10-eksbuild.2`
const boundary = (arn: string) =>
  `permissionsBoundary: "${arn}" is not the ARN of a policy, such as arn:aws:iam::123456789012:policy/limits`
const action = (at: number, text: string) =>
  `needs[0].actions[${at}]: "${text}" is not an action, such as dynamodb:Query or s3:Get*`
const resource = (at: number, text: string) =>
  `needs[0].resources[${at}]: "${text}" is not a resource: an ARN, such as arn:aws:dynamodb:us-west-2:123456789012:table/Items, or *`
const noDocument = 'sessionPolicy: is not a policy document: it has no Statement'

it.each<[why: string, change: Record<string, unknown>, faults: string[]]>([
  ['a misspelt field', { serviceAcount: 'carts' }, ['serviceAcount: is not a field of a request']],
  ['a field left out', { cluster: undefined }, ['cluster: is missing (a string)']],
  ['a field that is null', { cluster: null }, ['cluster: Invalid input: expected string, received null']],
  [
    'an ARN for a cluster name',
    { cluster: 'arn:aws:eks:us-west-2:1:cluster/x' },
    [cluster('arn:aws:eks:us-west-2:1:cluster/x')],
  ],
  ['a cluster name of 101 characters', { cluster: 'c'.repeat(101) }, [cluster('c'.repeat(101))]],
  ['a cluster name that begins with a dash', { cluster: '-c' }, [cluster('-c')]],
  ['a namespace with capitals', { namespace: 'Carts' }, [namespace('Carts')]],
  ['a namespace with a dot', { namespace: 'a.b' }, [namespace('a.b')]],
  ['a namespace of 64 characters', { namespace: 'a'.repeat(64) }, [namespace('a'.repeat(64))]],
  ['a namespace that ends with a dash', { namespace: 'a-' }, [namespace('a-')]],
  ['a ServiceAccount with an empty part', { serviceAccount: 'a..b' }, [serviceAccount('a..b')]],
  [
    'a ServiceAccount of 254 characters',
    { serviceAccount: 'a'.repeat(254) },
    [serviceAccount('a'.repeat(254))],
  ],
  [
    'a region that is none',
    { region: 'oregon' },
    ['region: "oregon" is not an AWS region, such as us-west-2'],
  ],
  ['a zone', { region: 'us-west-2a' }, ['region: "us-west-2a" is not an AWS region, such as us-west-2']],
  [
    'a region of another partition',
    { region: 'cn-north-1' },
    [
      'region: cn-north-1 is in the partition aws-cn, and podid runs in us-west-2 (aws), whose accounts are others: deploy a stage there',
    ],
  ],
  ['an ARN with a short account', { role: 'arn:aws:iam::12:role/x' }, [role('arn:aws:iam::12:role/x')]],
  ['a user in the place of a role', { role: `${account}:user/x` }, [role(`${account}:user/x`)]],
  ['something before an ARN', { role: ` ${account}:role/x` }, [role(` ${account}:role/x`)]],
  ['something behind it', { role: `${account}:role/x y` }, [role(`${account}:role/x y`)]],
  ['a role of no name', { role: `${account}:role/` }, [role(`${account}:role/`)]],
  [
    'a role’s name of 65 characters',
    { role: `${account}:role/${'x'.repeat(65)}` },
    [role(`${account}:role/${'x'.repeat(65)}`)],
  ],
  [
    'a role of another account, which EKS would refuse',
    { role: 'arn:aws:iam::999999999999:role/x' },
    [
      'role: "arn:aws:iam::999999999999:role/x" belongs to account 999999999999, and this run is in 123456789012: EKS takes only a role of the cluster\'s own account (name the other one as targetRole)',
    ],
  ],
  ['a target role that is none', { targetRole: 'x' }, [role('x', 'targetRole')]],
  ['a former role that is none', { formerRoles: [carts.role, 'x'] }, [role('x', 'formerRoles[1]')]],
  [
    'session tags by a word',
    { sessionTags: 'no' },
    ['sessionTags: Invalid input: expected boolean, received string'],
  ],
  [
    'a session policy beside session tags, which EKS refuses',
    { sessionPolicy: { Statement: [] } },
    ['sessionPolicy: EKS takes one only without session tags: set sessionTags to false'],
  ],
  [
    'a session policy that is no JSON',
    { sessionPolicy: '{', sessionTags: false },
    ['sessionPolicy: is not JSON'],
  ],
  ['one that is a number', { sessionPolicy: '7', sessionTags: false }, [noDocument]],
  ['one that is null', { sessionPolicy: 'null', sessionTags: false }, [noDocument]],
  ['one without a Statement', { sessionPolicy: '{}', sessionTags: false }, [noDocument]],
  [
    'one that is a list',
    { sessionPolicy: [], sessionTags: false },
    ['sessionPolicy: Invalid input: expected string, received array'],
  ],
  [
    'one that is too long',
    { sessionPolicy: { Statement: ['x'.repeat(2031)] }, sessionTags: false },
    ['sessionPolicy: has 2049 characters, and EKS takes 2048'],
  ],
  [
    'an unknown kind of workload',
    { workload: 'pod/carts' },
    ['workload: "pod/carts" names no workload: write deployment/NAME, daemonset/NAME or statefulset/NAME'],
  ],
  ['a workload by a number', { workload: 7 }, ['workload: Invalid input: expected string, received number']],
  [
    'needs that no stage looks for, with what to do',
    { needs: 'observed' },
    [
      'needs: is "observed", which a stage and its settings do not take, as what is observed changes from run to run: leave needs out, run podid plan, and write here what it prints',
    ],
  ],
  ['needs that are no list', { needs: 'all' }, ['needs: Invalid input: expected array, received string']],
  [
    'a wrong type deep inside',
    { needs: [{ actions: 'dynamodb:*', resources: ['*'] }] },
    ['needs[0].actions: Invalid input: expected array, received string'],
  ],
  [
    'a need for nothing',
    { needs: [{ actions: [], resources: ['*'] }] },
    ['needs[0].actions: names no action'],
  ],
  [
    'a need on nothing',
    { needs: [{ actions: ['s3:Get*'], resources: [] }] },
    ['needs[0].resources: names no resource'],
  ],
  [
    'actions that are none',
    { needs: [{ actions: ['Query', 's3:Get Object', 'S3:Get', '1:a', 's3:'], resources: ['*'] }] },
    [action(0, 'Query'), action(1, 's3:Get Object'), action(2, 'S3:Get'), action(3, '1:a'), action(4, 's3:')],
  ],
  [
    'resources that are none',
    {
      needs: [
        {
          actions: ['s3:*'],
          resources: [
            'table',
            '**',
            ' arn:aws:s3:::a',
            'arn:aws:s3',
            'arn:aws:s3:::a b',
            'arn: :s3:::a',
            'arn:aws: :::a',
            'arn:aws:s3: ::a',
            'arn:aws:s3:: :a',
            'arn:aws:s3:::',
          ],
        },
      ],
    },
    [
      resource(0, 'table'),
      resource(1, '**'),
      resource(2, ' arn:aws:s3:::a'),
      resource(3, 'arn:aws:s3'),
      resource(4, 'arn:aws:s3:::a b'),
      resource(5, 'arn: :s3:::a'),
      resource(6, 'arn:aws: :::a'),
      resource(7, 'arn:aws:s3: ::a'),
      resource(8, 'arn:aws:s3:: :a'),
      resource(9, 'arn:aws:s3:::'),
    ],
  ],
  [
    'what a need has not',
    { needs: [{ actions: ['s3:*'], resources: ['*'], grantedBy: 'role', optional: false, more: 1 }] },
    [
      'needs[0].grantedBy: Invalid input: expected "resource-policy"',
      'needs[0].optional: Invalid input: expected true',
      'needs[0].more: is not a field of a request',
    ],
  ],
  ['an unknown mode', { mode: 'destroy' }, ['mode: Invalid option: expected one of "enable"|"plan"|"undo"']],
  [
    'an undo of nothing',
    { mode: 'undo' },
    ["before: is missing; mode undo needs the 'before' of the report of the run to be undone"],
  ],
  [
    'what was before, and no undo',
    { before, mode: 'plan' },
    ['before: goes with mode undo only, and the mode is plan'],
  ],
  [
    'what was before, without what an undo needs',
    { mode: 'undo', before: { run: 1 } },
    [
      'before.run: Invalid input: expected string, received number',
      'before.restartedAt: is missing (a string)',
      'before.association: is missing (an object)',
      'before.workload: is missing (an object)',
    ],
  ],
  [
    'the parts of it too',
    {
      mode: 'undo',
      before: { ...before, association: {}, workload: {}, trust: {}, annotation: {} },
    },
    [
      'before.association.id: is missing (a string)',
      'before.association.roleArn: is missing (a string)',
      'before.association.targetRoleArn: is missing (a string)',
      'before.association.disableSessionTags: is missing (a boolean)',
      'before.association.policy: is missing (a string)',
      'before.workload.restartedAt: is missing (a string)',
      'before.workload.healthy: is missing (a boolean)',
      'before.trust.found: is missing (a string)',
      'before.trust.planned: is missing (a string)',
      'before.trust.what: is missing (an array)',
      'before.annotation.role: is missing (a string)',
      'before.annotation.goes: is missing (a boolean)',
    ],
  ],
  [
    'words where yes or no is asked',
    Object.fromEntries(
      [
        'replace',
        'installAgent',
        'createRole',
        'manageTrust',
        'finish',
        'removeOidcTrust',
        'accessAnalyzer',
        'allowZero',
        'waitAnyway',
      ].map((field) => [field, 'yes']),
    ),
    [
      'replace',
      'installAgent',
      'createRole',
      'manageTrust',
      'finish',
      'removeOidcTrust',
      'accessAnalyzer',
      'allowZero',
      'waitAnyway',
    ].map((field) => `${field}: Invalid input: expected boolean, received string`),
  ],
  ['a version without its build', { agentVersion: 'v1.3.10' }, [version('v1.3.10')]],
  [
    'a version with something before it',
    { agentVersion: 'xv1.3.10-eksbuild.2' },
    [version('xv1.3.10-eksbuild.2')],
  ],
  [
    'a version with something behind it',
    { agentVersion: 'v1.3.10-eksbuild.2x' },
    [version('v1.3.10-eksbuild.2x')],
  ],
  [
    'a configuration that is none',
    { agentConfiguration: 'x' },
    ['agentConfiguration: Invalid input: expected record, received string'],
  ],
  ['a migration from something else', { migrate: 'kiam' }, ['migrate: Invalid input: expected "irsa"']],
  [
    'the end of no migration',
    { finish: true },
    ['finish: ends a migration: say of which kind, with migrate: irsa'],
  ],
  [
    'a part of no migration',
    { removeOidcTrust: true },
    [
      'removeOidcTrust: is a part of a migration: it goes with migrate: irsa',
      "removeOidcTrust: writes the role's trust policy, which takes manageTrust: true",
    ],
  ],
  [
    'a part of one that may not be done',
    { migrate: 'irsa', finish: true, removeOidcTrust: true },
    ["removeOidcTrust: writes the role's trust policy, which takes manageTrust: true"],
  ],
  ...[
    'limits',
    ` ${account}:policy/x`,
    `${account}:policy/x y`,
    'arn:aws:iam::1234:policy/x',
    'arn:aws:iam::aws:role/x',
    `${account}:policy/`,
  ].map((arn): [string, Record<string, unknown>, string[]] => [
    'no policy',
    { permissionsBoundary: arn },
    [boundary(arn)],
  ]),
  [
    'words that are not offered',
    { access: 'x', ifWorkloadMissing: 'x', proof: 'x', onFailure: 'x', approval: 'x' },
    [
      'access: Invalid option: expected one of "existing"|"create"',
      'ifWorkloadMissing: Invalid option: expected one of "fail"|"associate"',
      'proof: Invalid option: expected one of "default"|"required"',
      'onFailure: Invalid option: expected one of "undo"|"keep"',
      'approval: Invalid option: expected one of "none"|"required"',
    ],
  ],
  [
    'no time at all',
    { approvalTimeoutSeconds: 59, clusterTimeoutSeconds: 0, rolloutTimeoutSeconds: 0 },
    [
      'approvalTimeoutSeconds: Too small: expected number to be >=60',
      'clusterTimeoutSeconds: Too small: expected number to be >=1',
      'rolloutTimeoutSeconds: Too small: expected number to be >=1',
    ],
  ],
  [
    'a second too much',
    { approvalTimeoutSeconds: 86_401, clusterTimeoutSeconds: 7201, rolloutTimeoutSeconds: 7201 },
    [
      'approvalTimeoutSeconds: Too big: expected number to be <=86400',
      'clusterTimeoutSeconds: Too big: expected number to be <=7200',
      'rolloutTimeoutSeconds: Too big: expected number to be <=7200',
    ],
  ],
  [
    'parts of seconds',
    { approvalTimeoutSeconds: 60.5 },
    ['approvalTimeoutSeconds: Invalid input: expected int, received number'],
  ],
])('a request is refused for %s', (_why, change, faults) => {
  const heading = faults.length === 1 ? 'a fault' : `${faults.length} faults`
  expect(() => resolveRequest({ ...carts, ...change }, execution)).toThrow(
    expect.objectContaining({
      name: 'InvalidRequest',
      message: `The request has ${heading}; nothing was called.\n${faults.map((fault) => `- ${fault}`).join('\n')}`,
    }),
  )
})

it.each<[why: string, field: string, value: unknown, taken?: unknown]>([
  ['a cluster name of 100 characters', 'cluster', `0${'_'.repeat(99)}`],
  ['a namespace of 63 characters', 'namespace', 'a'.repeat(63)],
  ['a ServiceAccount of 253 characters', 'serviceAccount', `a.${'b'.repeat(251)}`],
  ['a role with a path', 'role', `${account}:role/a/{b}/x`],
  ['a role’s name of 64 characters', 'role', `${account}:role/${'x'.repeat(64)}`],
  ['a target role of any account', 'targetRole', 'arn:aws:iam::999999999999:role/x'],
  ['former roles', 'formerRoles', [carts.role]],
  ['another region', 'region', 'eu-west-1'],
  [
    'a need that is granted elsewhere',
    'needs',
    [{ actions: ['s3:Get?*'], resources: ['arn:aws:s3:::a/*'], grantedBy: 'resource-policy' }],
  ],
  ['a need that may be missing', 'needs', [{ actions: ['s3:Get'], resources: ['*'], optional: true }]],
  ['a version', 'agentVersion', 'v10.30.10-eksbuild.20'],
  ['a configuration', 'agentConfiguration', { tolerations: [{ operator: 'Exists' }] }],
  ['AWS’s own policy as a boundary', 'permissionsBoundary', 'arn:aws:iam::aws:policy/PowerUserAccess'],
  ['an own one with a path', 'permissionsBoundary', `${account}:policy/a/b`],
  ['the shortest time for an answer', 'approvalTimeoutSeconds', 60],
  ['the longest', 'approvalTimeoutSeconds', 86_400],
  ['the longest for a cluster', 'clusterTimeoutSeconds', 7200],
  ['the shortest', 'clusterTimeoutSeconds', 1],
  ['the longest for a rollout', 'rolloutTimeoutSeconds', 7200],
  ['the shortest', 'rolloutTimeoutSeconds', 1],
  ['access that is made', 'access', 'create'],
  ['a workload that comes later', 'ifWorkloadMissing', 'associate'],
  ['a proof', 'proof', 'required'],
  ['what a failure leaves', 'onFailure', 'keep'],
  ['an approval', 'approval', 'required'],
  ['a plan', 'mode', 'plan'],
  ['a migration', 'migrate', 'irsa'],
])('a request may have %s', (_why, field, value) => {
  expect(resolveRequest({ ...carts, [field]: value }, execution)).toMatchObject({ [field]: value })
})

it('fills in what the sender may leave out, and what only the execution knows', () => {
  const sent = {
    ...carts,
    workload: 'deployment/carts',
    needs: [{ actions: ['dynamodb:*'], resources: ['arn:aws:dynamodb:us-west-2:123456789012:table/carts'] }],
  }
  expect(resolveRequest(sent, execution)).toEqual({
    ...sent,
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

it('is what every later step takes, and nothing else is', () => {
  const request = resolveRequest({ ...carts, workload: 'deployment/carts' }, execution)
  expect(Request.parse(request)).toEqual(request)
  expect(Request.safeParse({ ...request, more: 1 }).success).toBe(false)
  expect(Request.safeParse({ ...request, cluster: undefined }).success).toBe(false)
  expect(request.needs).toEqual([])
})

it.each([
  ['China', 'aws-cn', 'cn-north-1'],
  ['GovCloud', 'aws-us-gov', 'us-gov-west-1'],
])('takes the ARNs of %s there', (_where, partition, region) => {
  const role = `arn:${partition}:iam::123456789012:role/carts`
  const there = { ...execution, arn: `arn:${partition}:states:${region}:123456789012:execution:podid:run-1` }
  expect(resolveRequest({ ...carts, role }, there)).toMatchObject({ role, region, run: 'run-1' })
})

it('takes a session policy of 2,048 characters, as a document or as text, and sends it as text', () => {
  const policy = { Statement: ['x'.repeat(2030)] }
  for (const sessionPolicy of [policy, JSON.stringify(policy)])
    expect(resolveRequest({ ...carts, sessionPolicy, sessionTags: false }, execution).sessionPolicy).toBe(
      JSON.stringify(policy),
    )
})

it('takes what was before, of earlier versions too', () => {
  const association = { id: 'a', roleArn: 'r', targetRoleArn: null, disableSessionTags: false, policy: null }
  const full = {
    ...before,
    association: { ...association, run: 'r-0' },
    workload: { restartedAt: null, healthy: true, ready: 1, desired: 2 },
    trust: { found: '{}', planned: '{}', what: ['x'] },
    annotation: { role: null, goes: false },
  }
  const resolved = (given: object) =>
    resolveRequest({ ...carts, mode: 'undo', before: given }, execution).before
  expect(resolved(full)).toEqual(full)
  expect(resolved({ ...before, association, workload: { restartedAt: null, healthy: true } })).toEqual({
    ...before,
    association: { ...association, run: null },
    workload: { restartedAt: null, healthy: true },
  })
  for (const part of ['association', 'workload', 'trust', 'annotation'] as const) {
    const more = { ...full, [part]: { ...full[part], more: 1 } }
    expect(() => resolved(more)).toThrow(`- before.${part}.more: is not a field of a request`)
  }
  expect(() => resolved({ ...full, more: 1 })).toThrow('- before.more: is not a field of a request')
})

it('judges by the account that is asked for, of one after another', () => {
  const other = 'arn:aws:iam::999999999999:role/x'
  const told = (id: string) => requestFaults({ ...carts, role: other, namespace: 'A' }, id).map(faultLine)
  expect(told('123456789012')).toEqual([
    namespace('A'),
    'role: "arn:aws:iam::999999999999:role/x" belongs to account 999999999999, and this run is in 123456789012: EKS takes only a role of the cluster\'s own account (name the other one as targetRole)',
  ])
  expect(told('999999999999')).toEqual([namespace('A')])
  // Of the region only a run knows.
  expect(requestFaults({ ...carts, region: 'cn-north-1' }, '123456789012')).toEqual([])
})

it('says of its fields what podid.yaml’s schema says to an editor', () => {
  const file = JSON.parse(readFileSync(join(import.meta.dirname, '../../podid.schema.json'), 'utf8'))
  const properties: Record<string, { description?: string }> =
    file.properties.bindings.additionalProperties.properties
  const said = (fields: Record<string, z.ZodType>, names: readonly string[]) =>
    Object.fromEntries(
      names.map((name) => {
        const { $schema: _own, ...schema } = z.toJSONSchema(fields[name] ?? z.never(), {
          io: 'input',
          unrepresentable: 'any',
        })
        return [name, schema]
      }),
    )
  const own = Object.keys(runOptions).filter((name) => name in properties)
  const shared = ['sessionTags', 'sessionPolicy']
  const both = { ...said(runOptions, own), ...said(bindingFields('123456789012'), shared) }
  expect(both).toEqual(Object.fromEntries([...own, ...shared].map((name) => [name, properties[name]])))
})
