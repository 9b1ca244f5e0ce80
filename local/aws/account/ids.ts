import { randomBytes } from 'node:crypto'

const LOWER = 'abcdefghijklmnopqrstuvwxyz0123456789'
const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

const randomText = (length: number, alphabet: string): string =>
  Array.from(randomBytes(length), (byte) => alphabet[byte % alphabet.length]).join('')

/** IAM's unique ids, 21 characters: `AROA…` for roles, `AIDA…` for users, `ANPA…` for policies. */
export const uniqueId = (prefix: 'AROA' | 'AIDA' | 'ANPA'): string => prefix + randomText(17, UPPER)

/** An access key id, 20 characters: `AKIA…` for users, `ASIA…` for sessions. */
export const accessKeyId = (prefix: 'AKIA' | 'ASIA'): string => prefix + randomText(16, UPPER)

/** A secret access key, 40 characters. */
export const secretAccessKey = (): string => randomBytes(30).toString('base64')

/** A session token; real ones are longer, and as opaque. */
export const sessionToken = (): string => randomBytes(120).toString('base64')

/** A pod identity association's id, 19 characters. */
export const associationId = (): string => `a-${randomText(17, LOWER)}`
