import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { needing } from '../../support/command-line.ts'
import { startLocalHere } from '../../support/commands/here.ts'

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
  await using local = await startLocalHere({ propagationMs: [200], readyAfterMs: 300 })
  // As npx would, but with this process's own Node.
  const podid = `npx() { shift; '${process.execPath}' '${local.program}' "$@"; }; `
  const planned = await local.bash(`${podid}${plan.trimEnd()} 2>&1 || [ $? = 3 ]`)
  expect(planned).toMatch(/needs:\n(?:.*\n)*.*2 changes to make/)
  const enabled = await local.bash(`${podid}${enable.trimEnd()} 2>&1`)
  expect(enabled).toContain(
    'carts/carts on eks-workshop runs with the credentials of eks-workshop-carts-dynamo',
  )
  expect(enabled).toMatch(/To undo this run: podid undo podid-\S+\n$/)
})
