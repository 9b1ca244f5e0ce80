import { expect, it } from 'vitest'
import { parseConfig } from '../../../core/config.ts'
import {
  checkConcurrency,
  checkParameter,
  checkTable,
  checkTrails,
  type LoggingTrail,
  secretParameters,
} from '../../../core/doctor/account.ts'
import { type Check, unseen } from '../../../core/doctor/check.ts'

const config = (change: object = {}) =>
  parseConfig({ account: '123456789012', region: 'us-west-2', ...change }, 'dev')
/** All that a check says, as lines. */
const lines = ({ about, state, found, remedy }: Check): string[] => [
  `${state} ${about}: ${found}`,
  ...(remedy ? [`→ ${remedy.advice}`, ...(remedy.command ?? '').split('\n')] : []),
]
const trail = (name: string, logging: boolean, writes: boolean): LoggingTrail => ({ name, logging, writes })

it.each<[why: string, settings: object, trails: LoggingTrail[], said: string[]]>([
  [
    'nothing waits for new clusters',
    { triggers: { clusterCreated: false } },
    [],
    ['right CloudTrail trail: none is needed: triggers.clusterCreated is false'],
  ],
  [
    'one of several logs what writes',
    {},
    [trail('a', false, true), trail('b', true, false), trail('c', true, true)],
    ['right CloudTrail trail: c logs management events, CreateCluster among them'],
  ],
  [
    'the one that would does not log',
    {},
    [trail('b', true, false), trail('a 1', false, true)],
    [
      'wrong CloudTrail trail: a 1 does not log now, so that a new cluster starts no run',
      '→ Have it log again.',
      "aws cloudtrail start-logging --name 'a 1' --region us-west-2",
    ],
  ],
  [
    'none logs what writes',
    {},
    [trail('b 1', true, false), trail('c', false, false)],
    [
      'wrong CloudTrail trail: b 1 logs no management events that write, CreateCluster among them',
      '→ Have it log them; what it logs besides stays only where it is in the command, so look first (get-event-selectors).',
      "aws cloudtrail put-event-selectors --trail-name 'b 1' --region us-west-2 --event-selectors ReadWriteType=WriteOnly,IncludeManagementEvents=true",
    ],
  ],
  [
    'there is none',
    {},
    [],
    [
      'wrong CloudTrail trail: there is none for us-west-2, so that EventBridge gets no CreateCluster, and a new cluster starts no run',
      '→ Make one with a bucket of its own (the first copy of management events costs nothing, the bucket does), or set triggers.clusterCreated to false.',
      'aws s3api create-bucket --bucket podid-trail-123456789012-us-west-2 --region us-west-2 --create-bucket-configuration LocationConstraint=us-west-2',
      'aws s3api put-bucket-policy --bucket podid-trail-123456789012-us-west-2 --region us-west-2 --policy \'{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:GetBucketAcl","Resource":"arn:aws:s3:::podid-trail-123456789012-us-west-2"},{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::podid-trail-123456789012-us-west-2/AWSLogs/123456789012/*","Condition":{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control"}}}]}\'',
      'aws cloudtrail create-trail --name podid --s3-bucket-name podid-trail-123456789012-us-west-2 --is-multi-region-trail --region us-west-2',
      'aws cloudtrail start-logging --name podid --region us-west-2',
    ],
  ],
  [
    'there is none where S3 takes no location',
    { region: 'us-east-1' },
    [],
    [
      'wrong CloudTrail trail: there is none for us-east-1, so that EventBridge gets no CreateCluster, and a new cluster starts no run',
      '→ Make one with a bucket of its own (the first copy of management events costs nothing, the bucket does), or set triggers.clusterCreated to false.',
      'aws s3api create-bucket --bucket podid-trail-123456789012-us-east-1 --region us-east-1',
      'aws s3api put-bucket-policy --bucket podid-trail-123456789012-us-east-1 --region us-east-1 --policy \'{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:GetBucketAcl","Resource":"arn:aws:s3:::podid-trail-123456789012-us-east-1"},{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::podid-trail-123456789012-us-east-1/AWSLogs/123456789012/*","Condition":{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control"}}}]}\'',
      'aws cloudtrail create-trail --name podid --s3-bucket-name podid-trail-123456789012-us-east-1 --is-multi-region-trail --region us-east-1',
      'aws cloudtrail start-logging --name podid --region us-east-1',
    ],
  ],
  [
    'there is none in China',
    { region: 'cn-north-1' },
    [],
    [
      'wrong CloudTrail trail: there is none for cn-north-1, so that EventBridge gets no CreateCluster, and a new cluster starts no run',
      '→ Make one with a bucket of its own (the first copy of management events costs nothing, the bucket does), or set triggers.clusterCreated to false.',
      'aws s3api create-bucket --bucket podid-trail-123456789012-cn-north-1 --region cn-north-1 --create-bucket-configuration LocationConstraint=cn-north-1',
      'aws s3api put-bucket-policy --bucket podid-trail-123456789012-cn-north-1 --region cn-north-1 --policy \'{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:GetBucketAcl","Resource":"arn:aws-cn:s3:::podid-trail-123456789012-cn-north-1"},{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws-cn:s3:::podid-trail-123456789012-cn-north-1/AWSLogs/123456789012/*","Condition":{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control"}}}]}\'',
      'aws cloudtrail create-trail --name podid --s3-bucket-name podid-trail-123456789012-cn-north-1 --is-multi-region-trail --region cn-north-1',
      'aws cloudtrail start-logging --name podid --region cn-north-1',
    ],
  ],
])('CreateCluster reaches EventBridge by a trail: %s', (_why, settings, trails, said) => {
  expect(lines(checkTrails(config(settings), trails))).toEqual(said)
})

it.each<
  [
    why: string,
    urlConcurrency: number | undefined,
    limit: number,
    unreserved: number,
    deployed: boolean,
    said: string[],
  ]
>([
  [
    'nothing is reserved',
    undefined,
    10,
    10,
    false,
    ['right Lambda: concurrent executions: 10 in us-west-2, 10 of them unreserved'],
  ],
  [
    'just enough is left',
    10,
    1000,
    110,
    false,
    ['right Lambda: concurrent executions: 1000 in us-west-2, 110 of them unreserved'],
  ],
  [
    'one too few',
    10,
    1000,
    109,
    false,
    [
      'wrong Lambda: concurrent executions: 109 of 1000 are unreserved, and Lambda reserves 10 (urlConcurrency) only where 100 are left: the deployment would fail',
      '→ Leave urlConcurrency out of podid.yaml, or have the limit raised, which AWS decides.',
      'aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1001 --region us-west-2',
    ],
  ],
  [
    'a new account',
    10,
    10,
    10,
    false,
    [
      'wrong Lambda: concurrent executions: 10 of 10 are unreserved, and Lambda reserves 10 (urlConcurrency) only where 100 are left: the deployment would fail',
      '→ Leave urlConcurrency out of podid.yaml, or have the limit raised, which AWS decides.',
      'aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1000 --region us-west-2',
    ],
  ],
  [
    'a large one',
    100,
    2000,
    150,
    false,
    [
      'wrong Lambda: concurrent executions: 150 of 2000 are unreserved, and Lambda reserves 100 (urlConcurrency) only where 100 are left: the deployment would fail',
      '→ Leave urlConcurrency out of podid.yaml, or have the limit raised, which AWS decides.',
      'aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 2050 --region us-west-2',
    ],
  ],
  [
    'it is reserved already',
    10,
    10,
    0,
    true,
    ['right Lambda: concurrent executions: 10 in us-west-2, 0 of them unreserved'],
  ],
])(
  'a stage fits into the account’s concurrency: %s',
  (_why, urlConcurrency, limit, unreserved, deployed, said) => {
    const settings = config({ ...(urlConcurrency === undefined ? {} : { urlConcurrency }) })
    expect(lines(checkConcurrency(settings, { limit, unreserved }, deployed))).toEqual(said)
  },
)

it.each<[why: string, there: boolean, deployed: boolean, said: string[]]>([
  ['a new stage', false, false, ['right table podid-dev: there is none yet: the deployment makes it']],
  ['a stage that works', true, true, ['right table podid-dev: is there']],
  [
    'somebody has deleted it',
    false,
    true,
    [
      'wrong table podid-dev: it is gone, and the stage is deployed: no run can take its turn',
      '→ Have the deployment see that, and make it again.',
      "npx sst refresh --stage 'dev 1'",
      "npx sst deploy --stage 'dev 1'",
    ],
  ],
  [
    'an earlier deployment has left it',
    true,
    false,
    [
      'wrong table podid-dev: an earlier deployment of the stage has left it, and DynamoDB takes no second one of that name: the deployment would fail',
      '→ Have the deployment take it over with what is in it; this once is enough.',
      "PODID_ADOPT_TABLE=1 npx sst deploy --stage 'dev 1'",
    ],
  ],
])('a deployment can make its table: %s', (_why, there, deployed, said) => {
  expect(
    lines(checkTable('dev 1', 'podid-dev', there ? { name: 'podid-dev' } : undefined, deployed)),
  ).toEqual(said)
})

it.each<[why: string, type: string | undefined, said: string[]]>([
  ['it is there', 'SecureString', ['right parameter /podid/dev/x: is there, encrypted']],
  [
    'everybody may read it',
    'String',
    [
      'wrong parameter /podid/dev/x: is a String, so that whoever may read the list of parameters reads the secret',
      '→ Put it there; the variable holds what Slack’s page of the app shows.',
      'printf x | aws ssm put-parameter --region us-west-2',
    ],
  ],
  [
    'it is not there',
    undefined,
    [
      'wrong parameter /podid/dev/x: Systems Manager has none in us-west-2',
      '→ Put it there; the variable holds what Slack’s page of the app shows.',
      'printf x | aws ssm put-parameter --region us-west-2',
    ],
  ],
])('a secret is where functions read it: %s', (_why, type, said) => {
  const parameter = { name: '/podid/dev/x', put: 'printf x | aws ssm put-parameter' }
  expect(lines(checkParameter(config(), parameter, type === undefined ? undefined : { type }))).toEqual(said)
})

it.each<[why: string, settings: object, parameters: object[]]>([
  ['none', {}, []],
  [
    'Slack',
    { channels: { slack: { channel: 'C012AB3CD' } } },
    [
      {
        name: '/podid/dev 1/slack-bot-token',
        put: 'printf %s "$SLACK_BOT_TOKEN" | aws ssm put-parameter --overwrite --type SecureString --name \'/podid/dev 1/slack-bot-token\' --value file:///dev/stdin',
      },
      {
        name: '/podid/dev 1/slack-signing-secret',
        put: 'printf %s "$SLACK_SIGNING_SECRET" | aws ssm put-parameter --overwrite --type SecureString --name \'/podid/dev 1/slack-signing-secret\' --value file:///dev/stdin',
      },
    ],
  ],
  [
    'the webhook',
    { triggers: { webhook: true } },
    [
      {
        name: '/podid/dev 1/webhook-secrets',
        put: 'printf %s "ci=whsec_$(openssl rand -base64 24)" | aws ssm put-parameter --overwrite --type SecureString --name \'/podid/dev 1/webhook-secrets\' --value file:///dev/stdin',
      },
    ],
  ],
])('the secrets that settings ask for: %s', (_why, settings, parameters) => {
  expect(secretParameters('dev 1', config(settings))).toEqual(parameters)
})

it('what could not be looked at is neither right nor wrong', () => {
  expect(unseen('a', 'denied')).toEqual({ about: 'a', state: 'unseen', found: 'denied' })
  expect(lines(unseen('a', 'denied', 'Ask.'))).toEqual(['unseen a: denied', '→ Ask.', ''])
})
