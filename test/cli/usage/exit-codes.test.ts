import { describe, expect, it } from 'vitest'
import { exit } from '../../../cli/exit.ts'
import { exitCodeOf, output } from '../../../cli/show.ts'
import type { Report } from '../../../core/report.ts'
import { plainEnv } from '../../support/command-line.ts'
import { podidHere } from '../../support/commands/here.ts'
import { startWorkshop } from '../../support/run.ts'

it('does not say that nothing was called where the API server refused a call of the run as invalid', async () => {
  await using world = await startWorkshop()
  world.calls.inject({
    operation: 'patch deployments',
    times: Number.POSITIVE_INFINITY,
    action: { kind: 'error', status: 413, code: 'RequestEntityTooLarge' },
  })
  const end = await world.enable()
  expect(end.event).toMatchObject({ type: 'run.failed', error: 'InvalidRequest' })
  expect(output({ json: true }, '').end(end)).toBe(exit.failed)
})

const role = 'arn:aws:iam::123456789012:role/carts'
const cluster = ['--cluster', 'eks-workshop']
const binding = [
  ...cluster,
  '-n',
  'carts',
  '--service-account',
  'carts',
  '--role',
  role,
  '--need',
  'dynamodb:Query@*',
]

/** Each command that asks AWS, as whole as it has to be. */
const commands: Record<string, string[]> = {
  plan: ['plan', ...binding],
  'plan, a role and a workload to be looked up': [
    'plan',
    ...cluster,
    '-n',
    'carts',
    '--workload',
    'carts',
    '--role',
    'carts',
  ],
  'plan of a stage': ['plan', ...binding, '--remote', 'dev'],
  enable: ['enable', ...binding],
  'enable with --json': ['enable', ...binding, '--json'],
  verify: ['verify', ...binding],
  'verify by CloudTrail': ['verify', ...binding, '--workload', 'deployment/carts', '--cloudtrail'],
  status: ['status', ...cluster],
  inventory: ['inventory', ...cluster],
  'inventory of all clusters': ['inventory', '--all-clusters'],
  role: ['role', ...binding],
  needs: ['needs', '--role', 'carts'],
  'undo of a stage': ['undo', 'podid-1', '--remote', 'dev'],
  'runs of a stage': ['runs', '--remote', 'dev'],
  'a run of a stage': ['runs', 'show', 'podid-1', '--remote', 'dev'],
  'a run of a stage to its end': ['runs', 'watch', 'podid-1', '--remote', 'dev'],
  'a rollout that is undone': ['rollout', '--undo', 'rollout-1', ...['--region', 'us-west-2'], '--no-remote'],
  'a rollout of a stage that is undone': ['rollout', '--undo', 'rollout-1', '--remote', 'dev'],
  doctor: ['doctor', '--stage', 'production'],
  approve: ['approve', 'podid-1', '--remote', 'dev', '--yes'],
  decline: ['decline', 'podid-1', '--remote', 'dev'],
}

const keys = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'example' }
const region = { AWS_REGION: 'us-west-2' }
const nobody = { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' }

/** What has its own code whatever the command is: README has the table. */
describe.each<[situation: string, env: NodeJS.ProcessEnv, code: number, said: RegExp]>([
  [
    'nobody listens where AWS is called',
    { ...region, ...keys, ...nobody },
    exit.failed,
    /nothing answers at http:\/\/127\.0\.0\.1:9, where AWS_ENDPOINT_URL points/,
  ],
  ['there are no credentials', region, exit.failed, /Could not load credentials from any providers/],
  [
    'nothing says which region',
    { ...keys, ...nobody },
    exit.usage,
    /no region: give --region, set AWS_REGION, or have one in the AWS profile/,
  ],
])('%s', (_situation, env, code, said) => {
  // The podid.yaml of this folder says where a stage and what it declares is.
  const known = (args: readonly string[]) =>
    args.includes('--remote') || ['status', 'rollout', 'doctor'].includes(args[0] ?? '')
  const asked = Object.entries(commands).filter(([, args]) => code !== exit.usage || !known(args))
  it.each(asked)('%s', async (_what, args) => {
    const ended = await podidHere(args, { ...plainEnv(), XDG_STATE_HOME: '/nowhere', ...env })
    // What doctor could not look at is a line of what it answers.
    const [told, other] = args[0] === 'doctor' ? [ended.stdout, ended.stderr] : [ended.stderr, ended.stdout]
    expect(told.replaceAll(/\s+/g, ' ')).toMatch(said)
    expect([ended.code, other]).toEqual([code, ''])
  })
})

const left = { what: 'the association', error: 'denied', command: 'aws eks' }
const undo = { done: [], kept: [], left: [], workload: null }
it.each<
  [why: string, type: 'run.succeeded' | 'run.failed', error: string, report: object | undefined, code: number]
>([
  ['it did what it was to do', 'run.succeeded', '', { outcome: 'enabled', changes: [{}], undo: null }, 0],
  ['there was nothing to do', 'run.succeeded', '', { outcome: 'unchanged', changes: [], undo: null }, 0],
  ['a plan with nothing to change', 'run.succeeded', '', { outcome: 'planned', changes: [], undo: null }, 0],
  ['a plan with changes', 'run.succeeded', '', { outcome: 'planned', changes: [{}], undo: null }, 3],
  ['an undo that put all back', 'run.succeeded', '', { outcome: 'undone', changes: [{}], undo }, 0],
  ['no report', 'run.succeeded', '', undefined, 0],
  ['it failed', 'run.failed', 'RolloutFailed', { outcome: 'failed', changes: [], undo: null }, 1],
  [
    'it failed, and all was put back',
    'run.failed',
    'RolloutFailed',
    { outcome: 'failed', changes: [], undo },
    1,
  ],
  ['it failed without a report', 'run.failed', 'States.Timeout', undefined, 1],
  ['the request has a fault', 'run.failed', 'InvalidRequest', undefined, 2],
  [
    'the cluster found a fault in what it was asked',
    'run.failed',
    'InvalidRequest',
    { outcome: 'failed', changes: [], undo: null },
    1,
  ],
  [
    'it failed, and something could not be put back',
    'run.failed',
    'RolloutFailed',
    { outcome: 'failed', changes: [], undo: { ...undo, left: [left] } },
    4,
  ],
  [
    'an undo that could not put something back',
    'run.succeeded',
    '',
    { outcome: 'failed', changes: [], undo: { ...undo, left: [left] } },
    4,
  ],
  [
    'the same of a faulty request',
    'run.failed',
    'InvalidRequest',
    { outcome: 'failed', changes: [], undo: { ...undo, left: [left] } },
    4,
  ],
])('what a run ends with: %s', (_why, type, error, report, code) => {
  const event = { type, error } as Parameters<typeof exitCodeOf>[0]['event']
  expect(exitCodeOf({ event, report: report as Report | undefined } as never)).toBe(code)
})
