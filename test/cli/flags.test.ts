import { globSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { bindingOptions } from '../../cli/bindings/options.ts'
import { plainEnv } from '../support/command-line.ts'
import { podidHere } from '../support/commands/here.ts'

const account = '123456789012'
const role = (name: string) => `arn:aws:iam::${account}:role/${name}`
const policy = { Version: '2012-10-17', Statement: [] }
const boundary = `arn:aws:iam::${account}:policy/limits`

/** For each field of a request, how its flag is written, and what the run is to be sent. */
const flags: Record<string, [args: string[], sent: unknown]> = {
  cluster: [['--cluster', 'eks-workshop'], 'eks-workshop'],
  region: [['--region', 'us-west-2'], 'us-west-2'],
  namespace: [['--namespace', 'shop'], 'shop'],
  serviceAccount: [['--service-account', 'carts'], 'carts'],
  role: [['--role', role('carts')], role('carts')],
  formerRoles: [['--former-role', role('before')], [role('before')]],
  targetRole: [['--target-role', role('elsewhere')], role('elsewhere')],
  workload: [['--workload', 'deployment/carts'], 'deployment/carts'],
  needs: [
    ['--need', 'dynamodb:Query@*', '--need', 'dynamodb:GetItem@*'],
    [
      { actions: ['dynamodb:Query'], resources: ['*'] },
      { actions: ['dynamodb:GetItem'], resources: ['*'] },
    ],
  ],
  sessionTags: [['--no-session-tags'], false],
  sessionPolicy: [['--session-policy', JSON.stringify(policy)], policy],
  replace: [['--replace'], true],
  installAgent: [['--install-agent'], true],
  agentVersion: [['--agent-version', 'v1.3.10-eksbuild.2'], 'v1.3.10-eksbuild.2'],
  agentConfiguration: [['--agent-configuration', '{"tolerations":[]}'], { tolerations: [] }],
  createRole: [['--create-role'], true],
  manageTrust: [['--manage-trust'], true],
  migrate: [['--migrate', 'irsa'], 'irsa'],
  finish: [['--finish'], true],
  removeOidcTrust: [['--remove-oidc-trust'], true],
  permissionsBoundary: [['--boundary', boundary], boundary],
  accessAnalyzer: [['--access-analyzer'], true],
  access: [['--create-access'], 'create'],
  ifWorkloadMissing: [['--if-workload-missing', 'associate'], 'associate'],
  allowZero: [['--allow-zero'], true],
  proof: [['--proof', 'required'], 'required'],
  waitAnyway: [['--wait-anyway'], true],
  onFailure: [['--keep'], 'keep'],
  approval: [['--approval'], 'required'],
  approvalTimeoutSeconds: [['--approval-timeout', '600'], 600],
  clusterTimeoutSeconds: [['--cluster-timeout', '700'], 700],
  rolloutTimeoutSeconds: [['--timeout', '800'], 800],
}

/** Answers the start of an execution with a refusal; what it was to begin with is in `inputs`. */
const stepFunctions = async () => {
  const inputs: Record<string, unknown>[] = []
  const server = createServer(async (request, response) => {
    const body = JSON.parse(await text(request)) as { input?: string }
    if (body.input !== undefined) inputs.push(JSON.parse(body.input) as Record<string, unknown>)
    response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': 'r-1' })
    response.end(JSON.stringify({ __type: 'AccessDeniedException', message: 'not today' }))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, inputs, server }
}

/** What a run is sent where these fields are given on the command line. */
const sentFor = async (fields: readonly string[], ...begin: [verb: string, ...more: string[]]) => {
  const { url, inputs, server } = await stepFunctions()
  try {
    const { stderr } = await podidHere(
      [
        ...begin,
        '--remote',
        `arn:aws:states:us-west-2:${account}:stateMachine:podid-dev-enable`,
        ...fields.flatMap((field) => flags[field]?.[0] ?? []),
      ],
      {
        ...plainEnv(),
        AWS_ENDPOINT_URL: url,
        AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
        AWS_SECRET_ACCESS_KEY: 'example',
        AWS_ACCOUNT_ID: account,
      },
    )
    expect(inputs, stderr).toHaveLength(1)
    return inputs[0] ?? {}
  } finally {
    server.close()
  }
}

it('every field of a request has a flag here', () => {
  expect(Object.keys(flags).toSorted()).toEqual(bindingOptions.map(({ field }) => field).toSorted())
})

it('each flag of a request reaches the run, and what is not given does not', async () => {
  const required = ['cluster', 'region', 'namespace', 'serviceAccount', 'role', 'workload', 'needs']
  const [all, few] = await Promise.all([sentFor(Object.keys(flags), 'enable'), sentFor(required, 'enable')])
  const expected = (fields: readonly string[]) =>
    Object.fromEntries(fields.map((field) => [field, flags[field]?.[1]]))
  expect(all).toMatchObject(expected(Object.keys(flags)))
  const { mode: _mode, ...sent } = few
  expect(sent).toEqual(expected(required))
})

it('migrate plans, and does it with --approve', async () => {
  const fields = ['cluster', 'region', 'namespace', 'serviceAccount', 'role', 'workload', 'needs']
  const [asked, approved] = await Promise.all([
    sentFor(fields, 'migrate'),
    sentFor(fields, 'migrate', '--approve'),
  ])
  expect(asked).toMatchObject({ mode: 'plan', migrate: 'irsa' })
  expect(approved).toMatchObject({ mode: 'enable', migrate: 'irsa' })
})

it('every other flag of every command is given in a test', () => {
  const declared = /\.(?:option|version|requiredOption)\(\s*(?:version,\s*)?'(?:-\w, )?(--[a-z-]+)/g
  const ofRequests = new Set(bindingOptions.map(({ flags: written }) => written.match(/--[a-z-]+/)?.[0]))
  const found = new Set(
    globSync('cli/**/*.ts')
      .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(declared)])
      .map(([, flag = '']) => flag)
      .filter((flag) => !ofRequests.has(flag)),
  )
  expect(found.size).toBeGreaterThan(20)
  // A shell's completion offers flags, and does nothing with them.
  const given = globSync('test/**/*.test.ts')
    .filter((file) => !/(?:flags|completion)\.test\.ts$/.test(file))
    .map((file) => readFileSync(file, 'utf8'))
    // Given above.
    .concat('--approve')
  const without = [...found].filter(
    (flag) => !given.some((text) => new RegExp(`${flag}(?![a-z-])`).test(text)),
  )
  expect(without).toEqual([])
})

it('takes a profile by a flag, wherever AWS is asked', async () => {
  const { stdout } = await podidHere(['--help'])
  const names = [...stdout.matchAll(/^ {2}([a-z]+) [[<]/gm)].map(([, name = '']) => name)
  const without: string[] = []
  for (const name of names)
    if (!(await podidHere([name, '--help'])).stdout.includes('--profile <name>')) without.push(name)
  expect(without).toEqual(['demo', 'local', 'completion', 'help'])
})
