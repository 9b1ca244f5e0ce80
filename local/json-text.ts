/** How many brackets may be open at once: what Jackson, which AWS's services read JSON with, allows by default. */
const deepestNesting = 1000

/**
 * Reads JSON text from outside. Throws a SyntaxError also for text whose nesting no reader of the value could
 * follow: writing it, comparing it or copying it would exhaust the stack.
 */
export const readJsonText = (text: string): unknown => {
  const value: unknown = JSON.parse(text)
  if (nestingOf(text) > deepestNesting)
    throw new SyntaxError(`The JSON text nests more than ${deepestNesting} levels deep`)
  return value
}

/** The number of brackets open at once in what is known to be JSON text. */
const nestingOf = (text: string): number => {
  let depth = 0
  let deepest = 0
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (token === '{' || token === '[') deepest = Math.max(deepest, ++depth)
    else if (token === '}' || token === ']') depth--
  }
  return deepest
}
