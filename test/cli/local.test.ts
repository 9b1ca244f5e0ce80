import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { guide } from '../../cli/render/local-guide.ts'
import { parseConfig } from '../../core/config.ts'
import { bindingsOn } from '../../core/fleet/expand/of-stage.ts'
import { localSettings } from '../../stage/stage.ts'
import { runAwsCommands } from '../scenarios/remedies/aws-commands.ts'
import { type Ended, needing, plainEnv } from '../support/command-line.ts'
import { podidHere } from '../support/commands/here.ts'

const role = 'arn:aws:iam::111122223333:role/eks-workshop-carts-dynamo'
const settings = `account: '111122223333'
region: eu-central-1
bindings:
  shopping: { cluster: eks-workshop, namespace: carts, serviceAccount: carts, role: '${role}', workload: deployment/carts }
  shops: { cluster: 'shop-*', namespace: carts, serviceAccount: carts, role: '${role}' }
access: [{ users: [U0ADA, U0BOB], callers: [local], may: [enable, plan] }]
`
const programs = needing('aws', 'bash', 'openssl', 'curl')

// The AWS CLI takes most of a second of computing, so that `npm test` types the command with the most to it, and sends
// what the others would.
const exhaustive = process.env.PODID_EXHAUSTIVE === '1'

/** Runs what bash is given; throws where it fails. */
const bash = async (script: string): Promise<string> => {
  const child = spawn('bash', ['-e', '-o', 'pipefail', '-c', script], {
    env: { ...plainEnv(), AWS_PAGER: '' },
  })
  const said = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text
    })
  const code = await new Promise((resolve) => child.once('close', resolve))
  if (code !== 0) throw new Error(`ended with ${code}: ${said.stderr}\n${script}`)
  return said.stdout
}

// A process of its own, until it is stopped: test/packaging/package.test.ts.
describe('what podid local prints', () => {
  const folder = mkdtempSync(join(tmpdir(), 'podid-local-'))
  const file = join(folder, 'podid.yaml')
  writeFileSync(file, settings)
  let served: Promise<Ended>
  let printed = ''
  beforeAll(async () => {
    const args = ['local', '--settings', file, '--propagation', '0', '--readiness', '0']
    await new Promise<void>((resolve, reject) => {
      served = podidHere(args, plainEnv(), ({ stdout }) => {
        printed = stdout
        if (stdout.includes('Stop with Ctrl-C.')) resolve()
      })
      served.then(({ stderr }) => reject(new Error(`podid local ended: ${stderr}`)), reject)
    })
  })
  afterAll(async () => {
    process.emit('SIGTERM')
    await served
    rmSync(folder, { recursive: true, force: true })
  })

  it('is about the bindings and the people of the settings', () => {
    expect(printed).toContain('write "enable shopping" as U0ADA; U0BOB can approve')
    expect(printed).toContain('AWS_REGION=eu-central-1')
    expect(printed).not.toContain('undefined')
  })

  it.skipIf(programs.skipped)(
    `can be pasted: an execution, a new cluster, the sweep and the webhook${programs.note}`,
    async () => {
      const value = (name: string) => new RegExp(`${name}=(\\S+)`).exec(printed)?.[1] ?? ''
      const aws = {
        url: value('AWS_ENDPOINT_URL'),
        region: value('AWS_REGION'),
        credentials: {
          accessKeyId: value('AWS_ACCESS_KEY_ID'),
          secretAccessKey: value('AWS_SECRET_ACCESS_KEY'),
        },
      }
      const lines = printed.split('\n').filter((line) => line.startsWith('  '))
      // The command line is in this process already: test/cli/remote.test.ts runs it with --remote.
      const { typed = [], asked = [] } = Object.groupBy(lines, (line) => {
        if (line.startsWith('  podid ')) return 'here'
        return !exhaustive && /^ {2}aws (?:stepfunctions|events) /.test(line) ? 'asked' : 'typed'
      })
      const said = [
        await bash(typed.join('\n')),
        ...(await Promise.all(asked.map((line) => runAwsCommands(aws, line)))),
      ].join('')
      expect(said).toMatch(/"executionArn": ?"/)
      expect(said).toMatch(/"status": ?"CREATING"/)
      expect(said).toContain('rule/podid-Sweep"')
      expect(said).toMatch(/\{"outcome":"started","run":"webhook-eks-workshop-carts-\w+"\}\n/)
      const states = new SFNClient({ endpoint: aws.url, ...aws })
      const [, stateMachineArn = ''] = /--state-machine-arn (\S+)/.exec(printed) ?? []
      const names = async () => {
        const { executions = [] } = await states.send(new ListExecutionsCommand({ stateMachineArn }))
        return executions.map(({ name = '' }) => name.replace(/-[^-]*$/, '')).sort()
      }
      await expect
        .poll(names)
        .toEqual(expect.arrayContaining(['cluster-shop-1-carts', 'webhook-eks-workshop-carts']))
    },
  )

  it('is all gone after SIGTERM, which ends it with 0', async () => {
    const [, kubeconfig = ''] = /KUBECONFIG=(\S+)/.exec(printed) ?? []
    expect(existsSync(kubeconfig)).toBe(true)
    process.emit('SIGTERM')
    expect(await served).toMatchObject({ code: 0, stderr: '' })
    expect(existsSync(dirname(kubeconfig))).toBe(false)
  })
})

it('has settings of its own without a conflict, by which each way to start a run can be tried', () => {
  const [account, region] = ['123456789012', 'us-west-2']
  const state = { partition: 'aws', accountId: account, region }
  const config = parseConfig(localSettings({ aws: { account, region, state } } as never), 'local')
  const { bindings, findings } = bindingsOn(config, { name: 'eks-workshop', region, account, tags: {} })
  expect([bindings.map(({ name }) => name), findings]).toEqual([['carts'], []])
  const [declared] = bindings
  const users = config.access.flatMap((grant) => grant.users)
  const examples = { declared, users, callers: ['local'], newCluster: 'eks-new-1' }
  const shown = (width: number) => guide({} as never, { clusters: new Map() }, examples, width)
  const text = shown(Number.POSITIVE_INFINITY)
  expect(text.match(/^(?:Slack|Step Functions|The same|EventBridge|The \w+): ?/gm)).toEqual([
    'Slack: ',
    'Step Functions: ',
    'EventBridge: ',
    'The sweep: ',
    'The webhook: ',
  ])
  expect(text).toMatch(
    /^ {2}podid plan --cluster eks-workshop --namespace carts --service-account carts --role \S+ --workload deployment\/carts --remote local$/m,
  )
  // What is indented is pasted, and at zsh's prompt a comment is a command.
  expect(text).not.toMatch(/^ *#/m)
  expect(text).toContain('write "enable carts" as U0000LOCAL; U0000OTHER then approves it')
  // Nobody may do it by settings without a grant, and that is said.
  const nobody = { ...examples, users: [], callers: [] }
  const without = guide({} as never, { clusters: new Map() }, nobody, Number.POSITIVE_INFINITY)
  expect(without.match(/^(?:\w.*grant|access).*/gm)).toEqual([
    expect.stringContaining(
      'no grant in podid.yaml names a user; with this one, U0000LOCAL can write "enable carts"',
    ),
    'access: [{ users: [U0000LOCAL], may: [enable, plan] }]',
    expect.stringContaining('It is refused, as no grant in podid.yaml names that caller'),
    'access: [{ callers: [local], may: [enable, plan] }]',
  ])
  // At 60 columns sentences are wrapped, and commands are not.
  expect(shown(60)).toMatch(/\nSlack: on that page write "enable carts" as U0000LOCAL;\nU0000OTHER/)
  const unwrapped = shown(60).split('\n')
  expect(unwrapped.filter((line) => line.length > 60 && !line.startsWith('  '))).toEqual([])
  const commands = (all: string) => all.match(/^ {2}(?:aws|curl|export|key|podid|signature|unset).*/gm)
  expect(commands(shown(60))).toEqual(commands(text))
})

it('tells the faults of settings, each by its field', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'podid-settings-'))
  const file = join(folder, 'podid.yaml')
  writeFileSync(file, settings.replace('eu-central-1', 'Frankfurt').replace('may:', 'can:'))
  try {
    const { code, stderr } = await podidHere(['local', '--settings', file])
    expect(code).toBe(2)
    expect(stderr).toContain(`${file}:2: region: is not an AWS region`)
    expect(stderr).toMatch(/podid\.yaml:6: access\[0\]\.can: is not a field/)
    expect(stderr).not.toContain('    at ')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
