import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { resolveRequest } from '../core/request-input.ts'
import { layers } from '../docs/made/layers.ts'
import { madeDocuments } from '../docs/made/write.ts'

const text = readFileSync(join(import.meta.dirname, '../docs/triggers.md'), 'utf8')
const inputs = [...text.matchAll(/```json input\n(.*?)```/gs)].map(([, json]) => json as string)

it('shows inputs that can be pasted as they stand', () => {
  const execution = {
    arn: 'arn:aws:states:us-west-2:111122223333:execution:podid:by-hand',
    startTime: '2026-11-23T07:00:00Z',
  }
  const modes = inputs.map((json) => resolveRequest(JSON.parse(json), execution).mode)
  expect(modes).toEqual(['plan', 'enable', 'undo'])
})

const root = join(import.meta.dirname, '..')
const documents = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...globSync('docs/**/*.md', { cwd: root })]

it('holds what is made of the code as the code is now (npm run docs)', () => {
  for (const [file, text] of madeDocuments()) {
    expect(readFileSync(join(root, file), 'utf8'), file).toBe(text)
  }
})

it.each(documents)('%s links to files that are there', (document) => {
  const targets = [...readFileSync(join(root, document), 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
  const missing = targets
    .map(([, target]) => target as string)
    .filter((target) => !existsSync(join(root, dirname(document), target)))
  expect(missing).toEqual([])
})

describe('paths', () => {
  /** The recipe's example. */
  const notHere = ['functions/steps/check-quota.ts']
  const folders = readdirSync(root, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() && !['node_modules', '.git'].includes(entry.name) ? [entry.name] : [],
  )
  const path = new RegExp(
    `(?<![\\w./-])(?:${folders.join('|').replaceAll('.', '\\.')})/[\\w./-]*\\.(?:ts|md|ya?ml|json)\\b`,
    'g',
  )
  const files = [
    ...documents,
    ...globSync(`{${Object.keys(layers).join(',')}}/**/*.{ts,yaml}`, { cwd: root }),
    ...globSync('.github/**/*.{md,yml}', { cwd: root }),
  ]

  it('named in documents and comments are there', () => {
    const missing = files.flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(path)]
        .map(([target]) => target)
        .filter((target) => !notHere.includes(target) && !existsSync(join(root, target)))
        .map((target) => `${file} names ${target}`),
    )
    expect(missing).toEqual([])
  })
})

it('says how many runs with a fault docs/faults.md has, as it has them', () => {
  const faults = readFileSync(join(root, 'docs/faults.md'), 'utf8')
  const [, cells = ''] = /do not edit\. (\d+) cells/.exec(faults) ?? []
  expect(readFileSync(join(root, 'README.md'), 'utf8')).toContain(
    `What ${Number(cells).toLocaleString('en-US')} runs with a fault in each`,
  )
  // The runs of a row, situation by situation, as `3 converged, 1 Transient`.
  const runs = [...faults.matchAll(/(?<=[|,] )(\d+) (?=[a-zA-Z]+[ ,])/g)].map(([, count]) => Number(count))
  expect(runs.reduce((sum, count) => sum + count, 0)).toBe(Number(cells))
})

it('has a test for each row of docs/proof.md', () => {
  const proof = readFileSync(join(root, 'docs/proof.md'), 'utf8')
  const rows = [...proof.matchAll(/^\| .* \| \[[\w.-]+\]\(\.\.\/(test\/[\w./-]+)\): (.*) \|$/gm)]
  expect(rows.length).toBeGreaterThan(25)
  const untested = rows.filter(
    ([, file = '', title = '']) => !readFileSync(join(root, file), 'utf8').includes(title),
  )
  expect(untested.map(([row]) => row)).toEqual([])
})
