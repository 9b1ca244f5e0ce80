import { readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { type StepName, steps } from '../../core/steps/table.ts'

const root = join(import.meta.dirname, '../..')

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** What most steps import and no reader learns the step from. */
const vocabulary =
  /^(?:core\/(?:errors|findings|kubernetes|names|request|steps\/(?:answers|table)|text\/\w+)|adapters\/(?:clock|concurrently|digest|runtime|kubernetes\/connection))\.ts$|^functions\/(?:middleware\/|support\/(?:inputs|kubernetes|lambda|run-services|settings)\.ts$)/

/** The files that a file imports; of core those whose functions it calls, for a type or a schema decides nothing. */
const importsOf = (file: string): string[] =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/^import (type )?\{([^}]*)\} from '(\.[^']+)'/gm)]
    .map(([, type, names = '', specifier = '']) => ({
      target: normalize(join(dirname(file), specifier)),
      calls: !type && names.split(',').some((name) => /^\s*(?!type |format)[a-z]/.test(name)),
    }))
    .filter(({ target, calls }) => (calls || !target.startsWith('core/')) && !vocabulary.test(target))
    .map(({ target }) => target)

/** A step's file, and the files of functions/ that it does a part of its work by. */
const filesOf = (file: string): string[] => [
  file,
  ...importsOf(file).filter((target) => target.startsWith('functions/')),
]

/** A file as a link from docs/, called by its folder too where other folders have one of its name. */
const link = (file: string): string => `[${file.replace(/^(?:core|adapters|functions)\//, '')}](../${file})`

/** The steps as a table: what each is for, and the files in which a reader finds it, by what they import. */
export const stepsTable = (): string =>
  [
    '| state | what it is for | its files | decides by | asks through | writes |',
    '|---|---|---|---|---|---|',
    ...(Object.keys(steps) as StepName[]).map((name) => {
      const { description, writes, states } = steps[name]
      const files = filesOf(`functions/steps/${kebab(name)}.ts`)
      const imports = [...new Set(files.flatMap(importsOf))].sort()
      const within = (folder: string) =>
        imports
          .filter((target) => target.startsWith(folder))
          .map(link)
          .join(', ')
      return `| ${Object.keys(states).join(', ')} | ${description} | ${files.map(link).join(', ')} | ${within('core/')} | ${within('adapters/')} | ${writes ? 'yes' : ''} |`
    }),
  ].join('\n')
