import fc from 'fast-check'
import { expect, it } from 'vitest'
import { virtualClock } from '../../../local/clock.ts'
import type { TaskFunction } from '../../../local/engine/index.ts'
import { errorNamed, machine, run, taskState } from './support.ts'

/** A small generator of numbers from 0 to 1, the same for the same seed. */
const dice = (seed: number) => {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const branch = fc.record({
  seconds: fc.nat(5),
  failures: fc.nat(3),
  last: fc.constantFrom('Refused', undefined),
})

it('the same definition, answers, clock and chance give the same history', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(branch, { minLength: 1, maxLength: 4 }), fc.nat(), async (branches, seed) => {
      const definition = machine({
        A: {
          Type: 'Parallel',
          Branches: branches.map(({ seconds }, index) => ({
            StartAt: `W${index}`,
            States: {
              [`W${index}`]: { Type: 'Wait', Seconds: seconds, Next: `T${index}` },
              [`T${index}`]: taskState({
                Arguments: { index, id: '{% $uuid() %}' },
                TimeoutSeconds: 4,
                Retry: [{ ErrorEquals: ['Transient'], JitterStrategy: 'FULL', MaxAttempts: 3 }],
              }),
            },
          })),
          Catch: [{ ErrorEquals: ['States.ALL'], Output: '{% $states.errorOutput.Error %}', Next: 'B' }],
          Next: 'B',
        },
        B: { Type: 'Succeed' },
      })
      const once = async () => {
        const clock = virtualClock()
        const calls = new Map<number, number>()
        const task: TaskFunction = async (resource, args, { signal }) => {
          const { index } = args as { index: number }
          const call = calls.get(index) ?? 0
          calls.set(index, call + 1)
          const { failures = 0, last } = branches[index] ?? {}
          await clock.sleep(call * 1500, signal)
          if (call < failures) throw Object.assign(errorNamed('Transient'), { stack: '' })
          if (last) throw Object.assign(errorNamed(last), { stack: '' })
          return resource
        }
        return (await run(definition, { task, clock, random: dice(seed) })).history
      }
      const first = await once()
      expect(await once()).toEqual(first)
      for (const { id, previousEventId } of first) expect(previousEventId).toBeLessThan(id)
    }),
    { numRuns: 25 },
  )
})
