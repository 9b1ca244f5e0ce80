import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { needing } from '../../support/command-line.ts'
import { podidHere, startStageless } from '../../support/commands/here.ts'

const root = join(import.meta.dirname, '../../..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')

/** The commands of a section of the README, one for each block. */
const commandsOf = (title: string): string[] => {
  const section = readme.split(/^## /m).find((text) => text.startsWith(`${title}\n`)) ?? ''
  return [...section.matchAll(/^```bash\n(.*?)^```$/gms)].map(([, command = '']) => command)
}

const { skipped, note } = needing('bash')

it.skipIf(skipped)(`the first use in README.md works word for word${note}`, async () => {
  const [start = '', plan = '', enable = ''] = commandsOf('First use')
  expect(start).toBe('npx podid local --scenario workshop\n')
  await using local = await startStageless({ propagationMs: [200], startMs: 0, readyAfterMs: 300 })
  /** Runs the command in this process, with its words as bash reads them. */
  const run = async (command: string) => {
    const words = await local.bash(`npx() { shift; printf '%s\\0' "$@"; }; ${command}`)
    return podidHere(words.split('\0').slice(0, -1), local.env)
  }
  const planned = await run(plan)
  expect(planned.code).toBe(3)
  expect(planned.stderr).toMatch(/needs:\n/)
  expect(planned.stdout).toMatch(/2 changes to make/)
  const enabled = await run(enable)
  expect(enabled.code).toBe(0)
  expect(enabled.stdout).toContain(
    'carts/carts on eks-workshop runs with the credentials of eks-workshop-carts-dynamo',
  )
  expect(enabled.stdout).toMatch(/To undo this run: podid undo podid-\S+\n$/)
})
