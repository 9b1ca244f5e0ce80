import { describe, expect, it } from 'vitest'
import { InvalidDefinition, runStateMachine, validateDefinition } from '../../../local/engine/index.ts'
import { machine, taskState } from './support.ts'

const pass = (fields: Record<string, unknown> = {}) => ({ Type: 'Pass', End: true, ...fields })
const inner = { StartAt: 'B', States: { B: pass() } }
const retrier = (fields: Record<string, unknown>) => ({
  A: taskState({ Retry: [{ ErrorEquals: ['X'], ...fields }] }),
})
const expression = (text: string) => ({ A: pass({ Output: `{% ${text} %}` }) })

describe('validateDefinition', () => {
  it.each<[string, Record<string, unknown>, string, RegExp]>([
    ['an unknown type', { A: { Type: 'Loop' } }, '/States/A/Type', /one of Task, .* not Loop/],
    [
      'an unknown field',
      { A: pass({ Outputs: 1 }) },
      '/States/A/Outputs',
      /not implemented for a Pass state/,
    ],
    ['a JSONPath field', { A: taskState({ ResultPath: '$.x' }) }, '/States/A/ResultPath', /not implemented/],
    [
      'a state in JSONPath',
      { A: pass({ QueryLanguage: 'JSONPath' }) },
      '/States/A/QueryLanguage',
      /must be JSONata/,
    ],
    ['neither Next nor End', { A: { Type: 'Pass' } }, '/States/A', /either Next or End/],
    ['both Next and End', { A: pass({ Next: 'A' }) }, '/States/A', /either Next or End/],
    ['End that is not true', { A: { Type: 'Pass', End: false } }, '/States/A/End', /must be true/],
    ['Next on a Succeed', { A: { Type: 'Succeed', Next: 'A' } }, '/States/A/Next', /not implemented/],
    ['a target that is none', { A: { Type: 'Pass', Next: 'B' } }, '/States/A/Next', /"B", which is no state/],
    [
      'a target in another branch',
      { A: { Type: 'Parallel', Branches: [inner], Next: 'B' } },
      '/States/A/Next',
      /"B", which is no state beside it/,
    ],
    ['a state that nothing leads to', { A: pass(), B: pass() }, '/States/B', /cannot be reached/],
    [
      'a name used twice',
      { B: { Type: 'Parallel', Branches: [inner], End: true } },
      '/States/B/Branches/0/States/B',
      /names are unique/,
    ],
    ['a long name', { ['x'.repeat(81)]: pass() }, `/States/${'x'.repeat(81)}`, /80 characters/],
    [
      'a Task without resource',
      { A: { Type: 'Task', End: true } },
      '/States/A/Resource',
      /must name a resource/,
    ],
    [
      'a timeout of 0',
      { A: taskState({ TimeoutSeconds: 0 }) },
      '/States/A/TimeoutSeconds',
      /positive whole number/,
    ],
    [
      'a heartbeat beyond the timeout',
      { A: taskState({ TimeoutSeconds: 5, HeartbeatSeconds: 9 }) },
      '/States/A/HeartbeatSeconds',
      /smaller than TimeoutSeconds/,
    ],
    ['credentials', { A: taskState({ Credentials: {} }) }, '/States/A/Credentials', /not implemented/],
    ['no choices', { A: { Type: 'Choice', Choices: [] } }, '/States/A/Choices', /at least one/],
    [
      'a choice of JSONPath',
      { A: { Type: 'Choice', Choices: [{ Variable: '$.x', Condition: true, Next: 'A' }] } },
      '/States/A/Choices/0/Variable',
      /not implemented/,
    ],
    [
      'a condition that is text',
      { A: { Type: 'Choice', Choices: [{ Condition: 'yes', Next: 'A' }] } },
      '/States/A/Choices/0/Condition',
      /true, false/,
    ],
    [
      'a choice that leads nowhere',
      { A: { Type: 'Choice', Choices: [{ Condition: true }] } },
      '/States/A/Choices/0/Next',
      /must name/,
    ],
    ['a Wait for nothing', { A: { Type: 'Wait', End: true } }, '/States/A', /either Seconds or Timestamp/],
    [
      'a Wait for half a second',
      { A: { Type: 'Wait', Seconds: 0.5, End: true } },
      '/States/A/Seconds',
      /whole number/,
    ],
    [
      'a Wait until some day',
      { A: { Type: 'Wait', Timestamp: 'soon', End: true } },
      '/States/A/Timestamp',
      /RFC 3339/,
    ],
    [
      'no branches',
      { A: { Type: 'Parallel', Branches: [], End: true } },
      '/States/A/Branches',
      /at least one/,
    ],
    [
      'a Map without processor',
      { A: { Type: 'Map', End: true } },
      '/States/A/ItemProcessor',
      /must be an object/,
    ],
    [
      'a distributed Map of children that are no executions of their own',
      {
        A: { Type: 'Map', ItemProcessor: { ...inner, ProcessorConfig: { Mode: 'DISTRIBUTED' } }, End: true },
      },
      '/States/A/ItemProcessor/ProcessorConfig/ExecutionType',
      /must be STANDARD/,
    ],
    [
      'an inline Map that tolerates failures',
      { A: { Type: 'Map', ItemProcessor: inner, ToleratedFailureCount: 1, End: true } },
      '/States/A/ToleratedFailureCount',
      /for a distributed Map alone/,
    ],
    ['an unknown field of a retrier', retrier({ Delay: 1 }), '/States/A/Retry/0/Delay', /not implemented/],
    ['BackoffRate below 1', retrier({ BackoffRate: 0.5 }), '/States/A/Retry/0/BackoffRate', /at least 1/],
    ['an interval of 0', retrier({ IntervalSeconds: 0 }), '/States/A/Retry/0/IntervalSeconds', /positive/],
    ['negative attempts', retrier({ MaxAttempts: -1 }), '/States/A/Retry/0/MaxAttempts', /0 or more/],
    [
      'a maximal delay of a year',
      retrier({ MaxDelaySeconds: 31_622_400 }),
      '/States/A/Retry/0/MaxDelaySeconds',
      /below/,
    ],
    [
      'a jitter of another name',
      retrier({ JitterStrategy: 'HALF' }),
      '/States/A/Retry/0/JitterStrategy',
      /FULL or NONE/,
    ],
    ['no error names', retrier({ ErrorEquals: [] }), '/States/A/Retry/0/ErrorEquals', /at least one/],
    [
      'a misspelt error name',
      retrier({ ErrorEquals: ['States.TimeOut'] }),
      '/States/A/Retry/0/ErrorEquals',
      /TimeOut is no error/,
    ],
    [
      'States.ALL in company',
      retrier({ ErrorEquals: ['States.ALL', 'X'] }),
      '/States/A/Retry/0/ErrorEquals',
      /must be the only name/,
    ],
    [
      'States.ALL before others',
      {
        A: taskState({
          Catch: [
            { ErrorEquals: ['States.ALL'], Next: 'B' },
            { ErrorEquals: ['X'], Next: 'B' },
          ],
        }),
        B: pass(),
      },
      '/States/A/Catch/0/ErrorEquals',
      /last/,
    ],
    [
      'a catcher that leads nowhere',
      { A: taskState({ Catch: [{ ErrorEquals: ['X'], Next: 'Y' }] }) },
      '/States/A/Catch/0/Next',
      /"Y"/,
    ],
    ['Retry on a Pass', { A: pass({ Retry: [] }) }, '/States/A/Retry', /not implemented/],
    [
      'a variable called states',
      { A: pass({ Assign: { states: 1 } }) },
      '/States/A/Assign/states',
      /not a name/,
    ],
    ['a variable with a dash', { A: pass({ Assign: { 'a-b': 1 } }) }, '/States/A/Assign/a-b', /not a name/],
    [
      'syntax that JSONata got later',
      expression('$states.input.a ?? 1'),
      '/States/A/Output',
      /not JSONata 2\.0\.6/,
    ],
    ['the elvis operator', expression('$states.input.a ?: 1'), '/States/A/Output', /not JSONata 2\.0\.6/],
    ['$eval', expression('$eval("1")'), '/States/A/Output', /\$eval/],
    ['$eval handed on', expression('["1"] ~> $map($eval)'), '/States/A/Output', /\$eval/],
    ['a function that does not exist', expression('$first([1])'), '/States/A/Output', /calls \$first/],
    ['one at the end of a chain', expression('[1] ~> $first'), '/States/A/Output', /calls \$first/],
    ['a field of no object', expression('a.b'), '/States/A/Output', /names the field a/],
    ['the document', expression('$.a'), '/States/A/Output', /no document/],
    ['the document within a call', expression('$count($$)'), '/States/A/Output', /no document/],
    [
      'a result that a Pass does not have',
      expression('$states.result'),
      '/States/A/Output',
      /\$states\.result/,
    ],
    [
      'the result in its own arguments',
      { A: taskState({ Arguments: { x: ['{% $states.result %}'] } }) },
      '/States/A/Arguments/x/0',
      /\$states\.result/,
    ],
    [
      'an expression with something before',
      { A: pass({ Output: 'n is {% 1 %}' }) },
      '/States/A/Output',
      /nothing before/,
    ],
  ])('refuses %s', (_why, states, path, message) => {
    expect(validateDefinition(machine(states))).toContainEqual({
      path,
      message: expect.stringMatching(message),
    })
  })

  it.each<[string, unknown, string]>([
    ['no object', 7, '/'],
    ['no query language', { StartAt: 'A', States: { A: pass() } }, '/States/A/QueryLanguage'],
    ['JSONPath', machine({ A: pass() }, { QueryLanguage: 'JSONPath' }), '/QueryLanguage'],
    ['no states', machine({}), '/States'],
    ['a start that is none', machine({ A: pass() }, { StartAt: 'B' }), '/StartAt'],
    ['an unknown field at the top', machine({ A: pass() }, { Timeout: 9 }), '/Timeout'],
    ['another version', machine({ A: pass() }, { Version: '2.0' }), '/Version'],
    ['no time at all', machine({ A: pass() }, { TimeoutSeconds: 0 }), '/TimeoutSeconds'],
  ])('refuses %s', (_why, definition, path) => {
    expect(validateDefinition(definition).map((fault) => fault.path)).toContain(path)
  })

  it.each([
    '$map($states.input.list, function($item) { $item.a })',
    '($f := function($x) { $x + 1 }; $f(1))',
    '$states.input.list[price > 3].{ "n": name }',
    '$sum($map($range(1, 3, 1), function($i, $k) { $i * $k }))',
    '$states.context.Execution.Name & $uuid()',
    '$sort($states.input.list, function($a, $b) { $a.n > $b.n })',
    '$states.input.list^(>n)[0]',
    '$states.input ~> |$|{"b": 1}|',
    '$exists($states.input.a) ? $states.input.a : null',
  ])('accepts %s', (text) => {
    expect(validateDefinition(machine(expression(text)))).toEqual([])
  })
})

describe('a definition with faults', () => {
  it('is refused before anything runs, with every fault named', async () => {
    const definition = machine({ A: taskState({ Next: 'B', Foo: 1 }), C: pass() })
    const running = runStateMachine({ definition, task: () => expect.unreachable('nothing may run') })
    await expect(running).rejects.toThrow(InvalidDefinition)
    await expect(running).rejects.toThrow(/\/States\/A\/Foo: .*\n- \/States\/A\/Next: .*\n- \/States\/C: /)
  })

  it('is refused when it is not JSON', async () => {
    await expect(runStateMachine({ definition: '{', task: () => null })).rejects.toThrow(/is not JSON/)
  })
})
