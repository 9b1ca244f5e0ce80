/** Something wrong with a value: where in it, and what. */
export interface ValueFault {
  path: readonly PropertyKey[]
  said: string
}

/** A fault as people read it: `needs[0].actions: names no action`. */
export const faultLine = ({ path, said }: ValueFault): string => {
  const at = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('')
  return `${at.replace(/^\./, '') || 'input'}: ${said}`
}
