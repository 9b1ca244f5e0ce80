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

it('reads files beside the code only where packaging/build.ts puts something in their place', () => {
  const readers = globSync('{core,adapters,functions,workflows,local,stage,cli,console}/**/*.ts', {
    cwd: root,
  }).filter((file) => /import\.meta\.(?!main)/.test(readFileSync(join(root, file), 'utf8')))
  expect(readers.sort()).toEqual([
    // The version, in package.json.
    'cli/main.ts',
    'console/server/assets.ts',
    // Run by hand, in a clone.
    'local/aws/protocol/constraints/generate.ts',
    'local/kubernetes/api/wire/documentation.ts',
    'workflows/template.ts',
  ])
})

describe('the shape of the tree', () => {
  const files = Object.keys(layers).flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: root }))

  it('has no circle of imports, not even of types', () => {
    const targets = new Map(
      files.map((file) => [
        file,
        importsOf(file)
          .filter((specifier) => specifier.startsWith('.'))
          .map((specifier) => normalize(join(dirname(file), specifier))),
      ]),
    )
    const done = new Set<string>()
    const circles: string[] = []
    const visit = (file: string, path: readonly string[]): void => {
      const at = path.indexOf(file)
      if (at >= 0) circles.push([...path.slice(at), file].join(' → '))
      if (at >= 0 || done.has(file)) return
      for (const target of targets.get(file) ?? []) visit(target, [...path, file])
      done.add(file)
    }
    for (const file of files) visit(file, [])
    expect(circles).toEqual([])
  })

  it('has no folder with more than sixteen loose files: a room for each subject', () => {
    const loose = new Map<string, number>()
    for (const file of [...files, ...globSync('test/**/*.ts', { cwd: root })])
      loose.set(dirname(file), (loose.get(dirname(file)) ?? 0) + 1)
    // One file for each step of the table, however many there are.
    loose.delete('functions/steps')
    expect([...loose].filter(([, count]) => count > 16)).toEqual([])
  })
})

it('every command with a value in it is made by the tag that quotes its words', () => {
  const bare = globSync('{core,functions,adapters,cli}/**/*.ts', { cwd: root }).flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/(\w*)`(?:aws|kubectl) [^`]*\$\{[^`]*/g)]
      .filter(([, tag = '']) => !/command$/i.test(tag))
      .map(([found]) => `${file}: ${found}`),
  )
  expect(bare).toEqual([])
})

it('every text that the command line writes is made fit for a terminal', () => {
  const fit =
    /^(?:visible\(|notice\(|summary\(|questionText\(|manyText\(|formatted\(|`\$\{jsonLine\(|'[^']*'\s*[,)])/
  const raw = globSync('cli/**/*.ts', { cwd: root })
    // It shows what the stand-ins are, in which there is nothing from outside.
    .filter((file) => file !== 'cli/commands/local.ts')
    .flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(/process\.std(?:out|err)\.write\(\s*([^\n]*)/g)]
        .filter(([, text = '']) => !fit.test(text))
        .map(([, text]) => `${file}: ${text}`),
    )
  expect(raw).toEqual([])
})

it('tests start stand-ins by test/support/servers/small-pages.ts, but for those of the stand-ins themselves', () => {
  const strays = globSync('test/**/*.ts', { cwd: root })
    .filter((file) => !file.startsWith('test/local/') && file !== 'test/support/servers/small-pages.ts')
    .filter((file) =>
      /import \{[^}]*\bstart(?:Aws|World)\b[^}]*\} from '[^']*\/local\//.test(
        readFileSync(join(root, file), 'utf8'),
      ),
    )
  expect(strays).toEqual([])
})

describe('one name for one thing', () => {
  /** Names that more than one file exports, and why that is right. */
  const shared: Readonly<Record<string, string>> = {
    AccessEntry: "EKS's word: what the steps know of one, and what the stand-in's account holds",
    Association: "EKS's word, for the same two",
    Cluster: "EKS's word, for the same two",
    PolicyVersion: "IAM's word, for the same two",
    actionTable: 'the script that writes the table holds its text',
    ServiceActions: 'the script that writes the table holds its text',
    constraintTable: 'the script that writes the table holds its text',
    descriptionsOf: 'in the npm package the second takes the place of the first',
    create: 'every function has one: the registry and the tests call it by that name',
    handler: 'every function has one: Lambda calls it by that name',
  }
  const folders = [...Object.keys(layers), 'docs', 'scripts', 'test'].join(',')
  const declaration =
    /^export (?:declare )?(?:abstract )?(?:async )?(?:const|let|function\*?|class|type|interface|enum) (\w+)/gm

  it('no two files export the same name, but for those of the list', () => {
    const files = new Map<string, Set<string>>()
    for (const file of globSync(`{${folders}}/**/*.ts`, { cwd: root }))
      for (const [, name = ''] of readFileSync(join(root, file), 'utf8').matchAll(declaration))
        files.set(name, (files.get(name) ?? new Set()).add(file))
    const twice = [...files].filter(([, places]) => places.size > 1)
    const strays = twice
      .filter(([name]) => !(name in shared))
      .map(([name, places]) => `${name}: ${[...places].join(', ')}`)
    expect(strays).toEqual([])
    expect(twice.map(([name]) => name).toSorted()).toEqual(Object.keys(shared).toSorted())
  })
})

/** What AWS and Kubernetes have named or laid down, and the one file that spells it out. */
const facts: [fact: string, spelt: RegExp, home: string][] = [
  ['the service that assumes roles for pods', /pods\.eks\.amazonaws/, 'core/names.ts'],
  ['what a DNS label looks like', /\[a-z0-9\]\(\?:\[-a-z0-9\]\*/, 'core/names.ts'],
  ['what a region looks like', /\[a-z\]\{2\}/, 'core/names.ts'],
  ["the agent's name", /(?<!aws\/)eks-pod-identity-agent/, 'core/agent.ts'],
  ["the token's name", /eks-pod-identity-token/, 'core/workload/environment.ts'],
  ['the annotation of a restart', /kubectl\.kubernetes\.io\/restartedAt/, 'core/workload/restart.ts'],
  ['the letters of generated names', /bcdfghjklmn/, 'local/kubernetes/store/identifiers.ts'],
]

/** Made of what AWS publishes, as it writes it. */
const generated = 'local/aws/protocol/constraints/table.ts'

it.each(facts)('%s is written once', (_fact, spelt, home) => {
  const folders = Object.keys(layers).filter((folder) => folder !== 'bench')
  const places = globSync(`{${folders.join(',')}}/**/*.ts`, { cwd: root }).filter(
    (file) => file !== generated && spelt.test(withoutComments(readFileSync(join(root, file), 'utf8'))),
  )
  expect(places).toEqual([home])
})

const withoutComments = (text: string): string => text.replaceAll(/^\s*(?:\/\*\*?|\*|\/\/).*$/gm, '')
