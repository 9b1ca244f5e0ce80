import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { blocking } from '../../../core/findings.ts'
import { checkNeeds } from '../../../core/role/actions/check.ts'
import { expandNeeds, NeedInput, readyMadeFields, readyMadeNames } from '../../../core/role/needs.ts'
import { checkPermissions } from '../../../core/role/permissions/permissions.ts'
import { workloadNeeds } from '../../../core/role/workload-needs.ts'
import { policyOf, publishedPolicies } from './published-policies.ts'

const table = 'arn:aws:dynamodb:us-west-2:111122223333:table/Items'
const bucket = 'arn:aws:s3:::carts-images'

describe('a need', () => {
  const accepted: [string, NeedInput][] = [
    ['spelt out', { actions: ['dynamodb:Query'], resources: [table] }],
    ['with wildcards', { actions: ['s3:Get*'], resources: ['*'] }],
    ['an S3 ARN has neither region nor account', { actions: ['s3:GetObject'], resources: [`${bucket}/*`] }],
    ['in another partition', { use: 'dynamodb-read-write', table: table.replace('aws', 'aws-us-gov') }],
    ['by name', { use: 's3-read', bucket, prefix: 'thumbs/' }],
    ['by name with its default', { use: 's3-read', bucket }],
  ]
  it.each(accepted)('%s', (_why, need) => {
    expect(NeedInput.safeParse(need).error).toBeUndefined()
  })

  const refused: [string, unknown, string][] = [
    ['no action', { actions: [], resources: [table] }, 'names no action'],
    ['an action without a service', { actions: ['Query'], resources: [table] }, '"Query" is not an action'],
    ['every action there is', { actions: ['*'], resources: ['*'] }, '"*" is not an action'],
    ['a name for an ARN', { actions: ['s3:*'], resources: ['Items'] }, '"Items" is not a resource'],
    ['a misspelt field', { actions: ['s3:*'], resource: ['*'] }, '"resource"'],
    [
      'a name nobody knows',
      { use: 'dynamo', table },
      'use names no ready-made need; these are: dynamodb-read-write',
    ],
    ['the ARN of an index', { use: 'dynamodb-read-write', table: `${table}/index/a` }, 'is not a table ARN'],
    ['the ARN of an object', { use: 's3-read', bucket: `${bucket}/a` }, 'is not a bucket ARN'],
    ['a ready-made need without its resource', { use: 'sqs-consume' }, '→ at queue'],
    [
      'something of another need',
      { use: 'sns-publish', topic: 'arn:aws:sns:us-west-2:111122223333:a', table },
      '"table"',
    ],
    ['no object', 'dynamodb:*', 'expected object'],
  ]
  it.each<[use: string, fields: object, fault: string]>([
    [
      'dynamodb-read-write',
      { table: 't' },
      '"t" is not a table ARN, such as arn:aws:dynamodb:us-west-2:123456789012:table/Items',
    ],
    ['s3-read', { bucket: 'b' }, '"b" is not a bucket ARN, such as arn:aws:s3:::carts-images'],
    [
      'sqs-consume',
      { queue: 'q' },
      '"q" is not a queue ARN, such as arn:aws:sqs:us-west-2:123456789012:orders',
    ],
    [
      'sns-publish',
      { topic: 't' },
      '"t" is not a topic ARN, such as arn:aws:sns:us-west-2:123456789012:orders',
    ],
    [
      'secrets-manager-read',
      { secret: 's' },
      '"s" is not a secret ARN, such as arn:aws:secretsmanager:us-west-2:123456789012:secret:carts-??????',
    ],
    [
      'ssm-parameters',
      { parameter: 'p' },
      '"p" is not a parameter ARN, such as arn:aws:ssm:us-west-2:123456789012:parameter/carts/*',
    ],
    [
      'kms-use',
      { key: 'k' },
      '"k" is not a key ARN, such as arn:aws:kms:us-west-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    ],
    ['loki', { bucket: 'b' }, '"b" is no bucket for loki, such as arn:aws:s3:::carts-images'],
    [
      'dynamo',
      {},
      'use names no ready-made need; these are: dynamodb-read-write, s3-read, s3-read-write, sqs-consume, sqs-produce, sns-publish, secrets-manager-read, ssm-parameters, kms-use, ',
    ],
  ])('says what %s takes', (use, fields, fault) => {
    expect(NeedInput.safeParse({ use, ...fields }).error?.issues[0]?.message).toContain(fault)
  })

  it.each(refused)('refuses %s', (_why, need, message) => {
    expect(z.prettifyError(NeedInput.safeParse(need).error as z.ZodError)).toContain(message)
  })
})

describe('the ready-made needs', () => {
  it('ask Query and Scan of the indexes, and what only tables have of the table', () => {
    expect(expandNeeds([{ use: 'dynamodb-read-write', table }])).toMatchObject([
      { resources: [table], actions: expect.arrayContaining(['dynamodb:GetItem', 'dynamodb:Query']) },
      { resources: [`${table}/index/*`], actions: ['dynamodb:Query', 'dynamodb:Scan'] },
      { resources: [table], optional: true },
    ])
  })

  it('ask for objects under the prefix, and for the listing of the bucket itself', () => {
    expect(expandNeeds([{ use: 's3-read', bucket, prefix: 'thumbs/' }])).toEqual([
      { actions: ['s3:GetObject'], resources: [`${bucket}/thumbs/*`] },
      { actions: ['s3:ListBucket'], resources: [bucket] },
    ])
  })

  it('are of the workload’s partition, and an ARN that was given stays', () => {
    const parameter = 'arn:aws-us-gov:ssm:us-gov-west-1:123456789012:parameter/arn:aws:x'
    const partition = 'aws-us-gov'
    expect(expandNeeds([{ use: 'ssm-parameters', parameter }], partition)[0]?.resources).toEqual([parameter])
    expect(expandNeeds([{ use: 's3-read', bucket }], partition)[1]?.resources).toEqual([
      'arn:aws-us-gov:s3:::carts-images',
    ])
  })

  it('are about one thing each, or about none', () => {
    expect(readyMadeFields).toEqual(
      Object.fromEntries(readyMadeNames.map((use) => [use, Object.keys(arns[use] ?? {})[0] ?? ''])),
    )
  })

  it('stand beside needs that are spelt out', () => {
    const own = { actions: ['dynamodb:Query'], resources: [table] }
    expect(expandNeeds([own, { use: 's3-read', bucket }])[0]).toEqual(own)
  })

  const stream = { stream: 'arn:aws:kinesis:us-west-2:111122223333:stream/orders' }
  const queue = { queue: 'arn:aws:sqs:us-west-2:111122223333:nth' }
  const zone = { zone: 'arn:aws:route53:::hostedzone/Z0123456789' }
  const secret = { secret: 'arn:aws:secretsmanager:us-west-2:111122223333:secret:carts-??????' }
  const arns: Record<string, Record<string, string>> = {
    'dynamodb-table-read-write': { table },
    'dynamodb-stream-read': { stream: `${table}/stream/*` },
    'kinesis-consume': stream,
    'ecr-pull': { repository: 'arn:aws:ecr:us-west-2:111122223333:repository/carts' },
    'bedrock-invoke': { model: 'arn:aws:bedrock:us-west-2::foundation-model/*' },
    loki: { bucket },
    tempo: { bucket },
    velero: { bucket },
    'external-dns': zone,
    'cert-manager': zone,
    'external-secrets': secret,
    'node-termination-handler': queue,
    karpenter: queue,
    'prometheus-remote-write': { workspace: 'arn:aws:aps:us-west-2:111122223333:workspace/ws-0123' },
    'fluent-bit': { logGroup: 'arn:aws:logs:us-west-2:111122223333:log-group:/carts:*' },
    'dynamodb-read-write': { table },
    's3-read': { bucket },
    's3-read-write': { bucket },
    'sqs-consume': { queue: 'arn:aws:sqs:us-west-2:111122223333:orders' },
    'sqs-produce': { queue: 'arn:aws:sqs:us-west-2:111122223333:orders' },
    'sns-publish': { topic: 'arn:aws:sns:us-west-2:111122223333:orders' },
    'secrets-manager-read': { secret: 'arn:aws:secretsmanager:us-west-2:111122223333:secret:carts-a1B2c3' },
    'ssm-parameters': { parameter: 'arn:aws:ssm:us-west-2:111122223333:parameter/carts/*' },
    'kms-use': { key: 'arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab' },
  }
  it.each(readyMadeNames)('%s spells out needs that are needs themselves', (use) => {
    const needs = expandNeeds([NeedInput.parse({ use, ...arns[use] })])
    expect(needs.length).toBeGreaterThan(0)
    for (const need of needs) expect(NeedInput.safeParse(need).success).toBe(true)
    expect(checkNeeds(needs).faults).toEqual([])
  })

  it('have a published policy each, but for those that are made of AWS’s table of actions', () => {
    expect(Object.keys(publishedPolicies)).toEqual(Object.keys(workloadNeeds))
  })

  it.each(Object.entries(publishedPolicies))(
    '%s is granted by the policy that its project publishes',
    (use, published) => {
      const name = 'published'
      const { findings } = checkPermissions({
        role: {
          name,
          arn: 'arn:aws:iam::111122223333:role/published',
          path: '/',
          trust: {},
          policies: [{ name, kind: 'inline', document: policyOf(published) }],
        },
        cluster: { name: 'shop', arn: 'arn:aws:eks:us-west-2:111122223333:cluster/shop' },
        account: '111122223333',
        namespace: 'carts',
        serviceAccount: 'carts',
        sessionTags: true,
        needs: expandNeeds([NeedInput.parse({ use, ...arns[use] })]),
      })
      expect(blocking(findings)).toEqual([])
    },
  )
})

it('are all in the documentation', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/role-check.md'), 'utf8')
  expect(
    [...page.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, name]) => name).filter((name) => name !== 'use'),
  ).toEqual(readyMadeNames)
})
