import { createHash } from 'node:crypto'
import jsonata from 'jsonata'
import { setBounded } from '../bounded.ts'
import { type Expression, expressionOf, isExpression, type Json, type Template } from './definition.ts'
import { EvaluationFailure } from './failure.ts'
import { asJson } from './payload.ts'

/** What expressions can see: the workflow's variables, and `$states`. */
export interface Bindings {
  variables: Readonly<Record<string, Json>>
  states: Readonly<Record<string, Json>>
}

/** Evaluates a field's template; `location` is the field's name, for messages. */
export type Evaluate = (template: Template, bindings: Bindings, location: string) => Promise<Json>

/** JSONata's own functions that Step Functions keeps: all of them but `$eval`. */
export const builtinFunctions: ReadonlySet<string> = new Set(
  (
    'sum count max min average string substring substringBefore substringAfter lowercase uppercase length trim ' +
    'pad match contains replace split join formatNumber formatBase formatInteger parseInteger number floor ceil ' +
    'round abs sqrt power random boolean not map zip filter single reduce sift keys lookup append exists spread ' +
    'merge reverse each error assert type sort shuffle distinct base64encode base64decode encodeUrlComponent ' +
    'encodeUrl decodeUrlComponent decodeUrl toMillis fromMillis clone now millis ' +
    // Step Functions adds these: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
    'partition range hash uuid parse'
  ).split(' '),
)

/** Parsing takes longer than evaluating, and a process runs the same definition again and again. */
const compiled = new Map<string, jsonata.Expression>()
const remembered = 1000

/** An expression with Step Functions' functions, which take time and chance from who evaluates it. */
export const compile = (source: string): jsonata.Expression => {
  const known = compiled.get(source)
  if (known) return known
  const expression = jsonata(source)
  addFunctions(expression, source)
  setBounded(compiled, source, expression, remembered)
  return expression
}

/** What expressions cannot name, having a space: the execution's clock and dice. */
const clockName = 'the clock'
const diceName = 'the dice'

/** What JSONata hands a function as `this`. */
interface Called {
  environment: { lookup(name: string): unknown }
}
const now = ({ environment }: Called): number => (environment.lookup(clockName) as () => number)()
const random = ({ environment }: Called): number => (environment.lookup(diceName) as () => number)()

/** An evaluator whose time and chance are the execution's own, so that a run can be repeated exactly. */
export const createEvaluator = (now: () => number, random: () => number): Evaluate => {
  const surroundings = { [clockName]: now, [diceName]: random }
  const compute = async (template: Expression, { variables, states }: Bindings, location: string) => {
    const source = expressionOf(template)
    const subject = `The JSONata expression '${source}' specified for the field '${location}'`
    const answer: unknown = await evaluateOrExplain(
      () => compile(source).evaluate(undefined, { ...variables, states, ...surroundings }),
      (reason) => new EvaluationFailure(location, `${subject} threw an error during evaluation. ${reason}`),
    )
    if (answer === undefined)
      throw new EvaluationFailure(location, `${subject} returned nothing (undefined).`)
    if (isFunction(answer))
      throw new EvaluationFailure(location, `${subject} returned an unsupported result type.`)
    return asJson(answer, location)
  }
  const evaluate: Evaluate = async (template, bindings, location) => {
    if (isExpression(template)) return compute(template, bindings, location)
    if (Array.isArray(template)) {
      const items: Json[] = []
      for (const [index, item] of template.entries()) {
        items.push(await evaluate(item, bindings, `${location}[${index}]`))
      }
      return items
    }
    if (typeof template !== 'object' || template === null) return template
    const fields: [string, Json][] = []
    for (const [key, value] of Object.entries(template)) {
      fields.push([key, await evaluate(value, bindings, `${location}/${key}`)])
    }
    return Object.fromEntries(fields)
  }
  return evaluate
}

const evaluateOrExplain = async (run: () => Promise<unknown>, explain: (reason: string) => Error) => {
  try {
    return await run()
  } catch (error) {
    // JSONata throws plain objects.
    const { code, message } = error as { code?: string; message?: string }
    throw explain([code, message ?? String(error)].filter(Boolean).join(': '))
  }
}

const isFunction = (value: unknown): boolean =>
  typeof value === 'function' ||
  (typeof value === 'object' &&
    value !== null &&
    ('_jsonata_lambda' in value || '_jsonata_function' in value))

/** Step Functions' additions, and JSONata's functions that would otherwise read the machine's clock or dice. */
const addFunctions = (expression: jsonata.Expression, source: string) => {
  // Most expressions have none of them.
  const add: typeof expression.registerFunction = (name, ...as) => {
    if (source.includes(`$${name}`)) expression.registerFunction(name, ...as)
  }
  add(
    'now',
    function (this: Called, picture?: string, zone?: string) {
      return formatTime(now(this), picture, zone)
    },
    '<s?s?:s>',
  )
  add(
    'millis',
    function (this: Called) {
      return now(this)
    },
    '<:n>',
  )
  add(
    'random',
    function (this: Called, seed?: number) {
      return seed === undefined ? random(this) : seededRandom(seed)
    },
    '<n?:n>',
  )
  add(
    'uuid',
    function (this: Called) {
      return uuidFrom(() => random(this))
    },
    '<:s>',
  )
  add(
    'shuffle',
    function (this: Called, items: unknown[]) {
      return shuffle(items, () => random(this))
    },
    '<a:a>',
  )
  add('parse', (text?: string) => (text === undefined ? undefined : JSON.parse(text)), '<s-:x>')
  add('partition', partition, '<an:a>')
  add('range', range, '<nnn:x>')
  add('hash', hash, '<ss:s>')
}

const timeFormat = jsonata('$fromMillis($at, $picture, $zone)')
const formatTime = (at: number, picture?: string, zone?: string): Promise<string> =>
  timeFormat.evaluate(undefined, { at, picture, zone })

/** One step of mulberry32: the same seed gives the same number, as Step Functions promises for a seed. */
const seededRandom = (seed: number): number => {
  let bits = (Math.trunc(seed) + 0x6d2b79f5) | 0
  bits = Math.imul(bits ^ (bits >>> 15), bits | 1)
  bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
  return ((bits ^ (bits >>> 14)) >>> 0) / 4_294_967_296
}

/** A version 4 UUID from the given source of chance. */
export const uuidFrom = (random: () => number): string =>
  'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'.replace(/[xy]/g, (place) => {
    const digit = Math.floor(random() * 16)
    return (place === 'x' ? digit : (digit & 3) | 8).toString(16)
  })

const shuffle = (items: unknown[], random: () => number): unknown[] => {
  const shuffled = [...items]
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    const moved = shuffled[last]
    shuffled[last] = shuffled[other]
    shuffled[other] = moved
  }
  return shuffled
}

const partition = (items: unknown[], size: number): unknown[][] => {
  if (!Number.isInteger(size) || size < 1) throw new Error(`$partition needs a positive size, not ${size}`)
  return Array.from({ length: Math.ceil(items.length / size) }, (_, chunk) =>
    items.slice(chunk * size, (chunk + 1) * size),
  )
}

/** A sequence, as JSONata calls it: of a single number it is that number. */
const range = (first: number, last: number, step: number): number[] | number => {
  if (step === 0) throw new Error('$range needs a step other than 0')
  const length = Math.max(0, Math.floor((last - first) / step) + 1)
  const numbers = Array.from({ length }, (_, index) => first + index * step)
  return length === 1 ? first : numbers
}

const algorithms = ['MD5', 'SHA-1', 'SHA-256', 'SHA-384', 'SHA-512']

const hash = (data: string, algorithm: string): string => {
  if (!algorithms.includes(algorithm)) {
    throw new Error(`$hash knows ${algorithms.join(', ')}, not ${algorithm}`)
  }
  return createHash(algorithm.replace('-', '')).update(data).digest('hex')
}
