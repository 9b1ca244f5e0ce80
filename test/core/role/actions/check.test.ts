import { describe, expect, it } from 'vitest'
import { checkNeeds } from '../../../../core/role/actions/check.ts'

const bucket = 'arn:aws:s3:::b'
const objects = `${bucket}/*`
const table = 'arn:aws:dynamodb:us-west-2:123456789012:table/carts'
const group = 'arn:aws:logs:us-west-2:123456789012:log-group:/carts'
const secret = 'arn:aws:secretsmanager:us-west-2:123456789012:secret:carts'
const need = (actions: string | string[], resources: string | string[]) => ({
  actions: [actions].flat(),
  resources: [resources].flat(),
})

describe('a need that no grant could meet', () => {
  it.each<[string, ReturnType<typeof need>, RegExp]>([
    [
      'a bucket’s action on objects',
      need('s3:ListBucket', objects),
      /s3:ListBucket takes .*; write arn:aws:s3:::b$/,
    ],
    [
      'an object’s action on a bucket',
      need('s3:GetObject', bucket),
      /and not arn:aws:s3:::b; write arn:aws:s3:::b\/\*$/,
    ],
    [
      'a call without resources',
      need('ecr:GetAuthorizationToken', 'arn:aws:ecr:us-west-2:123456789012:repository/a'),
      /takes no resource: write "\*"/,
    ],
    [
      'a call that IAM names otherwise',
      need('s3:HeadObject', objects),
      /s3:HeadObject is no action of IAM; s3:GetObject is/,
    ],
    ['a typo', need('dynamodb:Qurey', table), /dynamodb:Qurey is no action of IAM; dynamodb:Query is/],
    [
      'nothing like an action',
      need('dynamodb:FetchEverything', table),
      /^dynamodb:FetchEverything is no action of IAM$/,
    ],
    ['what everybody may', need('sts:GetCallerIdentity', '*'), /needs no grant/],
    [
      'a resource that none of the actions takes',
      need('s3:GetObject', [objects, bucket]),
      /^arn:aws:s3:::b: none of s3:GetObject takes it$/,
    ],
    [
      'an index for what takes a table',
      need('dynamodb:GetItem', `${table}/index/*`),
      /dynamodb:GetItem takes/,
    ],
  ])('%s', (_why, asked, fault) => {
    expect(checkNeeds([asked]).faults).toEqual([expect.stringMatching(fault)])
  })
})

describe('a need that is put right', () => {
  it('is split by what the actions take', () => {
    const pasted = need(
      ['s3:GetObject', 's3:PutObject', 's3:ListBucket', 's3:DeleteObject'],
      [bucket, objects],
    )
    expect(checkNeeds([pasted])).toEqual({
      faults: [],
      needs: [
        need(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], objects),
        need('s3:ListBucket', bucket),
      ],
    })
  })

  it.each<[string, ReturnType<typeof need>, string]>([
    ['a log group has its streams behind it', need('logs:CreateLogStream', group), `${group}:*`],
    ['a secret has six characters more', need('secretsmanager:GetSecretValue', secret), `${secret}-??????`],
  ])('%s', (_why, asked, resource) => {
    expect(checkNeeds([asked])).toEqual({ faults: [], needs: [{ ...asked, resources: [resource] }] })
  })
})

describe('a need that stays', () => {
  it.each<[string, ReturnType<typeof need>]>([
    ['all actions of a table', need('dynamodb:*', [table, `${table}/index/*`])],
    ['Query takes table and index', need('dynamodb:Query', [table, `${table}/index/*`])],
    ['every resource', need(['s3:ListBucket', 's3:GetObject'], '*')],
    ['buckets by a wildcard', need('s3:ListBucket', 'arn:aws:s3:::carts-*')],
    ['objects of buckets by a wildcard', need('s3:GetObject', 'arn:aws:s3:::carts-*')],
    ['a service that the table does not have', need('ec2:RunInstances', 'arn:aws:ec2:*:*:instance/*')],
    ['a secret with its suffix', need('secretsmanager:GetSecretValue', `${secret}-a1B2c3`)],
    ['a log stream', need('logs:PutLogEvents', `${group}:log-stream:*`)],
    ['case plays no part', need('DYNAMODB:query'.toLowerCase(), table)],
  ])('%s', (_why, asked) => {
    expect(checkNeeds([asked])).toEqual({ faults: [], needs: [asked] })
  })
})
