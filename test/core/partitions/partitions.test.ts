import { partition as sdkPartition } from '@aws-sdk/core/client'
import { describe, expect, it } from 'vitest'
import { readConfig } from '../../../core/config.ts'
import { regionPattern } from '../../../core/names.ts'
import { partitionFaults } from '../../../core/partitions/faults.ts'
import {
  domainOf,
  dualStackDomainOf,
  hasFunctionTracing,
  hasFunctionUrls,
  partitionOf,
  partitionOfArn,
} from '../../../core/partitions/partitions.ts'
import { resolveRequest } from '../../../core/request-input.ts'
import { checkRole } from '../../../core/role/check-role.ts'
import { enablePodIdentity, placeholders, render } from '../../../workflows/render.ts'
import { template } from '../../../workflows/template.ts'

const regions: [region: string, partition: string][] = [
  ['us-west-2', 'aws'],
  ['eu-central-1', 'aws'],
  ['us-gov-west-1', 'aws-us-gov'],
  ['us-gov-east-1', 'aws-us-gov'],
  ['cn-north-1', 'aws-cn'],
  ['cn-northwest-1', 'aws-cn'],
  ['eusc-de-east-1', 'aws-eusc'],
  ['us-iso-east-1', 'aws-iso'],
  ['us-isob-east-1', 'aws-iso-b'],
  ['eu-isoe-west-1', 'aws-iso-e'],
  ['us-isof-south-1', 'aws-iso-f'],
]

const account = '123456789012'
const role = (partition: string, name = 'carts') => `arn:${partition}:iam::${account}:role/${name}`
const carts = (partition: string) => ({
  cluster: 'eks-workshop',
  namespace: 'carts',
  serviceAccount: 'carts',
  role: role(partition),
})
const run = (region: string, partition: string) => ({
  arn: `arn:${partition}:states:${region}:${account}:execution:podid-dev-enable:carts`,
  startTime: '2026-11-26T09:00:00.000Z',
})

const text = template(enablePodIdentity)

describe.each(regions)('in %s', (region, partition) => {
  it('ARNs and host names are of its partition, as the SDK has them', () => {
    const { name, dnsSuffix, dualStackDnsSuffix } = sdkPartition(region)
    expect([partitionOf(region), domainOf(region), dualStackDomainOf(region)]).toEqual([
      name,
      dnsSuffix,
      dualStackDnsSuffix,
    ])
    expect(name).toBe(partition)
    expect(regionPattern.test(region)).toBe(true)
  })

  it('the definition names integrations of the partition', () => {
    const values = placeholders(text).map((name) => [
      name,
      `arn:${partition}:lambda:${region}:1:function:${name}`,
    ])
    const resources = render(text, Object.fromEntries(values)).match(/"arn:[^"]+:states:::[^"]+"/g) ?? []
    expect(resources.length).toBeGreaterThan(20)
    expect(resources.filter((one) => !one.startsWith(`"arn:${partition}:`))).toEqual([])
  })

  it('a run takes what is in its partition, and refuses what is in another', () => {
    expect(resolveRequest(carts(partition), run(region, partition))).toMatchObject({ region })
    const other = partition === 'aws' ? 'aws-cn' : 'aws'
    const needs = [{ actions: ['s3:GetObject'], resources: [`arn:${other}:s3:::images/*`] }]
    const input = { ...carts(other), needs }
    expect(() => resolveRequest(input, run(region, partition))).toThrow(
      `- role: ${role(other)} is in the partition ${other}, and the cluster in ${partition}: what is in ${region} has ARNs that begin arn:${partition}:\n- needs[0].resources: arn:${other}:s3:::images/* is in the partition ${other}`,
    )
  })

  it('ready-made needs are about its resources', () => {
    const needs = [{ use: 'ebs-csi' as const }]
    const request = resolveRequest({ ...carts(partition), needs }, run(region, partition))
    expect(request.needs.flatMap(({ resources }) => resources)).toContain(
      `arn:${partition}:ec2:*:*:instance/*`,
    )
    const { summary } = checkRole({
      cluster: {
        name: 'eks-workshop',
        arn: `arn:${partition}:eks:${region}:${account}:cluster/eks-workshop`,
      },
      namespace: 'carts',
      serviceAccount: 'carts',
      account,
      sessionTags: true,
      roleArn: role(partition),
      role: {
        name: 'carts',
        arn: role(partition),
        trust: {
          Statement: {
            Effect: 'Allow',
            Principal: { Service: 'pods.eks.amazonaws.com' },
            Action: ['sts:AssumeRole', 'sts:TagSession'],
          },
        },
        policies: [
          {
            name: 'all',
            document: {
              Statement: [
                { Effect: 'Allow', Action: 'ec2:Describe*', Resource: '*' },
                { Effect: 'Allow', Action: 'ec2:*Volume', Resource: `arn:${partition}:ec2:*:*:*` },
              ],
            },
          },
        ],
      } as never,
      needs,
    })
    expect(summary).toBe('trusts pods.eks.amazonaws.com; 1 need granted')
  })

  it('a stage takes bindings of its partition only', () => {
    const settings = (changes: object) => ({
      account,
      region,
      bindings: { carts: { ...carts(partition), ...changes } },
    })
    expect(readConfig(settings({}), 'dev').faults).toBeUndefined()
    const other = partition === 'aws' ? 'aws-us-gov' : 'aws'
    const elsewhere = {
      targetRole: role(other),
      formerRoles: [role(partition), role(other)],
      permissionsBoundary: `arn:${other}:iam::aws:policy/PowerUserAccess`,
    }
    expect(readConfig(settings(elsewhere), 'dev').faults?.map(({ path }) => path.join('.'))).toEqual([
      'bindings.carts.targetRole',
      'bindings.carts.formerRoles.1',
      'bindings.carts.permissionsBoundary',
    ])
    const away = settings({ region: partition === 'aws' ? 'cn-north-1' : 'us-west-2' })
    expect(readConfig(away, 'dev').faults?.map(({ path }) => path.join('.'))).toEqual([
      'bindings.carts.region',
    ])
  })
})

it.each([
  ['us-west-2', []],
  ['us-gov-west-1', []],
  ['cn-north-1', ['channels.slack', 'triggers.webhook']],
  ['eu-south-2', ['channels.slack', 'triggers.webhook']],
])('a stage in %s is refused what needs a function URL where Lambda has none', (region, fields) => {
  const settings = {
    account,
    region,
    channels: { slack: { channel: 'C0PODID' } },
    triggers: { webhook: true },
  }
  const { faults = [] } = readConfig(settings, 'dev')
  expect(faults.map(({ path }) => path.join('.'))).toEqual(fields)
  for (const { said } of faults) expect(said).toContain(`which ${region} does not have`)
})

it.each<[region: string, urls: boolean, tracing: boolean]>([
  ['us-west-2', true, true],
  ['us-gov-west-1', true, true],
  ['cn-north-1', false, false],
  ['ap-east-1', true, true],
  ['ap-east-2', false, true],
  ['ap-south-2', false, true],
  ['ap-southeast-3', true, true],
  ['ap-southeast-4', false, true],
  ['ap-southeast-7', false, true],
  ['ca-west-1', false, true],
  ['eu-central-1', true, true],
  ['eu-central-2', false, true],
  ['il-central-1', false, true],
  ['me-central-1', false, true],
  // Nothing but whole names.
  ['ca-west-10', true, true],
  ['xca-west-1', true, true],
])('functions in %s: URLs %s, tracing %s', (region, urls, tracing) => {
  expect([hasFunctionUrls(region), hasFunctionTracing(region)]).toEqual([urls, tracing])
})

it.each<[text: string, partition: string | undefined]>([
  ['arn:aws:iam::123456789012:role/carts', 'aws'],
  ['arn:aws-us-gov:iam::123456789012:role/carts', 'aws-us-gov'],
  ['arn:aws', undefined],
  ['arn:gcp:iam::1:role/carts', undefined],
  ['x-arn:aws:iam::1:role/carts', undefined],
  ['*', undefined],
])('the partition that %s names is %s', (text, partition) => {
  expect(partitionOfArn(text)).toBe(partition)
})

it.each<[why: string, change: object, faults: object[]]>([
  ['all of it is where the run is', {}, []],
  [
    'a cluster in another partition, and nothing else is looked at then',
    { region: 'cn-north-1', targetRole: role('aws-us-gov') },
    [
      {
        path: ['region'],
        said: 'cn-north-1 is in the partition aws-cn, and podid runs in us-west-2 (aws), whose accounts are others: deploy a stage there',
      },
    ],
  ],
  [
    'a need of another',
    { needs: [{ actions: 's3:GetObject', resources: ['*', 'arn:aws-cn:s3:::a'] }] },
    [
      {
        path: ['needs', 0, 'resources'],
        said: 'arn:aws-cn:s3:::a is in the partition aws-cn, and the cluster in aws: what is in us-west-2 has ARNs that begin arn:aws:',
      },
    ],
  ],
])('what is in another partition: %s', (_why, change, faults) => {
  expect(partitionFaults({ role: role('aws'), ...change }, 'us-west-2')).toEqual(faults)
})
