import { spawn } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { root } from './support.ts'

/** Runs what `npm run -s synth` runs, in bash. */
const synth = async (
  line: string,
  environment = '',
): Promise<{ code: unknown; stdout: string; stderr: string }> => {
  const command = `${environment} ${process.execPath} stacks/synth/main.ts ${line}`
  const child = spawn('bash', ['-c', command], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text
    })
  const code = await new Promise((resolve) => child.once('close', resolve))
  return { code, ...said }
}

const faults: [line: string, code: number, said: RegExp, environment?: string][] = [
  ['--stag dev', 2, /^Unknown option '--stag'.*\nUsage: npm run -s synth -- --stage NAME/],
  ['--stage dev', 1, /nowhere\.yaml/, 'PODID_SETTINGS=nowhere.yaml'],
]

describe.concurrent('the command that shows a deployment', () => {
  it.each(faults)('tells what is wrong with %s in a sentence', async (line, code, said, environment) => {
    const ended = await synth(line, environment)
    expect(ended).toMatchObject({ code, stdout: '' })
    expect(ended.stderr).toMatch(said)
    expect(ended.stderr).not.toContain('    at ')
  })

  // It takes as long as all other tests of the command line together; synth.test.ts looks at the text.
  it.skipIf(process.env.PODID_EXHAUSTIVE !== '1')(
    'prints for a person what there is of each type, to a reader that takes only the first lines',
    async () => {
      const { code, stdout, stderr } = await synth('--stage dev --summary | head -3; exit ${PIPESTATUS[0]}')
      expect(code).toBe(0)
      expect(stderr).toMatch(/^warning: channels\.alarmEmails: nobody is told when an alarm goes off.*\n$/)
      expect(stdout).toMatch(/^aws:[\w/:]+ {2}\d+\n {2}\w+.*\n/)
    },
  )

  it.skipIf(process.env.PODID_EXHAUSTIVE !== '1')(
    'takes over the table of an earlier deployment where the deployer says so',
    async () => {
      const { stdout } = await synth('--stage dev', 'PODID_ADOPT_TABLE=1')
      expect(stdout).toContain('"import": "podid-dev-records"')
    },
  )
})
