/** A value as a message quotes it: as JSON. */
export const quote = (value: unknown): string => JSON.stringify(value) ?? 'undefined'
