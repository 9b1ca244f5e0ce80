import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Local, needing, startLocal } from '../support/command-line.ts'

/**
 * Runs a program on a terminal of its own, and types keys as soon as it writes and others when it asks; ends as the
 * program does.
 */
const onTerminal = `
import os, pty, sys
early, keys, program = bytes.fromhex(sys.argv[1]), bytes.fromhex(sys.argv[2]), sys.argv[3:]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(program[0], program)
said, typed = b'', False
while True:
    try:
        part = os.read(terminal, 65536)
    except OSError:
        break
    if not part:
        break
    if not said:
        os.write(terminal, early)
    said += part
    sys.stdout.buffer.write(part)
    sys.stdout.flush()
    if not typed and b'[y/N]' in said:
        typed = True
        os.write(terminal, keys)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`

const { skipped, note } = needing('python3')
const root = join(import.meta.dirname, '../..')

describe('approval at the terminal', () => {
  let local: Local
  let file: string
  beforeAll(async () => {
    local = await startLocal('--propagation', '0.2', '--readiness', '0.3')
    file = join(local.folder, 'carts.json')
    const binding = {
      cluster: 'eks-workshop',
      namespace: 'carts',
      serviceAccount: 'carts',
      role: 'arn:aws:iam::123456789012:role/eks-workshop-carts-dynamo',
      workload: 'deployment/carts',
      approval: 'required',
    }
    writeFileSync(file, JSON.stringify(binding))
  })
  afterAll(() => local[Symbol.asyncDispose]())

  const typing = async (keys: string, early = '') => {
    const hex = [early, keys].map((text) => Buffer.from(text).toString('hex'))
    const program = [process.execPath, join(root, 'cli/podid.js'), 'enable', '--file', file]
    const child = spawn('python3', ['-c', onTerminal, ...hex, ...program], {
      env: { ...local.env, TERM: 'xterm' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [said, [code]] = await Promise.all([textOf(child.stdout), once(child, 'close')])
    return { code, said: stripVTControlCharacters(said) }
  }

  it('without a terminal, says what to add', async () => {
    const { code, stdout, stderr } = await local.podid('enable', '--file', file).ended
    expect(code).toBe(1)
    expect(`${stdout}${stderr}`).toContain('there is no terminal to ask at: add --yes')
  })

  describe.skipIf(skipped)(`on one${note}`, () => {
    const listed =
      /This run would\s+• create an association of carts\/carts with arn:aws:iam::\d+:role\/eks-workshop-carts-dynamo\s+• restart deployment\/carts and follow its rollout\s+Go ahead with these changes\? \[y\/N\]/

    it('Ctrl-C at the question ends with 130, without a stack trace, and changes nothing', async () => {
      const { code, said } = await typing('\x03')
      expect(said).toMatch(listed)
      expect(said).toContain('interrupted before anything was changed')
      expect(said).not.toMatch(/\n\s+at |AbortError/)
      expect(code).toBe(130)
    })

    it('lists the changes, and takes the end of input for a no', async () => {
      const { code, said } = await typing('\x04')
      expect(said).toMatch(listed)
      expect(said).toContain('declined at the terminal')
      expect(code).toBe(1)
    })

    it.each([
      ['a line', 'y\r'],
      ['the beginning of one', 'y'],
    ])('takes %s that was typed before the question for no answer', async (_what, early) => {
      const { code, said } = await typing(early === 'y' ? '\r' : 'n\r', early)
      expect(said).toMatch(listed)
      expect(said).toContain('declined at the terminal')
      expect(code).toBe(1)
    })

    it('makes them after a yes', async () => {
      const { code, said } = await typing('y\r')
      expect(said).toMatch(listed)
      expect(said).toMatch(/runs with the credentials of\s+eks-workshop-carts-dynamo/)
      expect(code).toBe(0)
    })
  })
})
