import { describe, expect, it } from 'vitest'
import { machine, run } from './support.ts'

/** The value of an expression, evaluated as a state's Output. */
const value = async (expression: string, input: unknown = {}) =>
  run(machine({ A: { Type: 'Pass', Output: `{% ${expression} %}`, End: true } }), { input })

describe("Step Functions' own functions", () => {
  it.each<[string, unknown]>([
    ['$partition([1, 2, 3, 4, 5], 2)', [[1, 2], [3, 4], [5]]],
    ['$range(1, 9, 4)', [1, 5, 9]],
    ['$range(1, 9, 9)', 1],
    ['[$range(1, 9, 9)]', [1]],
    ['$range(5, 1, -2)', [5, 3, 1]],
    ['$range(2, 1, 1)', []],
    ['$hash("input data", "SHA-1")', 'aaff4a450a104cd177d28d18d74485e8cae074b7'],
    ['$hash("a", "MD5")', '0cc175b9c0f1b6a831c399e269772661'],
    ['$parse("{\\"a\\": [1, null]}")', { a: [1, null] }],
    ['$random(7) = $random(7) and $random(7) != $random(8)', true],
    ['$random()', 0.5],
    ['$uuid()', '88888888-8888-4888-8888-888888888888'],
    ['$now()', '2026-01-01T00:00:00.000Z'],
    ['$now("[Y]")', '2026'],
    ['$millis()', Date.UTC(2026, 0, 1)],
    ['$shuffle([1, 2, 3])', [1, 3, 2]],
  ])('%s', async (expression, output) => {
    expect(await value(expression)).toMatchObject({ status: 'SUCCEEDED', output })
  })

  it.each<[string, RegExp]>([
    ['$partition([1], 0)', /positive size/],
    ['$range(1, 2, 0)', /step other than 0/],
    ['$hash("a", "CRC32")', /knows MD5/],
    ['$parse("{")', /JSON/],
    ['$error("told so")', /told so/],
  ])('%s fails', async (expression, cause) => {
    expect(await value(expression)).toMatchObject({
      status: 'FAILED',
      error: 'States.QueryEvaluationError',
      cause: expect.stringMatching(cause),
    })
  })
})

describe("JSONata's habits", () => {
  const list = [{ n: 1 }, { n: 2 }]
  it.each<[string, string, unknown]>([
    ['a filter with one hit answers the hit', '$states.input[n = 1]', { n: 1 }],
    ['unless it is wrapped', '[$states.input[n = 1]]', [{ n: 1 }]],
    ['a filter without hit, wrapped, is empty', '[$states.input[n = 3]]', []],
    ['a key without value is left out', '{ "a": $states.input.missing, "b": 1 }', { b: 1 }],
    ['null is a value', 'null', null],
  ])('%s', async (_why, expression, output) => {
    expect(await value(expression, list)).toMatchObject({ status: 'SUCCEEDED', output })
  })
})
