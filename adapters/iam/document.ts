/**
 * A policy document as IAM's API hands it out: URL-encoded JSON. What is no JSON comes back as the text that
 * it is, for the checks to quote.
 */
export const decodeDocument = (text: string): unknown => {
  const plain = parse(text)
  if (plain !== undefined) return plain
  const decoded = decode(text)
  return parse(decoded) ?? decoded
}

/** The same as the text that IAM has, by the byte. */
export const decodeText = (text: string): string => (parse(text) === undefined ? decode(text) : text)

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
