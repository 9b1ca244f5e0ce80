import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect } from 'vitest'

const root = join(import.meta.dirname, '../../..')

/** The commands of a page that a person pastes, block by block. */
export const bashBlocks = (page: string): string[] =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/^( *)```bash\n([\s\S]*?)^ *```$/gm)].map(
    ([, , text = '']) => text,
  )

/**
 * Programs that only note how they are called, so that nothing happens; `answers` has shell that one of them runs too.
 * `paste` types commands into a shell and answers the notes: `aws [eks] [describe-cluster]`, a line for each call.
 */
export const notingPrograms = (...programs: (string | [program: string, answer: string])[]) => {
  const folder = mkdtempSync(join(tmpdir(), 'podid-paste-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'bin'))
  for (const entry of programs) {
    const [program, answer] = typeof entry === 'string' ? [entry, ''] : entry
    const note = `printf '${program}' >> "$NOTES"; for word; do printf ' [%s]' "$word" >> "$NOTES"; done; echo >> "$NOTES"\n`
    const file = join(folder, 'bin', program)
    writeFileSync(file, `#!/bin/sh\n${note}${answer}`)
    chmodSync(file, 0o755)
  }
  let pasted = 0
  return {
    paste: async (shell: string, env: NodeJS.ProcessEnv, commands: string): Promise<string> => {
      const notes = join(folder, `notes-${++pasted}`)
      writeFileSync(notes, '')
      const child = spawn(shell, ['-e', '-c', commands], {
        cwd: root,
        env: { ...env, PATH: `${join(folder, 'bin')}:${process.env.PATH}`, NOTES: notes },
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      let said = ''
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text
      })
      const code = await new Promise((resolve) => child.once('close', resolve))
      expect({ code, said }).toEqual({ code: 0, said: '' })
      return readFileSync(notes, 'utf8')
    },
  }
}
