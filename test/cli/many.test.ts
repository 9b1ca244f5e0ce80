import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Here, podidHere, startHere } from '../support/commands/here.ts'
import { fullPages } from '../support/servers/small-pages.ts'

const role = 'arn:aws:iam::123456789012:role/eks-workshop-carts-dynamo'

/** Five bindings: the workshop's, three for the association alone, and one whose workload is not there. */
const settings = `account: '123456789012'
region: us-west-2
bindings:
  missing: { cluster: eks-workshop, namespace: carts, serviceAccount: missing, role: ${role}, workload: deployment/missing, needs: [] }
  carts: { cluster: 'eks-*', namespace: carts, serviceAccount: carts, role: ${role}, workload: deployment/carts, needs: [] }
${Array.from({ length: 3 }, (_, at) => `  other-${at}: { cluster: eks-workshop, namespace: carts, serviceAccount: other-${at}, role: ${role}, needs: [] }`).join('\n')}
`

describe('several bindings of one file', () => {
  let local: Here
  let file: string
  beforeAll(async () => {
    const pace = { propagationMs: [200], readyAfterMs: 300, stopMs: 0 }
    local = await startHere('workshop', { ...fullPages, pace })
    file = join(local.folder, 'podid.yaml')
    writeFileSync(file, settings)
  })
  afterAll(() => local[Symbol.asyncDispose]())

  const here = (...args: string[]) => local.podid(...args)
  const all = (commands: string[][]) => Promise.all(commands.map((args) => here(...args)))

  it('are planned one after the other: the first failure lets no other begin', async () => {
    const chosen = ['-f', file, '--all', '--parallel', '1', '--fail-fast', '--quiet']
    const { code, stdout, stderr } = await here('plan', ...chosen)
    expect([code, stderr]).toEqual([1, ''])
    expect(stdout).toMatch(
      /^BINDING +CLUSTER +RESULT +TOOK +SUMMARY\nmissing +eks-workshop +failed .*not in namespace carts/,
    )
    expect(stdout.match(/^\S+ +eks-workshop +not begun$/gm)).toHaveLength(4)
  })

  it('are enabled side by side: one that fails stops no other, and its code is the whole’s', async () => {
    const { code, stdout, stderr } = await here('enable', '-f', file, '--all', '--parallel', '3')
    expect(code).toBe(1)
    const rows = stdout.split('\n\n')[0]?.split('\n') ?? []
    expect(rows.map((row) => row.split(/ {2,}/).slice(0, 3).join(' '))).toEqual([
      'BINDING CLUSTER RESULT',
      'missing eks-workshop failed',
      'carts eks-workshop enabled',
      ...Array.from({ length: 3 }, (_, at) => `other-${at} eks-workshop associated`),
    ])
    expect(stdout.match(/^ {2}\S+ on eks-workshop: podid undo podid-\S+$/gm)).toHaveLength(4)
    // Last comes what is wrong, with what mends it.
    expect(stdout).toMatch(/── missing on eks-workshop\n✖ [\s\S]*\(workload-missing\)/)
    expect(stderr.trimEnd().split('\n')).toHaveLength(5)
    expect(stderr).toContain(' ✖ missing on eks-workshop  failed  ')
    expect(stderr).toContain(' ✔ carts on eks-workshop  enabled  runs with the credentials of ')
  })

  it('are events as JSON Lines, each with its binding; chosen ones without a failure end well', async () => {
    const chosen = ['--binding', 'carts', '--binding', 'other-1', '--cluster', 'eks-workshop']
    const { code, stdout, stderr } = await here('plan', '-f', file, ...chosen, '--json')
    expect([code, stderr]).toEqual([0, ''])
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(new Set(events.map(({ binding }) => binding))).toEqual(
      new Set(['carts on eks-workshop', 'other-1 on eks-workshop']),
    )
    expect(events.filter(({ type }) => type === 'run.succeeded')).toHaveLength(2)
  })

  it('are seen by status, whoever declares them, and verified as they run now', async () => {
    const place = ['--cluster', 'eks-workshop', '-n']
    const [seen, wide, mistyped, verified, one, empty, everywhere, both, unbound] = await all([
      ['status', '-f', file, '-o', 'json'],
      ['status', ...place, 'carts', '-o', 'wide'],
      ['status', ...place, 'crats', '-o', 'name'],
      ['verify', '-f', file, '--all'],
      ['verify', ...place, 'carts', '--service-account', 'carts', '-o', 'yaml'],
      ['status', ...place, 'default'],
      ['status', '--cluster', 'eks-workshop', '--all-namespaces', '-o', 'name'],
      ['status', ...place, 'carts', '--all-namespaces'],
      ['verify', ...place, 'carts', '--service-account', 'default'],
    ])
    const { items } = JSON.parse(seen?.stdout ?? '')
    expect([seen?.code, seen?.stderr, items.length]).toEqual([0, '', 5])
    expect(items.find(({ binding }: { binding: string }) => binding === 'carts')).toMatchObject({
      association: { role, owner: null },
      workloads: [{ workload: 'deployment/carts', all: 1, with: 1, without: 0, old: 0 }],
      drift: [],
    })
    expect(items.find(({ binding }: { binding: string }) => binding === 'missing')).toMatchObject({
      association: null,
      drift: ['it has no association'],
    })
    // What no file declares is seen all the same.
    expect(wide?.stdout).toMatch(
      /^carts +carts +arn:\S+ +deployment\/carts \(1\/1\) +1\/1 +0 +0 +- +a-\w+ +- +-$/m,
    )
    expect([mistyped?.code, mistyped?.stdout]).toEqual([1, ''])
    const [, again = ''] = mistyped?.stderr.match(/did you mean carts\?\n {2}podid (.*)\n$/) ?? []
    expect(await here(...again.split(' '), '-o', 'name')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^carts\/carts\n(?:carts\/other-\d\n){3}$/),
    })
    let interrupted = false
    // What Ctrl-C does: the command line is in this process.
    const watched = await podidHere(
      [...again.split(' '), '--watch', '-o', 'name'],
      local.env,
      ({ stdout }) => {
        if (interrupted || !stdout.includes('carts/other-2\n')) return
        interrupted = true
        process.emit('SIGINT')
      },
    )
    expect(watched.code).toBe(130)
    expect(verified?.code).toBe(1)
    expect(verified?.stdout).toMatch(
      /carts\/carts +deployment\/carts +yes +1\/1 +1 of 1 pod was handed credentials/,
    )
    expect(verified?.stdout).toMatch(
      /✖ deployment\/missing: it is not in namespace carts; there are deployment\/carts[^()]* \(workload-missing\)\n {2}See/,
    )
    expect([one?.code, one?.stderr]).toEqual([0, ''])
    expect(one?.stdout).toMatch(/^verified: true\n[\s\S]*seen: handed-out/)
    expect(empty?.stdout).toMatch(
      /^nothing is bound on eks-workshop in \S+, namespace default; podid inventory/,
    )
    expect(everywhere?.stdout).toContain('carts/carts\n')
    expect([both?.code, both?.stderr]).toEqual([2, expect.stringContaining('-n and -A exclude each other')])
    // What may not be listed is not said to be right.
    local.world.aws.calls.inject({
      operation: 'list statefulsets',
      times: 1,
      action: { kind: 'error', status: 403, code: 'Forbidden' },
    })
    expect(await here('verify', ...place, 'carts', '--service-account', 'carts')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^podid: could not look at statefulsets \(.*403 Forbidden/),
    })
    // Without an association a restart alone would not help.
    expect([unbound?.code, unbound?.stdout]).toEqual([1, expect.not.stringContaining('rollout restart')])
    expect(unbound?.stdout).toMatch(
      / +no +0\/1 +it has no association; 1 of 1 pods have no Pod Identity credentials\n[\s\S]*podid enable makes it/,
    )
  })

  it('are undone by their latest runs, one after the other; what is undone already stands in no way', async () => {
    const chosen = ['-f', file, '--binding', 'other-0', '--binding', 'missing', '--binding', 'other-1']
    const undone = await here('undo', ...chosen, '--quiet')
    expect([
      undone.code,
      undone.stdout.match(/^✔ carts\/other-[01] on eks-workshop is as it was before$/gm),
    ]).toEqual([
      0,
      [
        '✔ carts/other-0 on eks-workshop is as it was before',
        '✔ carts/other-1 on eks-workshop is as it was before',
      ],
    ])
    expect(undone.stderr).toMatch(/^missing on eks-workshop: no run in .* has changed anything for missing/m)
    const again = await here('undo', '-f', file, '--binding', 'other-0')
    const twice = await here('undo', 'podid-x', '-f', file)
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining(', was undone by podid-')])
    expect([twice.code, twice.stderr]).toEqual([2, expect.stringContaining('exclude each other')])
  })

  it('says of one that is interrupted that it was, and what is put back', async () => {
    let interrupted = false
    local.world.calls.onCall(({ operation }) => {
      if (interrupted || operation !== 'CreatePodIdentityAssociation') return
      interrupted = true
      // What Ctrl-C does: the command line is in this process.
      process.emit('SIGINT')
    })
    const chosen = ['-f', file, '--binding', 'other-0', '--binding', 'other-1', '--parallel', '1']
    const { code, stdout, stderr } = await here('enable', ...chosen)
    expect(code).toBe(130)
    expect(stderr).toMatch(
      /^interrupted: what was changed is put back.*\n ■ other-0 on eks-workshop {2}interrupted {2}is as it was before\n$/,
    )
    expect(stdout).toMatch(
      /\nother-0 +eks-workshop +interrupted +\S+ +is as it was before\nother-1 +\S+ +not begun\n/,
    )
    expect(stdout).not.toContain('To undo')
  })

  it('needs no more than a workload and the name of a role, where the kubeconfig says the rest', async () => {
    const kubeconfig = JSON.parse(readFileSync(local.env.KUBECONFIG ?? '', 'utf8'))
    const { token } = kubeconfig.users[0].user
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token },
    }
    const called = join(local.folder, 'called')
    const program = `require('fs').writeFileSync(${JSON.stringify(called)}, ''); console.log(${JSON.stringify(JSON.stringify(credential))})`
    kubeconfig.users[0].user = {
      exec: {
        apiVersion: credential.apiVersion,
        command: process.execPath,
        args: ['-e', program],
        interactiveMode: 'Never',
      },
    }
    const path = join(local.folder, 'kubeconfig.json')
    writeFileSync(path, JSON.stringify(kubeconfig))
    const chosen = ['--kubeconfig', path, '-n', 'carts', '--workload', 'deployment/carts']
    const credentials = join(local.folder, 'credentials')
    const profile = `[work]\naws_access_key_id = ${local.env.AWS_ACCESS_KEY_ID}\naws_secret_access_key = ${local.env.AWS_SECRET_ACCESS_KEY}\n`
    writeFileSync(credentials, profile)
    const two = join(local.folder, 'two.json')
    const others = { cluster: 'eks-workshop', namespace: 'carts', role, needs: [] }
    const database = { ...others, serviceAccount: 'default', workload: 'deployment/carts-dynamodb' }
    writeFileSync(two, JSON.stringify([database, { ...others, serviceAccount: 'other-2' }]))
    const env = { ...local.env, AWS_SHARED_CREDENTIALS_FILE: credentials, AWS_ACCESS_KEY_ID: 'somebody-else' }
    const plan = await here('plan', ...chosen, '--role', 'eks-workshop-carts-dynamo', '--auth', 'kubeconfig')
    const unknown = await here('verify', ...chosen, '--context', 'moon')
    const ofProfile = await podidHere(['status', '-n', 'carts', '--profile', 'work', '-o', 'name'], env)
    const noProfile = await podidHere(['status', '-n', 'carts', '--profile', 'moon', '-o', 'name'], env)
    const short = await here('plan', '-f', two, '--all')
    expect([plan.code, plan.stdout]).toEqual([
      0,
      expect.stringContaining('carts/carts on eks-workshop: nothing to change'),
    ])
    expect(plan.stderr).toContain('no needs were given; observed:\nneeds:\n')
    expect(existsSync(called)).toBe(true)
    // A row does not say again what it is about, nor what came of it.
    expect([short?.code, short?.stdout]).toEqual([
      3,
      expect.stringMatching(
        /\ncarts\/default +eks-workshop +2 changes +\S+\ncarts\/other-2 +eks-workshop +no changes +\S+\n/,
      ),
    ])
    // A profile that is named comes before the keys of the environment.
    expect([ofProfile.code, ofProfile.stderr]).toEqual([0, ''])
    expect([noProfile.code, noProfile.stderr]).toEqual([
      1,
      expect.stringContaining('There is no profile moon in the AWS configuration; there are '),
    ])
    expect(unknown).toMatchObject({
      code: 2,
      stderr: 'podid: the kubeconfig has no context moon; there are eks-workshop\n',
    })
  })
})
