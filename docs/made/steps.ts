import { readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { type StepName, steps } from '../../core/steps/table.ts'

const root = join(import.meta.dirname, '../..')

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** What most steps import and no reader learns the step from. */
const vocabulary =
  /^(?:core\/(?:errors|findings|kubernetes|names|request|steps\/|text\/)|adapters\/(?:clock|concurrently|runtime)\b)/

const importsOf = (file: string): string[] => [
  ...new Set(
    [...readFileSync(join(root, file), 'utf8').matchAll(/from '(\.[^']+)'/g)]
      .map(([, specifier]) => normalize(join(dirname(file), specifier as string)))
      .filter((target) => !vocabulary.test(target)),
  ),
]

/** A file as a link from docs/, called by its folder too where other folders have one of its name. */
const link = (file: string): string => `[${file.replace(/^(?:core|adapters|functions)\//, '')}](../${file})`

/** The steps as a table: what each is for, and the files in which a reader finds it, by what they import. */
export const stepsTable = (): string =>
  [
    '| state | what it is for | its file | decides by | asks through | writes |',
    '|---|---|---|---|---|---|',
    ...(Object.keys(steps) as StepName[]).map((name) => {
      const { description, writes, states } = steps[name]
      const file = `functions/steps/${kebab(name)}.ts`
      const imports = importsOf(file)
      const within = (folder: string) =>
        imports
          .filter((target) => target.startsWith(folder))
          .map(link)
          .join(', ')
      return `| ${Object.keys(states).join(', ')} | ${description} | ${link(file)} | ${within('core/')} | ${within('adapters/')} | ${writes ? 'yes' : ''} |`
    }),
  ].join('\n')
