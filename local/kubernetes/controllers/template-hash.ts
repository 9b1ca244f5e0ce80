import { isObject } from '../../json-object.ts'
import { nameLetters } from '../store/identifiers.ts'

/**
 * A short name for a value, in the alphabet of Kubernetes' generated names. Equal values have equal hashes,
 * whatever the order of their keys.
 */
export const hashOf = (value: unknown): string => {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(canonical(value))) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return [...String(hash)].map((digit) => nameLetters[digit.charCodeAt(0) % nameLetters.length]).join('')
}

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    isObject(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  ) ?? ''
