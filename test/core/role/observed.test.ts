import { expect, it } from 'vitest'
import { type Observations, observedNeeds } from '../../../core/role/observed.ts'

const table = 'arn:aws:dynamodb:us-west-2:123456789012:table/Items'
const denied = (action: string, resource: string, why = 'because no identity-based policy allows it') =>
  `DynamoDbException: User: arn:aws:sts::123456789012:assumed-role/node/i-0123 is not authorized to perform: ${action} on resource: ${resource} ${why}`
const log = (...lines: string[]) => ({ pod: 'carts-1', container: 'carts', text: lines.join('\n') })
const granting = (name: string, ...statements: object[]) => ({
  name: 'carts',
  policies: [{ name, kind: 'inline' as const, document: { Version: '2012-10-17', Statement: statements } }],
})
const at = '2026-11-20T10:00:00.000Z'

const rows: [why: string, seen: Partial<Observations>, needs: string[], left: string[]][] = [
  ['nothing was seen', {}, [], []],
  [
    'calls that were denied, one need for each resource',
    {
      logs: [
        log(denied('dynamodb:Query', `${table}/index/byCustomer`), denied('dynamodb:GetItem', table)),
        log(denied('dynamodb:PutItem', table), denied('dynamodb:GetItem', table)),
      ],
    },
    [
      `dynamodb:Query on ${table}/index/byCustomer: denied to pod carts-1, container carts, by its own log`,
      `dynamodb:GetItem dynamodb:PutItem on ${table}: denied to pod carts-1, container carts, by its own log`,
    ],
    [],
  ],
  [
    'a Deny, which no grant outweighs',
    { logs: [log(denied('dynamodb:Query', table, 'with an explicit deny in a service control policy'))] },
    [],
    [],
  ],
  [
    'a call of which the line names no resource, which is any',
    {
      logs: [
        log(
          'AccessDenied: User: arn:aws:sts::123456789012:assumed-role/node/i-0123 is not authorized to perform: s3:ListAllMyBuckets because no identity-based policy allows the s3:ListAllMyBuckets action',
        ),
      ],
    },
    ['s3:ListAllMyBuckets on *: denied to pod carts-1, container carts, by its own log'],
    [],
  ],
  [
    'calls on what no policy can name',
    {
      logs: [
        log(
          denied('eks:DescribeCluster', 'cluster/*'),
          denied('iam:GetRole', 'role-arn:x'),
          denied('iam:GetRole', '*x'),
          // A line that was cut off within the ARN: a request would not take it.
          denied('s3:ListBucket', 'arn:'),
          denied('s3:ListBucket', 'arn:aws:s3'),
        ),
      ],
    },
    [],
    [],
  ],
  ['a line of something else', { logs: [log('connection refused', 'not authorized')] }, [], []],
  [
    'what is granted, and a Deny beside it',
    {
      role: granting(
        'items',
        { Sid: 'Own', Effect: 'Allow', Action: 'dynamodb:*', Resource: table },
        { Effect: 'Deny', Action: 'dynamodb:DeleteTable', Resource: table },
      ),
    },
    [`dynamodb:* on ${table}: policy items, statement Own`],
    ['policy items, statement #2: it denies'],
  ],
  [
    'what was used and is granted by one of two actions, and a service that is granted whole',
    {
      role: granting('items', { Effect: 'Allow', Action: ['sqs:*', 's3:List*'], Resource: '*' }),
      used: {
        role: 'carts-irsa',
        services: [
          { service: 's3', at, actions: [{ action: 's3:ListAllMyBuckets', at }] },
          { service: 'sqs', at, actions: [] },
        ],
      },
    },
    ['sqs:* s3:List* on *: policy items, statement #1'],
    [],
  ],
  [
    'what was used and is granted nowhere, and a service of which IAM tells no action',
    {
      role: granting('items', { Effect: 'Allow', Action: 'dynamodb:*', Resource: table }),
      used: {
        role: 'carts-irsa',
        services: [
          { service: 'dynamodb', at, actions: [{ action: 'dynamodb:DescribeTable', at }] },
          { service: 's3', at, actions: [{ action: 's3:ListAllMyBuckets', at }] },
          { service: 'sqs', at, actions: [] },
        ],
      },
    },
    [
      `dynamodb:* on ${table}: policy items, statement #1`,
      's3:ListAllMyBuckets on *: last used 2026-11-20 by role carts-irsa, as IAM says; it does not say on which resource',
    ],
    ['sqs: last used 2026-11-20 by role carts-irsa; IAM does not say by which actions'],
  ],
]

it.each(rows)('needs of %s', (_why, seen, needs, left) => {
  const observed = observedNeeds({ logs: [], role: undefined, ...seen })
  expect(
    observed.needs.map(
      ({ actions, resources, source }) => `${actions.join(' ')} on ${resources.join(' ')}: ${source}`,
    ),
  ).toEqual(needs)
  expect(observed.left).toEqual(left)
})
