import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')

it('locks every package with its integrity, so that npm notices a changed one', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { integrity?: string; link?: boolean }>
  }
  const bare = Object.entries(packages).filter(([path, { integrity }]) => path !== '' && !integrity)
  expect(bare.map(([path]) => path)).toEqual([])
})

describe('CONTRIBUTING.md', () => {
  const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: object }).scripts)
  const listed = [...read('CONTRIBUTING.md').matchAll(/^\| `npm (?:run (?:-s )?)?([\w:-]+)/gm)].map(
    ([, name]) => name,
  )

  it('says what each npm script is for', () => {
    expect(listed.toSorted()).toEqual(scripts.toSorted())
  })
})

it.each([
  ['ci.yml', ['bash .ci/run']],
  ['exhaustive.yml', ['npm ci', 'npm run test:exhaustive']],
])('lets a forge run what is run here, and nothing else: %s', (file, runs) => {
  const steps = [...read(`.github/workflows/${file}`).matchAll(/^\s+- run: (.+)$/gm)].map(([, line]) => line)
  expect(steps).toEqual(runs)
})
