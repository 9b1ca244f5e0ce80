/**
 * What a terminal acts on, hides or reorders, other than line breaks: control characters (ESC, and C1 such as CSI),
 * format characters (bidirectional overrides, zero width ones), fillers, lone surrogates, and what only some
 * readers take for a line break. Unicode's general categories C, Zl and Zp, and Default_Ignorable_Code_Point.
 */
export const unprintable = /[^\P{C}\n]|[\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

const escapeOf = (character: string): string => {
  const code = character.codePointAt(0) ?? 0
  const hex = code.toString(16)
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`
}

/**
 * Text from outside (a name, an ARN, a log line, an error's body) for a terminal or a chat: whatever is not to be
 * seen, or changes how the rest is seen, as an escape such as `\x1b` or `\u202e`. Line breaks stay.
 */
export const visible = (text: string): string =>
  text.replaceAll('\r\n', '\n').replaceAll('\t', ' ').replace(unprintable, escapeOf)

/** A copy of a value in which every text is visible, names of fields included. */
export const visibleIn = <T>(value: T): T => copied(value) as T

const copied = (value: unknown): unknown => {
  if (typeof value === 'string') return visible(value)
  if (Array.isArray(value)) return value.map(copied)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [visible(key), copied(inner)]))
}

/** JSON on one line that a terminal shows as it is: the same value, with escapes for what JSON leaves as it is. */
export const jsonLine = (value: unknown): string =>
  (JSON.stringify(value) ?? 'null').replace(unprintable, (character) =>
    Array.from(
      { length: character.length },
      (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
    ).join(''),
  )
