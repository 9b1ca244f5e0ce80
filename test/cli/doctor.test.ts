import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Check } from '../../core/doctor/check.ts'
import type { AwsStandIn } from '../../local/aws/index.ts'
import { resources } from '../../local/kubernetes/store/resources.ts'
import { type Deployed, deployStage } from '../stacks/deployed.ts'
import { everything, root, synthesizeStage } from '../stacks/support.ts'
import { needing, packagedPodid, plainEnv, podid } from '../support/command-line.ts'
import { podidHere } from '../support/commands/here.ts'
import { startTestAws } from '../support/servers/small-pages.ts'

// One account, in order; what a test breaks, the command that doctor prints mends again, or the test itself.
let world: Deployed & AsyncDisposable
let folder: string
const settings = join(root, everything.settings ?? '')
let status = 404
const url = createServer((_request, response) => response.writeHead(status).end())

beforeAll(async () => {
  const stage = await synthesizeStage('dev', everything)
  folder = mkdtempSync(join(tmpdir(), 'podid-doctor-'))
  world = await deployStage(stage)
  const { aws } = world
  aws.trails.add('account')
  await new Promise<void>((resolve) => url.listen(0, '127.0.0.1', resolve))
  aws.functions.add('podid-dev-http', () => {}, {
    url: `http://127.0.0.1:${(url.address() as AddressInfo).port}`,
  })
  aws.bus.putRule({
    name: 'podid-dev-cluster-created',
    arn: aws.bus.ruleArn('podid-dev-cluster-created'),
    enabled: true,
    targets: new Map(),
  })
})
afterAll(async () => {
  url.close()
  rmSync(folder, { recursive: true, force: true })
  await world[Symbol.asyncDispose]()
})

const env = (more: NodeJS.ProcessEnv = {}, aws: AwsStandIn = world.aws): NodeJS.ProcessEnv => ({
  ...plainEnv(),
  AWS_ENDPOINT_URL: aws.url,
  AWS_DEFAULT_REGION: aws.region,
  AWS_ACCESS_KEY_ID: aws.credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: aws.credentials.secretAccessKey,
  AWS_PAGER: '',
  SLACK_API_URL: world.slack.apiUrl,
  ...more,
})

interface Asked {
  file?: string
  as?: NodeJS.ProcessEnv
  /** What runs it: this process, or the package in one of its own. */
  run?: typeof podidHere
}

const doctor = async ({ file = settings, as = env(), run = podidHere }: Asked = {}) => {
  const args = ['doctor', '--stage', 'dev', '--file', file, '-o', 'json']
  const { stdout, stderr, code } = await run(args, as)
  expect(stderr).toBe('')
  const { checks } = JSON.parse(stdout) as { checks: Check[] }
  const not = checks.filter(({ state }) => state !== 'right')
  return {
    checks,
    code,
    stdout,
    not,
    wrong: not.flatMap(({ state, about }) => (state === 'wrong' ? [about] : [])),
  }
}

/** The settings of everything.yaml, changed. The stage dev is not among those that they name, and none need be. */
const settingsWith = (name: string, change: Record<string, unknown>): string => {
  const file = join(folder, `${name}.yaml`)
  const stages = { production: { approvals: { self: false } } }
  writeFileSync(
    file,
    JSON.stringify({ ...(parse(readFileSync(settings, 'utf8')) as object), stages, ...change }),
  )
  return file
}

// Real programs take a second for each command.
const programs = needing('aws', 'kubectl', 'openssl')
const pastes = !programs.skipped && process.env.PODID_EXHAUSTIVE === '1'

/** Types the commands of what is wrong into a shell, but for those that no stand-in plays, and looks again. */
const mend = async (found: readonly Check[], as: NodeJS.ProcessEnv): Promise<void> => {
  if (!pastes) return
  for (const { remedy } of found) {
    if (!remedy?.command || /^(?:PODID_ADOPT_TABLE=1 )?npx sst |service-quotas/m.test(remedy.command))
      continue
    const child = spawn('bash', ['-e', '-c', remedy.command], {
      env: { ...as, SLACK_BOT_TOKEN: world.slack.botToken, SLACK_SIGNING_SECRET: 'secret' },
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    const code = await new Promise((resolve) => child.once('close', resolve))
    expect({ code, said }, remedy.command).toEqual({ code: 0, said: expect.any(String) })
  }
}

it('calls a healthy account right, and says of each line what it looked at', async () => {
  const program = await packagedPodid()
  const { checks, code, stdout } = await doctor({ run: (args, as) => podid([...args], as, program).ended })
  expect(checks.filter(({ state }) => state !== 'right')).toEqual([])
  expect(code).toBe(0)
  expect(checks.map(({ about }) => about)).toEqual([
    'credentials',
    'region',
    'stage dev',
    'CloudTrail trail',
    'rule podid-dev-cluster-created',
    'Lambda: concurrent executions',
    'table podid-dev-records',
    'parameter /podid/dev/slack-bot-token',
    'parameter /podid/dev/slack-signing-secret',
    'parameter /podid/dev/webhook-secrets',
    'Slack’s token',
    'function URL',
    'cluster eks-workshop: authentication mode',
    'cluster eks-workshop: access entries',
    'cluster eks-workshop: RBAC',
  ])
  expect(stdout).not.toContain(world.slack.botToken)
})

it('finds what prevents the first deployment, and what cannot be looked at before it', async () => {
  await using account = await anAccount()
  const { aws } = account
  const as = env({}, aws)
  const file = settingsWith('first', {
    bindings: {
      carts: {
        cluster: 'eks-old',
        namespace: 'carts',
        serviceAccount: 'carts',
        role: 'arn:aws:iam::111122223333:role/carts',
        workload: 'deployment/carts',
      },
      orders: {
        cluster: 'eks-gone',
        namespace: 'orders',
        serviceAccount: 'orders',
        role: 'arn:aws:iam::111122223333:role/orders',
      },
    },
    clusters: {},
  })
  const { wrong, not, code, checks } = await doctor({ file, as })
  expect(code).toBe(1)
  expect(wrong).toEqual([
    'CloudTrail trail',
    'Lambda: concurrent executions',
    'table podid-dev-records',
    'parameter /podid/dev/slack-bot-token',
    'parameter /podid/dev/slack-signing-secret',
    'parameter /podid/dev/webhook-secrets',
    'cluster eks-old: authentication mode',
    'cluster eks-gone',
  ])
  expect(commandOf(not, 'table podid-dev-records')).toBe('PODID_ADOPT_TABLE=1 npx sst deploy --stage dev')
  expect(commandOf(not, 'cluster eks-old: authentication mode')).toBe(
    'aws eks update-cluster-config --name eks-old --region us-west-2 --access-config authenticationMode=API_AND_CONFIG_MAP',
  )
  expect(checks.find(({ about }) => about === 'stage dev')?.found).toContain('is not deployed yet')
  expect(not.filter(({ state }) => state === 'unseen').map(({ about, found }) => [about, found])).toEqual([
    ['Slack’s token', expect.stringContaining('not looked at: ')],
    ['function URL', 'not looked at: the stage is not deployed'],
    ['cluster eks-old: access entries', expect.stringContaining('they come after the first deployment')],
    ['cluster eks-old: RBAC', 'not looked at: the cluster is ACTIVE, without an endpoint'],
  ])
  await mend(not, as)
  if (pastes)
    expect((await doctor({ file, as })).wrong).toEqual([
      'Lambda: concurrent executions',
      'table podid-dev-records',
      'cluster eks-gone',
    ])
})

/** An account to which nothing was deployed, but that has a table of an earlier stage. */
const anAccount = async () => {
  const aws = await startTestAws({ account: '111122223333' })
  aws.state.addCluster({ name: 'eks-old', authenticationMode: 'CONFIG_MAP' })
  aws.tables.add('podid-dev-records', 'id')
  aws.functions.concurrency.limit = 10
  aws.state.behaviour = { ...aws.state.behaviour, addonChangeMs: 0 }
  return { aws, [Symbol.asyncDispose]: () => aws.close() }
}

const commandOf = (checks: readonly Check[], about: string): string | undefined =>
  checks.find((check) => check.about === about)?.remedy?.command

interface Broken {
  why: string
  change?: Record<string, unknown>
  break: () => void
  wrong: string[]
  says: [about: string, found: RegExp, command: RegExp][]
  /** What no command mends. */
  restore?: () => void
}

const brokenAccounts: Broken[] = [
  {
    why: 'no way for a new cluster, and none for a run',
    break: () => {
      const { aws } = world
      Object.assign(aws.trails.get('account'), { logging: false })
      aws.bus.putRule({ ...aws.bus.rule('podid-dev-cluster-created'), enabled: false } as never)
    },
    wrong: ['CloudTrail trail', 'rule podid-dev-cluster-created'],
    says: [
      [
        'CloudTrail trail',
        /^account does not log now/,
        /^aws cloudtrail start-logging --name account --region us-west-2$/,
      ],
      [
        'rule podid-dev-cluster-created',
        /^DISABLED, so/,
        /^aws events enable-rule --name podid-dev-cluster-created --region us-west-2$/,
      ],
    ],
  },
  {
    why: 'a trail of data events alone',
    break: () => {
      Object.assign(world.aws.trails.get('account'), {
        selectors: [{ IncludeManagementEvents: true, ReadWriteType: 'ReadOnly' }],
      })
    },
    wrong: ['CloudTrail trail'],
    says: [
      [
        'CloudTrail trail',
        /no management events that write/,
        /^aws cloudtrail put-event-selectors --trail-name account .*ReadWriteType=WriteOnly,IncludeManagementEvents=true$/,
      ],
    ],
  },
  {
    why: 'Slack without a token that it accepts, and a URL that nobody may call',
    break: () => {
      const { parameters } = world.aws
      parameters.put('/podid/dev/slack-bot-token', 'xoxb-revoked-0123456789')
      parameters.put('/podid/dev/webhook-secrets', 'ci=whsec_abc', 'String')
      status = 403
    },
    wrong: ['parameter /podid/dev/webhook-secrets', 'Slack’s token', 'function URL'],
    says: [
      [
        'Slack’s token',
        /^Slack does not accept it: invalid_auth \(auth\.test\)$/,
        /^printf %s "\$SLACK_BOT_TOKEN" \| aws ssm put-parameter --overwrite --type SecureString --name \/podid\/dev\/slack-bot-token /,
      ],
      [
        'function URL',
        /answers 403, and the function would say 404/,
        /^aws lambda get-policy --function-name podid-dev-http --region us-west-2$/,
      ],
    ],
    restore: () => {
      status = 404
    },
  },
  {
    why: 'functions that a cluster does not let in, or lets do too little',
    change: { clusters: { createAccessEntries: false } },
    break: () => {
      const entries = world.aws.state.clusters.get('eks-workshop')?.accessEntries
      const role = (name: string) => `arn:aws:iam::111122223333:role/podid-dev-${name}`
      entries?.delete(role('undo'))
      Object.assign(entries?.get(role('watch-rollout')) ?? {}, { kubernetesGroups: ['podid:agent'] })
      const { store } = world.cluster
      for (const name of ['podid-restart', 'podid-probe']) store.delete(resources.rolebindings, 'carts', name)
      store.delete(resources.clusterroles, undefined, 'podid-nodes')
    },
    wrong: ['cluster eks-workshop: access entries', 'cluster eks-workshop: RBAC'],
    says: [
      [
        'cluster eks-workshop: access entries',
        /^2 of \d+ are not as they should be: podid-dev-watch-rollout lacks podid:workload, .*podid-dev-undo has none$/,
        /^aws eks update-access-entry --cluster-name eks-workshop --region us-west-2 --principal-arn \S+watch-rollout --kubernetes-groups podid:agent podid:\w+[\s\S]*\naws eks create-access-entry .*podid-dev-undo/,
      ],
      [
        'cluster eks-workshop: RBAC',
        /^\d+ rules .* 7 of them denied: podid:probe lacks 1 in carts \(runs wait a fixed time.*podid:restart lacks 3 in carts, podid:agent lacks 3 for the cluster$/,
        /^kubectl apply -k manifests\/base\nkubectl apply -k manifests\/namespace -n carts$/,
      ],
    ],
  },
]

it.each(brokenAccounts)('finds $why', async ({ change, break: damage, wrong: wanted, says, restore }) => {
  damage()
  const file = change ? settingsWith('broken', change) : settings
  const { wrong, not, code, stdout } = await doctor({ file })
  expect([code, wrong]).toEqual([1, wanted])
  for (const [about, found, command] of says) {
    expect(not.find((check) => check.about === about)?.found).toMatch(found)
    expect(commandOf(not, about)).toMatch(command)
  }
  expect(stdout).not.toMatch(/xoxb-|whsec_abc/)
  restore?.()
  const lookOnly = not.filter(({ remedy }) => remedy?.looks !== true)
  await mend(lookOnly, env({ KUBECONFIG: kubeconfig() }))
  if (pastes) expect((await doctor({ file })).wrong).toEqual([])
  else heal()
})

const kubeconfig = (): string => {
  const file = join(folder, 'kubeconfig')
  writeFileSync(file, world.cluster.kubeconfig)
  return file
}

/** Puts right what the commands would, where nobody types them. */
const heal = (): void => {
  const { aws } = world
  aws.trails.add('account')
  aws.bus.putRule({ ...aws.bus.rule('podid-dev-cluster-created'), enabled: true } as never)
  aws.parameters.put('/podid/dev/slack-bot-token', world.slack.botToken)
  aws.parameters.put('/podid/dev/webhook-secrets', 'ci=whsec_abc')
}

it('says of somebody without any permission what it did not see, and calls nothing right', async () => {
  const { credentials } = world.aws.state.principals.addUser('nobody', {})
  const as = env({
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  })
  const { checks, not, wrong, code } = await doctor({ as })
  expect([code, wrong]).toEqual([1, []])
  expect(checks.filter(({ state }) => state === 'right').map(({ about }) => about)).toEqual([
    'credentials',
    'region',
  ])
  for (const { found } of not)
    expect(found).toMatch(/^not looked at: .*(?:AccessDenied|not authorized|is not known)/)
})

it('says that credentials have expired, and how they are renewed', async () => {
  const expired = world.aws.state.principals.issue(
    world.aws.state.session('arn:aws:iam::111122223333:role/podid-dev-undo', 'old'),
    Date.now() - 1000,
  )
  const as = env({
    AWS_ACCESS_KEY_ID: expired.accessKeyId,
    AWS_SECRET_ACCESS_KEY: expired.secretAccessKey,
    AWS_SESSION_TOKEN: expired.sessionToken,
  })
  const { checks } = await doctor({ as })
  expect(checks).toMatchObject([
    {
      about: 'credentials',
      state: 'wrong',
      found: expect.stringMatching(/ExpiredToken|expired/),
      remedy: { command: 'aws sts get-caller-identity' },
    },
    { about: 'everything else', state: 'unseen' },
  ])
})
