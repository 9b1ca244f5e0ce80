import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Runtime } from '../../../adapters/runtime.ts'
import { clusterApi, clusterApis } from '../../../functions/support/kubernetes.ts'
import { once } from '../../../functions/support/once.ts'
import { rolloutServicesOf } from '../../../functions/support/rollout/services.ts'
import { configOf } from '../../../functions/support/run-services.ts'
import { secretSetting, slackOf } from '../../../functions/support/secrets.ts'
import { servicesOf } from '../../../functions/support/services.ts'
import { turnServicesOf } from '../../../functions/support/turn-services.ts'
import { json, serveKubernetes } from '../../support/servers/kubernetes-server.ts'
import { type Scripted, scriptedServer } from '../../support/servers/scripted-server.ts'
import { surroundings } from '../middleware/support.ts'
import { shop } from '../steps/shop.ts'

const arn = (service: string, name: string) => `arn:aws:${service}:us-west-2:123456789012:${name}`
const settings = { account: '123456789012', region: 'us-west-2', bindings: {}, access: [] }
const env = {
  PODID_STAGE: 'test',
  PODID_CONFIG: JSON.stringify(settings),
  PODID_TABLE_ARN: arn('dynamodb', 'table/records'),
  PODID_EVENT_BUS_ARN: arn('events', 'event-bus/own'),
  PODID_STATE_MACHINE_ARN: arn('states', 'stateMachine:enable'),
  PODID_ROLLOUT_MACHINE_ARN: arn('states', 'stateMachine:rollout'),
  PODID_ROLLOUT_BUCKET: 'rollouts',
}
const denied: Scripted = {
  status: 403,
  headers: { 'x-amzn-errortype': 'AccessDeniedException', 'x-amzn-requestid': 'r' },
}

let script: Scripted[]
let aws: Awaited<ReturnType<typeof scriptedServer>>
let runtime: ReturnType<typeof surroundings> & Runtime
beforeEach(async () => {
  script = [denied]
  aws = await scriptedServer(script)
  runtime = {
    ...surroundings(),
    aws: { endpoint: aws.url, credentials: async () => ({ accessKeyId: 'AKIA', secretAccessKey: 's' }) },
    env,
  }
})
afterEach(async () => {
  vi.unstubAllGlobals()
  await aws.close()
})

/** The region and the service of each request to AWS. */
const asked = () =>
  aws.received.map(
    ({ headers: { authorization = '' } }) =>
      /Credential=[^/]+\/\d+\/([^/]+\/[^/]+)\//.exec(authorization)?.[1],
  )

it.each([
  ['whoever starts runs', servicesOf],
  ['the steps of a rollout', rolloutServicesOf],
] as const)('%s asks for clusters in the region that they are in', async (_who, make) => {
  await make(runtime)
    .clusters('eu-north-1')
    .identify('shop')
    .catch(() => {})
  expect(asked()).toEqual(['eu-north-1/eks'])
})

const answer = (body: object): Scripted => ({
  headers: { 'x-amzn-requestid': 'r' },
  body: JSON.stringify(body),
})

it('whoever starts runs has the records, the executions and the log', async () => {
  script.splice(0, 1, answer({}), answer({ executionArn: 'x', startDate: 1 }))
  const services = servicesOf(runtime)
  expect(services.config.account).toBe('123456789012')
  expect([services.executions.arnOf('a'), services.rollouts.arnOf('a')]).toEqual([
    arn('states', 'execution:enable:a'),
    arn('states', 'execution:rollout:a'),
  ])
  const place = { cluster: 'shop', region: 'us-west-2', namespace: 'carts', serviceAccount: 'carts' }
  const started = await services.start({
    input: { ...place, role: 'arn:aws:iam::123456789012:role/carts', mode: 'plan' },
    origin: { trigger: 'webhook', by: 'caller:ci' },
    cause: ['ci'],
  })
  expect(asked()).toEqual(['us-west-2/dynamodb', 'us-west-2/states'])
  expect(runtime.lines).toEqual([
    {
      level: 'info',
      message: 'a run was started',
      data: { ...place, trigger: 'webhook', run: started.run },
    },
  ])
})

it('they go by the runtime’s time', () => {
  runtime.at(7)
  expect([turnServicesOf(runtime).now(), rolloutServicesOf(runtime).now()]).toEqual([7, 7])
})

describe('the settings of a stage', () => {
  const bindings = {
    carts: {
      cluster: 'shop',
      namespace: 'carts',
      serviceAccount: 'carts',
      role: 'arn:aws:iam::123456789012:role/carts',
    },
  }
  const text = JSON.stringify({ ...settings, bindings }, null, 2)
  it('are in the environment', () => {
    expect(Object.keys(configOf({ ...runtime, env: { ...env, PODID_CONFIG: text } }).bindings)).toEqual([
      'carts',
    ])
  })
  it('are in a file where the environment is too small for them', () => {
    const folder = mkdtempSync(join(tmpdir(), 'podid-'))
    try {
      const path = join(folder, 'settings')
      writeFileSync(path, text)
      expect(Object.keys(configOf({ ...runtime, env: { ...env, PODID_CONFIG: path } }).bindings)).toEqual([
        'carts',
      ])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('what is done once', () => {
  const target = (index: number) => [
    aws.received[index]?.headers['x-amz-target'],
    JSON.parse(aws.received[index]?.body ?? '{}') as Record<string, unknown>,
  ]
  it('is noted for a day when it was done', async () => {
    script.splice(0, 1, answer({}), answer({}))
    runtime.at(86_400_000)
    let done = 0
    await once(runtime)('key', async () => void done++)
    expect(done).toBe(1)
    expect(target(0)).toEqual([
      'DynamoDB_20120810.GetItem',
      expect.objectContaining({ Key: { id: { S: 'done/key' } } }),
    ])
    expect(target(1)).toEqual([
      'DynamoDB_20120810.PutItem',
      expect.objectContaining({
        Item: {
          id: { S: 'done/key' },
          document: { S: '"1970-01-02T00:00:00.000Z"' },
          version: { N: '1' },
          expiresAt: { N: String(2 * 86_400) },
        },
      }),
    ])
  })
  it('is not done again', async () => {
    const Item = {
      id: { S: 'done/key' },
      document: { S: '"x"' },
      version: { N: '1' },
      expiresAt: { N: '99' },
    }
    script.splice(0, 1, answer({ Item }))
    await once(runtime)('key', () => Promise.reject(new Error('it is done')))
    expect(aws.received).toHaveLength(1)
  })
})

it('Slack is where it is, if no setting says otherwise, and only where there is a token', async () => {
  const called: unknown[] = []
  vi.stubGlobal('fetch', async (url: string, { headers }: { headers: Record<string, string> }) => {
    called.push([url, headers.authorization])
    return { status: 200, headers: new Headers(), text: async () => '{"ok":true,"users":["U1"]}' }
  })
  const parameter = JSON.stringify({ Parameter: { Value: 'xoxb-1' } })
  script.splice(0, 1, { headers: { 'x-amzn-requestid': 'r' }, body: parameter })
  const signing = { SLACK_SIGNING_SECRET_ARN: arn('ssm', 'parameter/signing') }
  expect(await secretSetting({ ...runtime, env: { ...env, ...signing } }, 'SLACK_SIGNING_SECRET_ARN')).toBe(
    'xoxb-1',
  )
  const token = { SLACK_BOT_TOKEN_ARN: arn('ssm', 'parameter/slack') }
  const slack = (more: object) => slackOf({ ...runtime, env: { ...env, ...more } })
  expect(slack({})).toBeUndefined()
  expect(await slack(token)?.membersOf('S1')).toEqual(['U1'])
  expect(await slack({ ...token, SLACK_API_URL: 'http://127.0.0.1:1/api' })?.membersOf('S1')).toEqual(['U1'])
  expect(called).toEqual([
    ['https://slack.com/api/usergroups.users.list', 'Bearer xoxb-1'],
    ['http://127.0.0.1:1/api/usergroups.users.list', 'Bearer xoxb-1'],
  ])
})

describe('a cluster’s API', () => {
  it('is asked by a token for the cluster’s region, by one connection that is shared and by others', async () => {
    const kubernetes = await serveKubernetes((_request, response) =>
      json(response, { metadata: {}, items: [] }),
    )
    try {
      const { endpoint, ca } = kubernetes.cluster
      const cluster = {
        ...shop,
        arn: 'arn:aws:eks:eu-north-1:123456789012:cluster/shop',
        endpoint,
        certificateAuthority: ca,
      }
      const { shared, fresh } = clusterApis(runtime)
      expect(shared({ cluster })).toBe(clusterApi(runtime, cluster))
      const own = fresh({ cluster })
      expect(own).not.toBe(shared({ cluster }))
      const nodes = { verb: 'list', version: 'v1', resource: 'nodes' } as const
      await own.request(nodes)
      await own.close()
      await shared({ cluster }).request(nodes)
      await shared({ cluster }).request(nodes)
      expect(kubernetes.connections()).toBe(2)
      const [bearer = '', ...others] = kubernetes.requests.map(({ headers }) => String(headers.authorization))
      const url = Buffer.from(bearer.replace('Bearer k8s-aws-v1.', ''), 'base64url').toString()
      expect(new URL(url).host).toBe('sts.eu-north-1.amazonaws.com')
      expect(others).toEqual([bearer, bearer])
      await shared({ cluster }).close()
    } finally {
      await kubernetes.close()
    }
  })
})
