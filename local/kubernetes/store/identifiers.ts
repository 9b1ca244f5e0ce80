/** Of generated names: no vowels and no 0, 1 or 3, so that they spell no words and are read without mistakes. */
export const nameLetters = 'bcdfghjklmnpqrstvwxz2456789'

/** The five letters that end a generated name. `random` yields numbers from 0 up to 1. */
export const nameSuffix = (random: () => number): string =>
  Array.from({ length: 5 }, () => nameLetters[Math.floor(random() * nameLetters.length)]).join('')

/** A version 4 UUID. `random` yields numbers from 0 up to 1. */
export const randomUid = (random: () => number): string => {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`
}
