import { type Condition, operatorNamed } from './condition.ts'

/** A fault of a policy document: where, and what is wrong there, quoting it. */
export interface DocumentProblem {
  /** `Statement[0].Action`, or empty for the document itself. */
  path: string
  problem: string
}

/** identity: what a role may do, and boundaries and session policies. trust: who may assume a role. */
export type DocumentKind = 'identity' | 'trust'

/** The patterns of Action or Resource, or (negated) of NotAction or NotResource. */
export interface Element {
  patterns: readonly string[]
  negated: boolean
  /** At least one pattern holds a policy variable. */
  variables: boolean
}

/** Principal or (negated) NotPrincipal. */
export interface Principals {
  anyone: boolean
  services: readonly string[]
  aws: readonly string[]
  /** Identity providers; they never match, since neither services nor roles come through one. */
  federated: readonly string[]
  negated: boolean
}

/** A statement in one form, whichever of IAM's spellings it had. */
export interface Statement {
  /** Its Sid, or `#n` counted from 1. */
  sid: string
  /** Unreadable effects count as Deny, so that nothing is ever granted on a guess. */
  effect: 'Allow' | 'Deny'
  /** Is of a document with a fault, so nothing can be said of what it does. */
  faulty: boolean
  actions: Element
  resources: Element
  conditions: readonly Condition[]
  principals: Principals
}

/** A document read as far as it can be. */
export interface ReadDocument {
  statements: readonly Statement[]
  problems: readonly DocumentProblem[]
}

/** A JSON object of unknown content. */
export type Fields = Readonly<Record<string, unknown>>
type Report = (path: string, problem: string) => void

const noElement: Element = { patterns: [], negated: false, variables: false }
const noPrincipals: Principals = { anyone: false, services: [], aws: [], federated: [], negated: false }
const currentVersion = '2012-10-17'
const documentFields = new Set(['Version', 'Id', 'Statement'])
const statementFields = new Set([
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
])
const principalTypes = new Set(['AWS', 'Service', 'Federated'])

/**
 * Reads a policy document, an object or its JSON text. IAM takes a document as a whole or not at all, so a
 * fault anywhere marks every statement as faulty; a document that cannot be read becomes one faulty statement.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export const readDocument = (document: unknown, kind: DocumentKind): ReadDocument => {
  const problems: DocumentProblem[] = []
  const report: Report = (path, problem) => void problems.push({ path, problem })
  const fields = readFields(document, report)
  if (!fields) return { statements: [unreadable('#1')], problems }
  checkNames(fields, documentFields, '', report)
  const version = fields.Version
  if (version !== undefined && version !== currentVersion && version !== '2008-10-17')
    report('Version', `${quote(version)} is not a version; the versions are 2012-10-17 and 2008-10-17`)
  if (fields.Id !== undefined && typeof fields.Id !== 'string')
    report('Id', `${quote(fields.Id)} is not text`)
  if (fields.Statement === undefined) report('Statement', 'is missing')
  const single = !Array.isArray(fields.Statement)
  const read = asList(fields.Statement).map((statement, at) => {
    const path = single ? 'Statement' : `Statement[${at}]`
    return readStatement(statement, { path, at, kind, variables: version === currentVersion }, report)
  })
  if (problems.length === 0) return { statements: read, problems }
  const statements = read.length > 0 ? read : [unreadable('#1')]
  return { statements: statements.map((statement) => ({ ...statement, faulty: true })), problems }
}

const unreadable = (sid: string): Statement => ({
  sid,
  effect: 'Deny',
  faulty: true,
  actions: noElement,
  resources: noElement,
  conditions: [],
  principals: noPrincipals,
})

const readFields = (document: unknown, report: Report): Fields | undefined => {
  let value = document
  if (typeof document === 'string') {
    try {
      value = JSON.parse(document)
    } catch (error) {
      report('', `is not JSON: ${error instanceof Error ? error.message : String(error)}`)
      return undefined
    }
  }
  if (isFields(value)) return value
  report('', `${quote(value)} is not a policy document; it should be an object with Version and Statement`)
  return undefined
}

interface Place {
  path: string
  at: number
  kind: DocumentKind
  variables: boolean
}

const readStatement = (value: unknown, place: Place, report: Report): Statement => {
  const number = `#${place.at + 1}`
  if (!isFields(value)) {
    report(place.path, `${quote(value)} is not a statement`)
    return unreadable(number)
  }
  checkNames(value, statementFields, place.path, report)
  const { Sid: sid, Effect: effect } = value
  if (sid !== undefined && typeof sid !== 'string') report(`${place.path}.Sid`, `${quote(sid)} is not text`)
  if (effect !== 'Allow' && effect !== 'Deny')
    report(
      `${place.path}.Effect`,
      effect === undefined ? 'is missing' : `${quote(effect)} is neither "Allow" nor "Deny"`,
    )
  const actions = readElement(value, 'Action', place, report)
  return {
    faulty: false,
    sid: typeof sid === 'string' && sid !== '' ? sid : number,
    effect: effect === 'Allow' ? 'Allow' : 'Deny',
    actions: {
      ...actions,
      patterns: actions.patterns.map((pattern) => pattern.toLowerCase()),
      variables: false,
    },
    resources: readResources(value, place, report),
    conditions: readConditions(value.Condition, place, report),
    principals: readPrincipals(value, place, report),
  }
}

/** Reads Action or NotAction, Resource or NotResource: exactly one of the two must be there. */
const readElement = (
  statement: Fields,
  name: 'Action' | 'Resource',
  { path, variables }: Place,
  report: Report,
): Element => {
  const negatedName = `Not${name}`
  const negated = statement[negatedName] !== undefined
  if (negated && statement[name] !== undefined)
    report(`${path}.${negatedName}`, `is used together with ${name}; a statement may have only one of them`)
  if (!negated && statement[name] === undefined) {
    report(path, `has neither ${name} nor ${negatedName}`)
    return noElement
  }
  const used = negated ? negatedName : name
  const patterns = readTexts(statement[used], `${path}.${used}`, report)
  return { patterns, negated, variables: variables && patterns.some(hasVariable) }
}

/** A trust policy is about its role alone. */
const readResources = (statement: Fields, place: Place, report: Report): Element => {
  if (place.kind !== 'trust') return readElement(statement, 'Resource', place, report)
  for (const name of ['Resource', 'NotResource'])
    if (statement[name] !== undefined)
      report(`${place.path}.${name}`, 'has no place in a trust policy, whose resource is the role itself')
  return noElement
}

const hasVariable = (pattern: string): boolean => pattern.includes('${')

const readPrincipals = (statement: Fields, { path, kind }: Place, report: Report): Principals => {
  const negated = statement.NotPrincipal !== undefined
  const name = negated ? 'NotPrincipal' : 'Principal'
  const value = statement[name]
  if (kind === 'identity') {
    if (value !== undefined)
      report(`${path}.${name}`, 'has no place in a policy of a role, only in its trust')
    return noPrincipals
  }
  if (negated && statement.Principal !== undefined)
    report(`${path}.${name}`, 'is used together with Principal; a statement may have only one of them')
  if (value === undefined) report(path, 'has neither Principal nor NotPrincipal')
  if (value === '*') return { ...noPrincipals, anyone: true, negated }
  if (!isFields(value)) {
    if (value !== undefined)
      report(
        `${path}.${name}`,
        `${quote(value)} is not a principal; it should be "*" or like {"Service": "…"}`,
      )
    return { ...noPrincipals, negated }
  }
  checkNames(value, principalTypes, `${path}.${name}`, report)
  const ofType = (type: string) =>
    value[type] === undefined ? [] : readTexts(value[type], `${path}.${name}.${type}`, report)
  const aws = ofType('AWS')
  return {
    anyone: aws.includes('*'),
    services: ofType('Service'),
    aws,
    federated: ofType('Federated'),
    negated,
  }
}

const readConditions = (block: unknown, { path, variables }: Place, report: Report): Condition[] => {
  if (block === undefined) return []
  if (!isFields(block)) {
    report(`${path}.Condition`, `${quote(block)} is not an object of operators`)
    return []
  }
  const conditions: Condition[] = []
  for (const [name, keys] of Object.entries(block)) {
    const at = `${path}.Condition.${name}`
    const operator = operatorNamed(name)
    if (!operator) report(at, 'is not a condition operator')
    if (!isFields(keys)) {
      report(at, `${quote(keys)} is not an object of keys and values`)
      continue
    }
    for (const [key, value] of Object.entries(keys)) {
      const values = readValues(value, `${at}.${key}`, report)
      if (!operator) continue
      if (operator.base === 'null' && !values.every((text) => /^(?:true|false)$/i.test(text)))
        report(`${at}.${key}`, `${quote(value)} is neither "true" nor "false"`)
      conditions.push({ name, operator, key, values, variables: variables && values.some(hasVariable) })
    }
  }
  return conditions
}

const checkNames = (fields: Fields, known: ReadonlySet<string>, path: string, report: Report): void => {
  for (const name in fields)
    if (!known.has(name)) report(path === '' ? name : `${path}.${name}`, 'is not an element of a policy')
}

/** A text or a list of texts. */
const readTexts = (value: unknown, path: string, report: Report): readonly string[] => {
  const list = listIn(value, path, report)
  if (list.every((item) => typeof item === 'string')) return list
  report(path, `${quote(value)} is neither text nor a list of texts`)
  return []
}

/** The negation of an empty list would match everything, which the author did not mean. */
const listIn = (value: unknown, path: string, report: Report): readonly unknown[] => {
  const list = asList(value)
  if (list.length === 0) report(path, 'lists nothing')
  return list
}

/** Condition values, which may also be numbers and booleans. */
const readValues = (value: unknown, path: string, report: Report): string[] => {
  const list = listIn(value, path, report)
  if (list.every((item) => typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean'))
    return list.map(String)
  report(path, `${quote(value)} is neither a value nor a list of values`)
  return []
}

/** Whether the value is an object with fields, as opposed to a list. */
export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** One or many, as IAM lets most elements be written. */
export const asList = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value]

const longestQuote = 120

const quote = (value: unknown): string => {
  const text = asJson(value)
  return text.length > longestQuote ? `${text.slice(0, longestQuote)}…` : text
}

const asJson = (value: unknown): string => {
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    // Deeper than the stack, or no JSON at all.
    return `a value of type ${typeof value}`
  }
}
