import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, describe, expect, it } from 'vitest'
import { candidates, type Names } from '../../cli/completion/candidates.ts'
import { namesHere } from '../../cli/completion/names.ts'
import { scripts, shells } from '../../cli/completion/scripts.ts'
import { exampleText } from '../../cli/examples.ts'
import { needing, packagedPodid, plainEnv } from '../support/command-line.ts'
import { podidHere } from '../support/commands/here.ts'

const folder = mkdtempSync(join(tmpdir(), 'podid-completion-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const cluster = 'arn:aws:eks:us-west-2:123456789012:cluster/eks-workshop'
writeFileSync(
  join(folder, 'podid.yaml'),
  'bindings: { carts: { cluster: eks-workshop }, shops: { cluster: "shop-*" } }\nstages: { production: {} }\n',
)
writeFileSync(
  join(folder, 'kubeconfig'),
  `contexts: [{ name: '${cluster}' }, { name: arn-of-nothing }, { name: minikube }, { name: blue, context: { user: blue } }]
users: [{ name: blue, user: { exec: { command: aws, args: [eks, get-token, --cluster-name, shop-blue] } } }]\n`,
)

const program = new Command('podid').version('1')
program
  .command('enable')
  .argument('[name...]')
  .option('-f, --file <path>')
  .option('--binding <name>')
  .option('--cluster <name>')
  .option('--context <name>')
  .option('--kubeconfig <path>')
  .option('--stage <name>')
  .option('--all')
program.command('undo').argument('[run]')
program.command('runs').command('show').option('--json')
program.command('complete', { hidden: true })

const names: Names = {
  ...namesHere,
  scenarios: () => ['workshop'],
  runs: () => ['podid-1', 'podid-2'],
  rollouts: () => ['rollout-1'],
}

describe('a line that is completed', () => {
  const file = join(folder, 'podid.yaml')
  it.each<[why: string, line: string, found: string[]]>([
    ['commands, without the hidden ones', 'podid ', ['enable', 'undo', 'runs', 'help']],
    ['commands of a command', 'podid runs ', ['show', 'help']],
    ['flags of such a one', 'podid runs show --j', ['--json']],
    ['what begins so', 'podid en', ['enable']],
    ['flags of the command', 'podid enable --c', ['--cluster', '--context']],
    ['flags of podid itself', 'podid --v', ['--version']],
    ['a flag without a value is followed by another one', 'podid enable --all --s', ['--stage']],
    ['bindings of the file that the line names', `podid enable -f ${file} --binding `, ['carts', 'shops']],
    ['bindings where one may be named', `podid enable -f ${file} c`, ['carts']],
    [
      'clusters of the file, of which a pattern is none, and of the kubeconfig, as its contexts and their users say them',
      `podid enable --file ${file} --kubeconfig ${join(folder, 'kubeconfig')} --cluster `,
      ['eks-workshop', 'shop-blue'],
    ],
    ['stages', `podid enable --file ${file} --stage p`, ['production']],
    ['a file that is not there has no names', 'podid enable --file absent.yaml --binding ', []],
    ['paths are left to the shell', 'podid enable --file ', []],
    ['runs of this machine', 'podid undo podid-', ['podid-1', 'podid-2']],
    ['rollouts before runs', 'podid runs show ', ['rollout-1', 'podid-1', 'podid-2']],
  ])('%s', async (_why, line, found) => {
    expect(await candidates(program, line, names)).toEqual(found)
  })

  it('takes contexts from all files of KUBECONFIG, and none from what is no kubeconfig', () => {
    const files = [join(folder, 'kubeconfig'), file, join(folder, 'absent')].join(':')
    expect(names.contexts(files)).toEqual([cluster, 'arn-of-nothing', 'minikube', 'blue'])
  })
})

/** How each shell is made to show what it completes a line to, one a line. */
const asked: Readonly<Record<(typeof shells)[number], (line: string) => string>> = {
  bash: (line) =>
    `COMP_LINE='${line}' COMP_POINT=\${#COMP_LINE} COMPREPLY=(); _podid; printf '%s\\n' "\${COMPREPLY[@]}"`,
  // Its completion system works only in a terminal; here it is looked whether the script can be read, by a zsh that has
  // not begun it, as macOS has it.
  zsh: () => 'whence -w _podid',
  fish: (line) => `complete -C '${line}'`,
}

describe.each(shells)('the script for %s', (shell) => {
  const program = needing(shell)
  it.skipIf(program.skipped)(`completes${program.note}`, async () => {
    writeFileSync(
      join(folder, 'podid'),
      `#!/bin/sh\nexec '${process.execPath}' '${await packagedPodid()}' "$@"\n`,
    )
    chmodSync(join(folder, 'podid'), 0o755)
    writeFileSync(join(folder, `script.${shell}`), scripts[shell])
    const lines = ['podid enable --binding ', 'podid plan --file x --no-session-t']
    const script = [`source script.${shell}`, ...lines.map(asked[shell])].join('\n')
    const child = spawn(shell, ['-c', script], {
      cwd: folder,
      env: {
        ...plainEnv(),
        PATH: `${folder}:${process.env.PATH}`,
        KUBECONFIG: join(folder, 'kubeconfig'),
        ZDOTDIR: folder,
      },
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text
      })
    await new Promise((resolve) => child.once('close', resolve))
    expect(said.split('\n').filter(Boolean)).toEqual(
      shell === 'zsh' ? lines.map(() => '_podid: function') : ['carts', 'shops', '--no-session-tags'],
    )
  })
})

const bash = needing('bash')
it.skipIf(bash.skipped)(`bash is given no part of an ARN twice${bash.note}`, async () => {
  // As bash calls it, with words that it has taken apart at the colons.
  const script = `podid() { echo '${cluster}'; }\n${scripts.bash}\n${asked.bash('podid plan --context arn:aws:e')}`
  const child = spawn('bash', ['-c', script], { env: plainEnv() })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  await new Promise((resolve) => child.once('close', resolve))
  expect(said).toBe('eks:us-west-2:123456789012:cluster/eks-workshop\n')
})

it('every command has examples, which its help shows', async () => {
  const [all, one] = [await podidHere(['--help']), await podidHere(['status', '--help'])]
  const commands = [...all.stdout.matchAll(/^ {2}([a-z]+) [[<]/gm)].map(([, name = '']) => name)
  expect(commands).toContain('enable')
  expect(commands.filter((name) => name !== 'help' && exampleText(name) === '')).toEqual([])
  expect(one.stdout).toContain(exampleText('status').trim())
})
