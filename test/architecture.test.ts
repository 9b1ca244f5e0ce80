import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { layers } from '../docs/made/layers.ts'

const root = join(import.meta.dirname, '..')

const specifiersIn = (text: string): string[] =>
  [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, specifier]) => specifier as string)

const importsOf = (file: string): string[] => specifiersIn(readFileSync(join(root, file), 'utf8'))

describe.each(Object.entries(layers))('%s', (folder, others) => {
  const files = globSync(`${folder}/**/*.ts`, { cwd: root })

  it(`imports only ${['itself', ...others].join(', ')}`, () => {
    const strays = files.flatMap((file) =>
      importsOf(file)
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => normalize(join(dirname(file), specifier)))
        .filter((target) => ![folder, ...others].includes(target.split('/')[0] ?? ''))
        .map((target) => `${file} imports ${target}`),
    )
    expect(strays).toEqual([])
  })
})

it('core holds no client, clock or environment', () => {
  const strays = globSync('core/**/*.ts', { cwd: root }).flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8')
    // Types leave nothing behind; a client's are as good a source of names as any.
    const loaded = text.replaceAll(/^import type [^']*'[^']+'$/gm, '')
    const packages = specifiersIn(loaded).filter(
      (specifier) => !specifier.startsWith('.') && specifier !== 'zod',
    )
    const impure =
      text.match(/\b(?:Date\.now\(|new Date\(\)|process\.|Math\.random\(|setTimeout\(|fetch\()/g) ?? []
    return [...packages, ...impure].map((what) => `${file} uses ${what}`)
  })
  expect(strays).toEqual([])
})
