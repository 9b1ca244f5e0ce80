import type { Finding } from '../findings.ts'
import { PodEvidence } from '../workload/proof/evidence.ts'
import { RolloutPod } from '../workload/rollout-pods.ts'

/** The progress of a rollout in a step's answer. */
export interface RolloutAnswer {
  state: string
  message: string
  counts?: Record<string, number>
  pods?: RolloutPod[]
  /** RFC 3339, where the answer says when. */
  at?: string
}

type Fields = Record<string, unknown>

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const textIn = (value: unknown, field: string): string | undefined => {
  const text = isObject(value) ? value[field] : undefined
  return typeof text === 'string' ? text : undefined
}

const listIn = (value: unknown, field: string): unknown[] => {
  const list = isObject(value) ? value[field] : undefined
  return Array.isArray(list) ? list : []
}

/** A payload of the history as data: of a function's invocation what the function answered. */
export const answerOf = (output: string | undefined): unknown => {
  const value = parse(output)
  return isObject(value) && 'Payload' in value && ('StatusCode' in value || Object.keys(value).length === 1)
    ? value.Payload
    : value
}

/** The error that a state was left with by a Catch, as its output has it; undefined for any other output. */
export const errorIn = (
  output: string | undefined,
): { error: string; cause: string | undefined } | undefined => {
  const value = parse(output)
  const error = textIn(value, 'Error')
  return error === undefined ? undefined : { error, cause: textIn(value, 'Cause') }
}

const parse = (text: string | undefined): unknown => {
  try {
    return JSON.parse(text ?? 'null')
  } catch {
    return text
  }
}

/** What a step says of itself in one line. */
export const summaryOf = (answer: unknown): string | undefined =>
  textIn(answer, 'summary') ??
  textIn(answer, 'message') ??
  (isObject(answer) ? textIn(answer.judged, 'message') : undefined)

/** The findings in a step's answer. */
export const findingsOf = (answer: unknown): Finding[] => listIn(answer, 'findings').filter(isFinding)

const isFinding = (value: unknown): value is Finding =>
  textIn(value, 'code') !== undefined &&
  textIn(value, 'subject') !== undefined &&
  textIn(value, 'found') !== undefined &&
  ['blocking', 'warning', 'info'].includes(textIn(value, 'severity') ?? '')

/** The progress in a step's answer: what its `progress` lists, then the present state, which is the answer itself. */
export const progressOf = (answer: unknown): RolloutAnswer[] => {
  if (!isObject(answer) || !('progress' in answer)) return []
  const listed = listIn(answer, 'progress').flatMap((entry) => progressIn(entry, 'progressing'))
  const [now] = progressIn(answer)
  if (!now) return listed
  const last = listed.at(-1)
  if (!last || now.state !== last.state || now.message !== last.message) return [...listed, now]
  return now.pods ? [...listed.slice(0, -1), { ...last, pods: now.pods }] : listed
}

const progressIn = (value: unknown, defaultState?: string): RolloutAnswer[] => {
  const message = textIn(value, 'message')
  const state = textIn(value, 'state') ?? defaultState
  if (message === undefined || state === undefined) return []
  const at = textIn(value, 'at')
  const counts = countsIn(value)
  const pods = listIn(value, 'pods').flatMap((pod) => RolloutPod.safeParse(pod).data ?? [])
  return [
    {
      state,
      message,
      ...(counts ? { counts } : {}),
      ...(pods.length > 0 ? { pods } : {}),
      ...(at ? { at } : {}),
    },
  ]
}

/** What a step's answer says of the credentials of pods. */
export const evidenceIn = (answer: unknown): PodEvidence[] =>
  listIn(answer, 'evidence').flatMap((one) => PodEvidence.safeParse(one).data ?? [])

const countsIn = (value: unknown): Record<string, number> | undefined => {
  const counts = isObject(value) ? value.counts : undefined
  if (!isObject(counts)) return undefined
  return Object.fromEntries(
    Object.entries(counts).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  )
}

/** A cause for people: of a function's failure, which comes as JSON text, its message. */
export const messageOf = (cause: string | undefined): string =>
  textIn(parse(cause), 'errorMessage') ?? cause ?? ''
