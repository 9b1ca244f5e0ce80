/** `12 bindings`, `1 binding`. */
export const many = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

/** The first of several names, and how many more there are: `a, b and 3 more`. */
export const firstOf = (names: readonly string[], most: number): string =>
  `${names.slice(0, most).join(', ')}${names.length > most ? ` and ${names.length - most} more` : ''}`
