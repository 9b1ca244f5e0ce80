import { isObject } from '../../json-object.ts'

type Step = (values: unknown[]) => unknown[]

/**
 * What a path finds in a value: the part of Kubernetes' JSONPath that printer columns, scales and selectable fields
 * are written in: fields, quoted fields, indexes, `*`, slices, `..`, and filters that compare with a literal. Undefined
 * where a path is written in another way.
 * https://kubernetes.io/docs/reference/kubectl/jsonpath/
 */
export const findByPath = (path: string, value: unknown): unknown[] | undefined =>
  compilePath(path)?.reduce((found, step) => step(found), [value])

const compiled = new Map<string, Step[] | undefined>()
const mostCompiled = 1000

const compilePath = (path: string): Step[] | undefined => {
  if (compiled.has(path)) return compiled.get(path)
  if (compiled.size >= mostCompiled) compiled.clear()
  const steps = stepsOf(path)
  compiled.set(path, steps)
  return steps
}

const stepsOf = (path: string): Step[] | undefined => {
  const steps: Step[] = []
  let rest = path === '.' ? '' : path
  while (rest !== '') {
    const token = tokens.find(({ pattern }) => pattern.test(rest))
    const match = token?.pattern.exec(rest)
    const step = match && token?.step(match)
    if (!step) return undefined
    steps.push(step)
    rest = rest.slice(match[0].length)
  }
  return steps
}

const field =
  (name: string): Step =>
  (values) =>
    values.flatMap((value) => (isObject(value) && Object.hasOwn(value, name) ? [value[name]] : []))

const children = (value: unknown): unknown[] =>
  typeof value === 'object' && value !== null ? Object.values(value) : []

const descendants = (value: unknown): unknown[] => [value, ...children(value).flatMap(descendants)]

const lists =
  (pick: (list: unknown[]) => unknown[]): Step =>
  (values) =>
    values.flatMap((value) => (Array.isArray(value) ? pick(value) : []))

const tokens: { pattern: RegExp; step: (match: RegExpExecArray) => Step | undefined }[] = [
  {
    pattern: /^\.\.((?:\\.|[^.[\]\\])+)/,
    step: ([, name = '']) => {
      const find = field(unescaped(name))
      return (values) => find(values.flatMap(descendants))
    },
  },
  { pattern: /^\.\*/, step: () => (values) => values.flatMap(children) },
  { pattern: /^\.((?:\\.|[^.[\]\\])+)/, step: ([, name = '']) => field(unescaped(name)) },
  { pattern: /^\.?\['((?:\\.|[^'\\])*)'\]/, step: ([, name = '']) => field(unescaped(name)) },
  { pattern: /^\[\*\]/, step: () => (values) => values.flatMap(children) },
  {
    pattern: /^\[(-?\d+)\]/,
    step: ([, index = '']) =>
      lists((list) => {
        const found = list.at(Number(index))
        return found === undefined ? [] : [found]
      }),
  },
  {
    pattern: /^\[(-?\d*):(-?\d*)\]/,
    step: ([, from = '', to = '']) =>
      lists((list) => list.slice(Number(from || 0), to === '' ? undefined : Number(to))),
  },
  {
    pattern: /^\[\?\(\s*@((?:\.[\w-]+|\['[^']*'\])+)\s*(==|!=|<=|>=|<|>)\s*("[^"]*"|'[^']*'|[\w.-]+)\s*\)\]/,
    step: ([, inner = '', operator = '', literal = '']) => {
      const wanted = literalOf(literal)
      return lists((list) =>
        list.filter((element) => {
          const [found] = findByPath(inner, element) ?? []
          return found !== undefined && compare(found, operator, wanted)
        }),
      )
    },
  },
  {
    pattern: /^\[\?\(\s*@((?:\.[\w-]+|\['[^']*'\])+)\s*\)\]/,
    step: ([, inner = '']) => lists((list) => list.filter((one) => findByPath(inner, one)?.length)),
  },
]

const unescaped = (name: string): string => name.replace(/\\(.)/g, '$1')

const literalOf = (text: string): unknown => {
  if (/^["']/.test(text)) return text.slice(1, -1)
  if (text === 'true' || text === 'false') return text === 'true'
  return Number.isNaN(Number(text)) ? text : Number(text)
}

const compare = (found: unknown, operator: string, wanted: unknown): boolean => {
  if (operator === '==') return found === wanted
  if (operator === '!=') return found !== wanted
  if (typeof found !== typeof wanted) return false
  const [a, b] = [found as number, wanted as number]
  if (operator === '<') return a < b
  if (operator === '<=') return a <= b
  return operator === '>' ? a > b : a >= b
}
