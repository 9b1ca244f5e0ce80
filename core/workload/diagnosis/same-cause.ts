import { readDenial } from './denial.ts'

/**
 * Whether two findings of one code are about the same cause: the same role, action, resource and policy where a call was
 * denied, else the same words. What differs from pod to pod and from time to time does not count.
 */
export const isSameCause = (one: string, other: string): boolean => causeIn(one) === causeIn(other)

/** What tells one cause from another, for comparing. */
export const causeIn = (text: string): string => {
  const { role, action, resource, layer } = readDenial(text)
  if (role || action) return [role, action, resource, layer].join(' ')
  return (
    text
      .replace(/ \(it was so before this run\)$/, '')
      .replace(/^(?:pod \S+, |\d+ of \d+ pods \([^)]*\), )/, '')
      .replace(/, restarted (?:once|\d+ times)/, '')
      // A container that has just ended and one that waits for its next start are in the same trouble.
      .replace(/\b(?:ended|CrashLoopBackOff)\b/, 'crashed')
      .replace(/\b(?:ErrImagePull|ImagePullBackOff)\b.*?(?= \(image |$)/, 'image')
      .replace(/[\da-f]{8}-[\da-f-]{27}/g, '#')
      .replace(/\d+/g, '#')
  )
}
