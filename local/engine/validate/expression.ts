import { builtinFunctions, compile } from '../jsonata.ts'

/** The fields of `$states`; which of them exist depends on the place of the expression. */
export type StatesField = 'input' | 'result' | 'errorOutput' | 'context'

/** A node of JSONata's syntax tree, of whose many shapes only these parts matter here. */
interface Node {
  type?: string
  value?: unknown
  procedure?: Node
  steps?: Node[]
  lhs?: unknown
  rhs?: unknown
  arguments?: Node[]
  expressions?: Node[]
  condition?: Node
  then?: Node
  else?: Node
  [part: string]: unknown
}

/**
 * What Step Functions would not accept in an expression: syntax beyond JSONata 2.0.6 (`??`, `?:`), functions
 * that do not exist, `$eval`, fields of `$states` that do not exist at its place, and what refers to an input
 * document, since there is none.
 * https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */
export const expressionFaults = (source: string, allowed: readonly StatesField[]): string[] => {
  const parsed = parse(source)
  if ('fault' in parsed) return [parsed.fault]
  const nodes = [...walk(parsed.tree)]
  const local = new Set(nodes.flatMap(boundNames))
  return [
    ...new Set([
      ...nodes
        .flatMap(calledName)
        .filter((name) => !local.has(name))
        .flatMap(unknownFunction),
      ...nodes.flatMap((node) => unknownStatesField(node, allowed)),
      ...topLevel(parsed.tree).flatMap(documentReference),
    ]),
  ]
}

const parse = (source: string): { tree: Node } | { fault: string } => {
  try {
    return { tree: compile(source).ast() as unknown as Node }
  } catch (error) {
    const { code, message, position } = error as { code?: string; message?: string; position?: number }
    return { fault: `is not JSONata 2.0.6: ${code} at character ${position}: ${message}` }
  }
}

function* walk(value: unknown): Generator<Node> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield value as Node
  for (const part of Object.values(value)) yield* walk(part)
}

/** Names that the expression binds itself: a lambda's parameters, and what `:=` assigns. */
const boundNames = (node: Node): string[] => {
  const names =
    node.type === 'lambda' ? (node.arguments ?? []) : node.type === 'bind' ? [node.lhs as Node] : []
  return names.map(({ value }) => String(value))
}

/** The function that a node calls by name: `$f(…)`, `$f(?, …)`, `… ~> $f`; and `$eval` anywhere. */
const calledName = (node: Node): string[] => {
  if (node.type === 'variable' && node.value === 'eval') return ['eval']
  const called =
    node.type === 'function' || node.type === 'partial'
      ? node.procedure
      : node.type === 'apply'
        ? (node.rhs as Node)
        : undefined
  return called?.type === 'variable' ? [String(called.value)] : []
}

const unknownFunction = (name: string): string[] => {
  if (name === 'eval') return ['calls $eval, which Step Functions does not have; $parse reads JSON text']
  return builtinFunctions.has(name)
    ? []
    : [`calls $${name}, which is not a function of Step Functions' JSONata`]
}

const unknownStatesField = ({ type, steps }: Node, allowed: readonly StatesField[]): string[] => {
  const [first, second] = steps ?? []
  if (type !== 'path' || first?.type !== 'variable' || first.value !== 'states') return []
  if (second?.type !== 'name' || allowed.some((field) => field === second.value)) return []
  return [`uses $states.${second.value}, and here only $states.${allowed.join(', $states.')} exist`]
}

/** The nodes that would be evaluated against the document as a whole. */
const topLevel = (node: Node | undefined): Node[] => {
  if (!node) return []
  switch (node.type) {
    case 'path':
      return topLevel(node.steps?.[0])
    case 'binary':
    case 'apply':
      return [...topLevel(node.lhs as Node), ...topLevel(node.rhs as Node)]
    case 'bind':
      return topLevel(node.rhs as Node)
    case 'function':
    case 'partial':
      return (node.arguments ?? []).flatMap(topLevel)
    case 'condition':
      return [node.condition, node.then, node.else].flatMap(topLevel)
    case 'block':
      return (node.expressions ?? []).flatMap(topLevel)
    case 'unary':
      return Array.isArray(node.lhs)
        ? (node.lhs as Node[][]).flat().flatMap(topLevel)
        : [...(node.expressions ?? []), node.expression as Node | undefined].flatMap(topLevel)
    default:
      return [node]
  }
}

const documentReference = ({ type, value }: Node): string[] => {
  if (type === 'name')
    return [`names the field ${value} of no object; write $states.input.${value}, or $${value}`]
  if (type === 'variable' && (value === '' || value === '$')) {
    return [`uses $${value} where there is no document; write $states.input`]
  }
  return type === 'wildcard' || type === 'descendant' || type === 'parent' ? ['selects from no document'] : []
}
