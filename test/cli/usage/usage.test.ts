import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { plainEnv, podid } from '../../support/command-line.ts'
import { podidHere } from '../../support/commands/here.ts'

const role = 'arn:aws:iam::123456789012:role/carts'
const region = ['--region', 'us-west-2']

/** Command lines that cannot be run, and what is said of them. */
const faults: Record<string, [args: string[], said: RegExp]> = {
  'no such command': [['enabel'], /unknown command 'enabel'\s+\(Did you mean enable\?\)/],
  'no such flag': [
    ['enable', '--namespce', 'carts'],
    /unknown option '--namespce'\s+\(Did you mean --namespace\?\)/,
  ],
  'a flag without its value': [['plan', '--role'], /option '--role <role>' argument missing/],
  'not a number': [['plan', '--timeout', 'soon'], /'soon' is invalid\. Give a number of seconds/],
  'a need without resources': [
    ['plan', ...region, '--need', 'dynamodb:Query'],
    /--need dynamodb:Query has no resources: write ACTION\[,ACTION\]@RESOURCE\[,RESOURCE\], for example/,
  ],
  'no binding at all': [
    ['plan'],
    /^podid: plan which binding\?\n {2}podid plan NAME, or podid plan --all: of podid\.yaml\n {2}podid plan KIND\/NAME -n NAMESPACE --role ROLE: of a workload\n$/,
  ],
  'a binding of podid.yaml that is not there': [
    ['plan', 'crats'],
    /podid\.yaml has no binding crats; did you mean carts\?\nThere are\n {2}carts {2}on /,
  ],
  'two workloads': [
    ['verify', 'deploy/carts', '--workload', 'deployment/orders'],
    /deployment\/orders and deploy\/carts: one workload at a time/,
  ],
  'no region': [
    ['plan', '--role', role],
    /no region: give --region, set AWS_REGION, or have one in the AWS profile/,
  ],
  'a file that is not there': [['enable', '--file', 'absent.yaml'], /there is no file absent\.yaml/],
  'a file that holds something else': [
    ['enable', '--file', 'package.json', ...region],
    /package\.json has \d+ faults; nothing was called\.[\s\S]*package\.json:\d+: license/,
  ],
  'undo of what is no report': [
    ['undo', 'package.json'],
    /package\.json cannot be read as the report of a run/,
  ],
  'a command of runs that is mistyped': [
    ['runs', 'shwo', 'x'],
    /no command runs shwo; did you mean runs show\?\n$/,
  ],
  'a run where its command is missing': [
    ['runs', 'podid-20261125T101500-3f2a'],
    /^podid: runs lists them all\n {2}podid runs show podid-20261125T101500-3f2a: this one\n {2}podid runs watch /,
  ],
  'no such scenario': [['local', '--scenario', 'moon'], /there is no scenario moon; there are\s+workshop: /],
}

describe('a faulty command line ends with 2 and says what to do', () => {
  it.each(Object.entries(faults))('%s', async (_what, [args, said]) => {
    const { code, stdout, stderr } = await podidHere(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(said)
    expect(stderr).not.toContain('    at ')
  })
})

it('ends its process with that code', async () => {
  const { code, stdout, stderr } = await podid(['enabel']).ended
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain('(Did you mean enable?)')
})

it('names every fault of a request, and calls nothing', async () => {
  let requests = 0
  const aws = createServer((_request, response) => {
    requests++
    response.writeHead(500).end()
  })
  await new Promise<void>((resolve) => aws.listen(0, '127.0.0.1', resolve))
  try {
    const { port } = aws.address() as AddressInfo
    const env = {
      ...plainEnv(),
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'example',
    }
    const flags = [
      '--cluster',
      'eks workshop',
      '--namespace',
      'Carts',
      '--role',
      'arn:carts',
      '--workload',
      'pod/carts',
    ]
    const { code, stderr } = await podidHere(['enable', ...region, ...flags], env)
    expect(code).toBe(2)
    expect(stderr).toContain('InvalidRequest: The request has 4 faults; nothing was called.')
    for (const flag of ['cluster', 'namespace', 'role', 'workload'])
      expect(stderr).toContain(`\n- --${flag}: `)
    expect(requests).toBe(0)
  } finally {
    aws.close()
  }
})

it('says how many needs a request takes, however many there are', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'podid-needs-'))
  const file = join(folder, 'many.json')
  const need = {
    actions: ['dynamodb:Query'],
    resources: [`arn:aws:dynamodb:us-west-2:123456789012:table/Items`],
  }
  writeFileSync(file, JSON.stringify({ needs: Array.from({ length: 1200 }, () => need) }))
  try {
    const { code, stderr } = await podidHere(['plan', ...region, '--role', role, '--file', file])
    expect(code).toBe(2)
    expect(stderr).toContain('needs: has 1200 needs, and a request takes 200')
    expect(stderr).not.toContain('    at ')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

it('looks where the file of the binding says, and writes none of its control characters', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'podid-region-'))
  const file = join(folder, 'binding.json')
  writeFileSync(file, JSON.stringify({ region: 'us-west-2', role: 'carts\u009b31m' }))
  const credentials = {
    AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
    AWS_ACCOUNT_ID: '123456789012',
  }
  try {
    const commands = [['role'], ['verify', '--cloudtrail']]
    const env = { ...plainEnv(), ...credentials }
    for (const args of commands) {
      const { code, stderr } = await podidHere([...args, '--file', file], env)
      expect(code).toBe(2)
      expect(stderr).toContain('binding.json:1: role: "carts\\x9b31m" is not an IAM role ARN')
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
