import { partition as sdkPartition } from '@aws-sdk/core/client'
import { describe, expect, it } from 'vitest'
import { readConfig } from '../../../core/config.ts'
import { regionPattern } from '../../../core/names.ts'
import { domainOf, dualStackDomainOf, partitionOf } from '../../../core/partitions/partitions.ts'
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
