import type { Definition, Json } from '../../local/engine/definition.ts'
import { StateFailure } from '../../local/engine/failure.ts'
import { tryState } from '../../local/engine/test-state.ts'
import { localDefinition } from '../../stage/execution.ts'

const definitionOf = (workflow?: 'rollout'): Definition =>
  JSON.parse(localDefinition('111122223333', 'us-west-2', workflow)) as Definition
/** The definitions by what they execute. */
export const definitions = { run: definitionOf(), rollout: definitionOf('rollout') }

export type Variables = Record<string, Json>

/** The moment in which a state is entered, in milliseconds. */
export const now = Date.parse('2026-11-25T09:00:00.000Z')

/** Every field that the definition asks for, and every variable with them: what a test does not say is null. */
export const everyField = Object.fromEntries(
  [...JSON.stringify(definitions.run).matchAll(/[\w)\]]\.([a-z]\w*)/g)].map(([, field]) => [field, null]),
)
const unsaid = Object.fromEntries(
  [...JSON.stringify(definitions.run).matchAll(/\$([a-z]\w*)\./g)].map(([, variable]) => [
    variable,
    everyField,
  ]),
)

/** Visits one state at that moment, and answers for its function, or fails by that name; gives what it passed to it, too. */
export const visit = async (
  of: keyof typeof definitions,
  state: string,
  variables: Variables,
  answer: object | string = {},
) => {
  const payloads: unknown[] = []
  const trial = await tryState({
    definition: definitions[of],
    state,
    input: {},
    variables: { ...unsaid, ...variables },
    context: { Execution: { Id: 'one', Input: {}, StartTime: new Date(now).toISOString() } },
    // Whatever is retried has been.
    attempts: Array.from({ length: 9 }, () => 100),
    clock: { now: () => now },
    random: () => 0,
    task: async (_resource, argument) => {
      payloads.push((argument as { Payload: unknown }).Payload)
      if (typeof answer === 'string') throw new StateFailure(answer, 'why')
      return { StatusCode: 200, Payload: { ...everyField, ...answer } }
    },
  })
  return { ...trial, payload: payloads[0] }
}
