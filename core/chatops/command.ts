import { nearestName } from '../text/distance.ts'

/** A command in a chat. `name` is a binding's, or a run's where the verb allows both. */
export type Command =
  | { verb: 'help' }
  | { verb: 'enable' | 'plan' | 'finish' | 'undo'; name: string; cluster?: string; wave?: number }
  /** No names are all bindings. */
  | { verb: 'rollout'; names: string[]; cluster?: string }
  | { verb: 'status'; name?: string; cluster?: string }

/** A message that is not a command, and what to write instead. */
export interface Misunderstood {
  verb: 'misunderstood'
  why: string
}

const verbs = ['enable', 'plan', 'finish', 'status', 'undo', 'rollout', 'help'] as const

/** The words of a message: Slack's formatting, typographic quotes and superfluous spaces are not part of them. */
const wordsOf = (text: string): string[] =>
  text
    .split(/\s/)
    .map((word) => word.replace(/^[`*_~"'“”‘’«»]+|[`*_~"'“”‘’«»]+$/g, ''))
    .filter((word) => word !== '')

/** Whether the word may be the name of a binding, a cluster or a run; `carts/shop/orders` is one of a binding by pattern. */
const isName = (word: string): boolean => /^[\w.-]{1,100}(?:\/\w[\w.-]{0,252}){0,2}$/.test(word)

/** Reads a message like `enable carts on eks-workshop`; capitals in verbs and Slack's formatting do not matter. */
export const parseCommand = (text: string): Command | Misunderstood => {
  const [first = 'help', ...rest] = wordsOf(text)
  const verb = verbs.find((known) => known === first.toLowerCase())
  if (!verb) return misunderstood(`${shown(first)} is not a command${suggestion(first)}`)
  if (verb === 'help') return { verb }
  const read = readPlace(rest)
  if ('why' in read) return read
  const { names, ...place } = read
  if (verb === 'rollout') {
    if (names.length === 0) return misunderstood('rollout what? Write rollout and names of bindings, or all')
    return { verb, names: names.join(' ').toLowerCase() === 'all' ? [] : names, ...place }
  }
  if (verb === 'undo' && names[1]?.toLowerCase() === 'wave') {
    const [name = '', , number = ''] = names
    if (names.length !== 3 || !/^[1-9]\d{0,2}$/.test(number))
      return misunderstood('undo which wave? Write undo, the rollout, wave and its number')
    return { verb, name, wave: Number(number), ...place }
  }
  if (names.length > 1) {
    return misunderstood(
      `${verb} takes one name, and there are ${names.length}: ${names.map(shown).join(' ')}`,
    )
  }
  const [name] = names
  if (verb === 'status') return { verb, ...(name ? { name } : {}), ...place }
  if (!name) return misunderstood(`${verb} what? Write ${verb} and the name of a binding`)
  return { verb, name, ...place }
}

interface Place {
  names: string[]
  cluster?: string
}

const readPlace = (words: readonly string[]): Place | Misunderstood => {
  const place: Place = { names: [] }
  let afterOn = false
  for (const word of words) {
    if (!afterOn && word.toLowerCase() === 'on') {
      afterOn = true
      continue
    }
    if (!isName(word)) return misunderstood(`${shown(word)} is not a name`)
    if (!afterOn) place.names.push(word)
    else if (place.cluster) return misunderstood(`there are two clusters: ${place.cluster}, ${word}`)
    else place.cluster = word
    afterOn = false
  }
  return afterOn ? misunderstood('the name of a cluster is missing after on') : place
}

const misunderstood = (why: string): Misunderstood => ({ verb: 'misunderstood', why })

const shown = (word: string): string => `“${word.slice(0, 60)}”`

/** The verb that a mistyped word most likely is. */
const suggestion = (word: string): string => {
  const near = nearestName(word, verbs)
  return near === undefined ? '' : `; did you mean ${near}?`
}
