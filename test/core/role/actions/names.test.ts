import { expect, it } from 'vitest'
import { checkNeeds, isUnknownAction } from '../../../../core/role/actions/check.ts'

it.each<[call: string, action: string, resource: string]>([
  ['s3:HeadObject', 's3:GetObject', 'arn:aws:s3:::b/*'],
  ['s3:HeadBucket', 's3:ListBucket', 'arn:aws:s3:::b'],
  ['s3:ListObjects', 's3:ListBucket', 'arn:aws:s3:::b'],
  ['s3:ListObjectsV2', 's3:ListBucket', 'arn:aws:s3:::b'],
  ['s3:CopyObject', 's3:PutObject', 'arn:aws:s3:::b/*'],
  ['s3:DeleteObjects', 's3:DeleteObject', 'arn:aws:s3:::b/*'],
  ['s3:CreateMultipartUpload', 's3:PutObject', 'arn:aws:s3:::b/*'],
  ['s3:UploadPart', 's3:PutObject', 'arn:aws:s3:::b/*'],
  ['s3:CompleteMultipartUpload', 's3:PutObject', 'arn:aws:s3:::b/*'],
  ['s3:ListBuckets', 's3:ListAllMyBuckets', '*'],
  ['sqs:SendMessageBatch', 'sqs:SendMessage', 'arn:aws:sqs:us-west-2:123456789012:q'],
  ['sqs:DeleteMessageBatch', 'sqs:DeleteMessage', 'arn:aws:sqs:us-west-2:123456789012:q'],
  ['sns:PublishBatch', 'sns:Publish', 'arn:aws:sns:us-west-2:123456789012:t'],
])('%s is a call, and IAM’s action for it is %s', (call, action, resource) => {
  expect(checkNeeds([{ actions: [call], resources: [resource] }])).toEqual({
    needs: [],
    faults: [`${call} is no action of IAM; ${action} is`],
  })
  const named = [{ actions: [action], resources: [resource] }]
  expect(checkNeeds(named)).toEqual({ needs: named, faults: [] })
})

it.each<[action: string, unknown: boolean, why: string]>([
  ['dynamodb:Query', false, 'it is there'],
  ['DynamoDB:query', false, 'capitals are no difference'],
  ['dynamodb:Qurey', true, 'it is not'],
  ['dynamodb:Q*', false, 'a wildcard may stand for one that is'],
  ['dynamodb:Quer?', false, 'and so may a question mark'],
  ['newservice:Anything', false, 'the service is not known'],
  ['toString:x', false, 'nor is what every object has'],
  ['dynamodb', true, 'no action of a service that is known'],
])('%s is an unknown action: %s, since %s', (action, unknown) => {
  expect(isUnknownAction(action)).toBe(unknown)
})

const bucket = 'arn:aws:s3:::b'
const other = 'arn:aws:s3:::c'
const table = 'arn:aws:dynamodb:us-west-2:123456789012:table/carts'
type Need = { actions: string[]; resources: string[] }
const need = (actions: string, ...resources: string[]): Need => ({ actions: actions.split(' '), resources })

it.each<[why: string, asked: Need, needs: Need[], faults: string[]]>([
  [
    'actions that take the same stay together',
    need('s3:GetObject s3:PutObject', `${bucket}/*`),
    [need('s3:GetObject s3:PutObject', `${bucket}/*`)],
    [],
  ],
  [
    'those that take others do not, in the order of the actions',
    need('s3:GetObject s3:ListBucket s3:PutObject', bucket, `${bucket}/*`),
    [need('s3:GetObject s3:PutObject', `${bucket}/*`), need('s3:ListBucket', bucket)],
    [],
  ],
  [
    'several of one type are one group, and no other has the same words',
    need('s3:ListBucket s3:GetObject', bucket, other, `${bucket}/*`),
    [need('s3:ListBucket', bucket, other), need('s3:GetObject', `${bucket}/*`)],
    [],
  ],
  [
    'what is right beside what is not',
    need('s3:GetObject s3:HeadBucket', `${bucket}/*`),
    [need('s3:GetObject', `${bucket}/*`)],
    ['s3:HeadBucket is no action of IAM; s3:ListBucket is'],
  ],
  [
    'a resource that none takes, by all the actions',
    need('s3:GetObject s3:PutObject', `${bucket}/*`, other),
    [need('s3:GetObject s3:PutObject', `${bucket}/*`)],
    [`${other}: none of s3:GetObject, s3:PutObject takes it`],
  ],
  [
    'what takes no resource',
    need('s3:ListAllMyBuckets', bucket),
    [],
    ['s3:ListAllMyBuckets takes no resource: write "*" for it, in a need of its own'],
  ],
  [
    'a bucket where objects are wanted, of several',
    need('s3:GetObject', bucket, other),
    [],
    [
      's3:GetObject takes arn:*:s3:*:*:accesspoint/*/object/* or arn:*:s3:::*/*, and not arn:aws:s3:::b, arn:aws:s3:::c; write arn:aws:s3:::b/*',
    ],
  ],
  [
    'an index where a table is wanted',
    need('dynamodb:GetItem', `${table}/index/i/j`),
    [],
    [`dynamodb:GetItem takes arn:*:dynamodb:*:*:table/*, and not ${table}/index/i/j`],
  ],
  [
    'another kind of thing, for which nothing near will do',
    need('dynamodb:GetItem', 'arn:aws:sqs:us-west-2:123456789012:q'),
    [],
    ['dynamodb:GetItem takes arn:*:dynamodb:*:*:table/*, and not arn:aws:sqs:us-west-2:123456789012:q'],
  ],
])('a need with %s', (_why, asked, needs, faults) => {
  expect(checkNeeds([asked])).toEqual({ needs, faults })
})

const group = 'arn:aws:logs:us-west-2:123456789012:log-group'
const secret = 'arn:aws:secretsmanager:us-west-2:123456789012:secret'
const lambda = 'arn:aws:lambda:us-west-2:123456789012'

/** Of AWS's list: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html */
it.each<[why: string, asked: Need, needs: Need[], faults: string[]]>([
  [
    'two actions of two resources each',
    need('s3:ListBucket s3:GetObject s3:GetBucketLocation', bucket, other, `${bucket}/*`),
    [need('s3:ListBucket s3:GetBucketLocation', bucket, other), need('s3:GetObject', `${bucket}/*`)],
    [],
  ],
  [
    'a part of a bucket where the bucket is wanted',
    need('s3:ListBucket', `${bucket}/images/small/*`),
    [],
    [
      `s3:ListBucket takes arn:*:s3:*:*:accesspoint/* or arn:*:s3:::*, and not ${bucket}/images/small/*; write ${bucket}`,
    ],
  ],
  [
    'a name without its colon',
    need('logs:CreateLogStream', `${group}-carts`),
    [],
    [`logs:CreateLogStream takes arn:*:logs:*:*:log-group:*:log-stream:*, and not ${group}-carts`],
  ],
  [
    'a type whose name has several words',
    need('lambda:GetCodeSigningConfig', `${lambda}:code-signing-config:csc-0123`),
    [need('lambda:GetCodeSigningConfig', `${lambda}:code-signing-config:csc-0123`)],
    [],
  ],
  [
    'a version of a function',
    need('lambda:GetProvisionedConcurrencyConfig', `${lambda}:function:carts:PROD`),
    [need('lambda:GetProvisionedConcurrencyConfig', `${lambda}:function:carts:PROD`)],
    [],
  ],
  [
    'a function, where a version of it is wanted',
    need('lambda:GetProvisionedConcurrencyConfig', `${lambda}:function:carts`),
    [],
    [
      `lambda:GetProvisionedConcurrencyConfig takes arn:*:lambda:*:*:function:*:* or arn:*:lambda:*:*:function:*:*, and not ${lambda}:function:carts; write ${lambda}:function:carts:*`,
    ],
  ],
  [
    'an action of more types than are told',
    need('cloudwatch:TagResource', bucket),
    [],
    [
      `cloudwatch:TagResource takes arn:*:cloudwatch:*:*:alarm:* or arn:*:cloudwatch:*:*:alarm-mute-rule:* or arn:*:cloudwatch::*:dashboard/*, and not ${bucket}`,
    ],
  ],
  [
    'objects that are called like a log group and a secret',
    need('s3:GetObject', `${bucket}/${group}:carts`, `${bucket}/${secret}:carts`),
    [need('s3:GetObject', `${bucket}/${group}:carts`, `${bucket}/${secret}:carts`)],
    [],
  ],
  [
    'secrets by a wildcard, and in all letters',
    need(
      'secretsmanager:GetSecretValue',
      `${secret}:carts-*`,
      `${secret}:carts-a1B2c?`,
      `${secret}:carts-A1b2C3`,
    ),
    [
      need(
        'secretsmanager:GetSecretValue',
        `${secret}:carts-*`,
        `${secret}:carts-a1B2c?`,
        `${secret}:carts-A1b2C3`,
      ),
    ],
    [],
  ],
  [
    'a secret whose name has six letters in the midst',
    need('secretsmanager:GetSecretValue', `${secret}:carts-orders-db`),
    [need('secretsmanager:GetSecretValue', `${secret}:carts-orders-db-??????`)],
    [],
  ],
])('what AWS lists of a need with %s', (_why, asked, needs, faults) => {
  expect(checkNeeds([asked])).toEqual({ needs, faults })
})

it('says the same fault of two needs once', () => {
  const twice = [need('s3:HeadBucket', bucket), need('s3:HeadBucket', other)]
  expect(checkNeeds(twice).faults).toEqual(['s3:HeadBucket is no action of IAM; s3:ListBucket is'])
})
