import { describe, expect, it } from 'vitest'
import { virtualClock } from '../../../local/clock.ts'
import {
  type MapRun,
  type RunOptions,
  type TaskFunction,
  validateDefinition,
} from '../../../local/engine/index.ts'
import { errorNamed, machine, run, taskState, types } from './support.ts'

const processor = (states: Record<string, unknown>) => ({
  ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
  ...machine(states),
  QueryLanguage: undefined,
})

const echo = { Echo: { Type: 'Pass', End: true } }

const distributed = (fields: Record<string, unknown> = {}, states: Record<string, unknown> = echo) =>
  JSON.parse(
    JSON.stringify(machine({ A: { Type: 'Map', ItemProcessor: processor(states), End: true, ...fields } })),
  ) as ReturnType<typeof machine>

/** Runs it, and answers its Map Runs too. */
const runs = async (definition: unknown, options: Partial<RunOptions> = {}) => {
  const mapRuns: MapRun[] = []
  const result = await run(definition, { ...options, onMapRun: (mapRun) => mapRuns.push(mapRun) })
  return { ...result, mapRuns, mapRun: mapRuns[0] as MapRun }
}

const each = taskState({ Arguments: { Payload: '{% $states.input %}' }, Output: '{% $states.result %}' })

describe('a distributed Map', () => {
  it('runs each item as an execution of its own', async () => {
    const task: TaskFunction = (_resource, args) => (args as { Payload: number }).Payload * 2
    const definition = distributed(
      { Label: 'each', ItemSelector: '{% $states.context.Map.Item.Value + 1 %}' },
      { B: each },
    )
    const { mapRun, ...result } = await runs(definition, { input: [1, 2, 3], task, name: 'night' })
    expect(result).toMatchObject({ status: 'SUCCEEDED', output: [4, 6, 8] })
    expect(mapRun).toMatchObject({
      arn: expect.stringMatching(/^arn:aws:states:us-east-1:123456789012:mapRun:local\/each:[\w-]{36}$/),
      executionArn: 'arn:aws:states:us-east-1:123456789012:execution:local:night',
      stateMachineArn: 'arn:aws:states:us-east-1:123456789012:stateMachine:local/each',
      status: 'SUCCEEDED',
      total: 3,
    })
    const [child] = mapRun.children
    expect(child).toMatchObject({
      arn: expect.stringMatching(/:execution:local\/each:[\w-]{36}$/),
      status: 'SUCCEEDED',
      input: '2',
      output: '4',
    })
    expect(child?.history.map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ])
  })

  it('writes into its own history only the run, linked as the service links it', async () => {
    const { history } = await runs(distributed(), { input: [1, 2] })
    expect(history.map(({ previousEventId, type }) => [previousEventId, type])).toEqual([
      [0, 'ExecutionStarted'],
      [0, 'MapStateEntered'],
      [2, 'MapStateStarted'],
      [3, 'MapRunStarted'],
      [4, 'MapRunSucceeded'],
      [5, 'MapStateSucceeded'],
      [4, 'MapStateExited'],
      [7, 'ExecutionSucceeded'],
    ])
    expect(history[2]).toMatchObject({ mapStateStartedEventDetails: { length: 2 } })
  })

  it('shows its children none of the variables around', async () => {
    const definition = {
      ...distributed({}, { B: { Type: 'Pass', Output: '{% $exists($x) %}', End: true } }),
      StartAt: 'Before',
    }
    const states = { Before: { Type: 'Pass', Assign: { x: 1 }, Next: 'A' }, ...definition.States }
    expect(await runs({ ...definition, States: states }, { input: [1] })).toMatchObject({ output: [false] })
  })

  it('runs as many at a time as MaxConcurrency says, and as it is changed to', async () => {
    const waits = { B: { Type: 'Wait', Seconds: 10, End: true } }
    const input = [1, 2, 3, 4, 5, 6]
    expect(await runs(distributed({ MaxConcurrency: 2 }, waits), { input })).toMatchObject({ took: 30_000 })
    expect(await runs(distributed({}, waits), { input })).toMatchObject({ took: 10_000 })
    const clock = virtualClock()
    const onMapRun = (mapRun: MapRun) => {
      clock.after(15_000, () => {
        mapRun.limits.maxConcurrency = 4
        mapRun.changed()
      })
    }
    const started = clock.now()
    await run(distributed({ MaxConcurrency: 1 }, waits), { input, clock, onMapRun })
    // One by 10 s, another with three more from 15 s on, the sixth after the second.
    expect(clock.now() - started).toBe(30_000)
  })

  const failing: TaskFunction = (_resource, args) => {
    const { Payload } = args as { Payload: number }
    if (Payload < 0) throw errorNamed('Negative')
    return Payload
  }
  const tolerances: [why: string, fields: Record<string, unknown>, outcome: object][] = [
    ['nothing, unless it is said', {}, { status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' }],
    ['a count', { ToleratedFailureCount: 2 }, { status: 'SUCCEEDED', output: [1, 2] }],
    ['no more than the count', { ToleratedFailureCount: 1 }, { status: 'FAILED' }],
    ['a percentage', { ToleratedFailurePercentage: '{% 25 * 2 %}' }, { status: 'SUCCEEDED', output: [1, 2] }],
    ['no more than the percentage', { ToleratedFailurePercentage: 49 }, { status: 'FAILED' }],
    [
      'the stricter of both',
      { ToleratedFailureCount: 9, ToleratedFailurePercentage: 10 },
      { status: 'FAILED' },
    ],
  ]
  it.each(tolerances)('tolerates %s', async (_why, fields, outcome) => {
    const definition = distributed(fields, { B: each })
    expect(await runs(definition, { input: [1, -1, 2, -2], task: failing })).toMatchObject(outcome)
  })

  it('beyond its tolerance takes down the children under way, and may be caught', async () => {
    const states = {
      B: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $states.input < 0 %}', Next: 'Fails' }],
        Default: 'Waits',
      },
      Fails: { Type: 'Fail', Error: 'Negative' },
      Waits: { Type: 'Wait', Seconds: 60, End: true },
    }
    const Catch = [{ ErrorEquals: ['States.ExceedToleratedFailureThreshold'], Next: 'C' }]
    const definition = distributed({ Catch }, states)
    const caught = { ...definition, States: { ...definition.States, C: { Type: 'Succeed' } } }
    const { mapRun, ...result } = await runs(caught, { input: [1, -1] })
    expect(result).toMatchObject({
      took: 0,
      output: {
        Error: 'States.ExceedToleratedFailureThreshold',
        Cause: 'The specified tolerated failure threshold was exceeded',
      },
    })
    expect(types(result).slice(3, 6)).toEqual(['MapRunStarted', 'MapRunFailed', 'MapStateFailed'])
    expect([mapRun.status, ...mapRun.children.map(({ status }) => status)]).toEqual([
      'FAILED',
      'ABORTED',
      'FAILED',
    ])
  })

  it('ends with the execution that it is in', async () => {
    const stop = new AbortController()
    const clock = virtualClock()
    clock.after(5000, () => stop.abort())
    const definition = distributed({}, { B: { Type: 'Wait', Seconds: 60, End: true } })
    const { mapRun, ...aborted } = await runs(definition, { input: [1], clock, signal: stop.signal })
    expect([aborted.status, mapRun.status, mapRun.children[0]?.status]).toEqual([
      'ABORTED',
      'ABORTED',
      'ABORTED',
    ])
    const limited = { ...definition, TimeoutSeconds: 5 }
    expect(await runs(limited, { input: [1] })).toMatchObject({ status: 'TIMED_OUT', took: 5000 })
  })
})

describe('an ItemReader', () => {
  const reader = (ReaderConfig?: object, action = 'getObject') =>
    distributed({
      ItemReader: {
        Resource: `arn:aws:states:::s3:${action}`,
        Arguments: { Bucket: '{% $states.input.bucket %}' },
        ...(ReaderConfig ? { ReaderConfig } : {}),
      },
    })
  const answering =
    (Body: string): TaskFunction =>
    (resource, args) => {
      expect([resource, args]).toEqual(['arn:aws:states:::s3:getObject', { Bucket: 'b' }])
      return { Body }
    }
  const table = 'Col1,Col2\n"Value 1, quoted","said ""so"""\r\nValue3\n\nValue5,Value6,beyond\n'

  const rows: [why: string, config: object, body: string, outcome: object][] = [
    ['JSON', { InputType: 'JSON' }, '[1,{"a":2}]', { output: [1, { a: 2 }] }],
    ['as many as MaxItems', { InputType: 'JSON', MaxItems: '{% 1 + 1 %}' }, '[1,2,3]', { output: [1, 2] }],
    ['all of them for a MaxItems of 0', { InputType: 'JSON', MaxItems: 0 }, '[1,2,3]', { output: [1, 2, 3] }],
    ['lines of JSON', { InputType: 'JSONL' }, '{"a":1}\n{"a":2}\n', { output: [{ a: 1 }, { a: 2 }] }],
    [
      'a table with its headers in the first row',
      { InputType: 'CSV' },
      table,
      {
        output: [
          { Col1: 'Value 1, quoted', Col2: 'said "so"' },
          { Col1: 'Value3', Col2: '' },
          { Col1: 'Value5', Col2: 'Value6' },
        ],
      },
    ],
    [
      'a table whose headers are given',
      { InputType: 'CSV', CSVHeaderLocation: 'GIVEN', CSVHeaders: ['H1'] },
      'a,b\nc',
      { output: [{ H1: 'a' }, { H1: 'c' }] },
    ],
    [
      'no table with a header twice',
      { InputType: 'CSV' },
      'a,a\n1,2',
      { error: 'States.ItemReaderFailed', cause: 'CSV headers cannot contain duplicates.' },
    ],
    [
      'no JSON but an array',
      { InputType: 'JSON' },
      '{"a":1}',
      { error: 'States.ItemReaderFailed', cause: 'Attempting to map over non-iterable node.' },
    ],
    ['no JSON that is none', { InputType: 'JSON' }, '[', { error: 'States.ItemReaderFailed' }],
  ]
  it.each(rows)('reads %s', async (_why, config, body, outcome) => {
    const result = await runs(reader(config), { input: { bucket: 'b' }, task: answering(body) })
    expect(result).toMatchObject(outcome)
    // The service says 0 before it has read.
    expect(result.history[2]).toMatchObject({ mapStateStartedEventDetails: { length: 0 } })
  })

  it('reads the objects of a bucket, page by page', async () => {
    const asked: unknown[] = []
    const task: TaskFunction = (_resource, args) => {
      asked.push(args)
      const first = asked.length === 1
      return first
        ? { Contents: [{ Key: 'a', ETag: '"1"' }], NextContinuationToken: 'more' }
        : { Contents: [{ Key: 'b', Size: 2 }] }
    }
    expect(await runs(reader(undefined, 'listObjectsV2'), { input: { bucket: 'b' }, task })).toMatchObject({
      output: [
        { Key: 'a', Etag: '"1"' },
        { Key: 'b', Size: 2 },
      ],
    })
    expect(asked).toEqual([{ Bucket: 'b' }, { Bucket: 'b', ContinuationToken: 'more' }])
  })

  it('that cannot read fails the Map', async () => {
    const task: TaskFunction = () => Promise.reject(errorNamed('NoSuchBucket', 'there is none'))
    const result = await runs(reader({ InputType: 'JSON' }), { input: { bucket: 'b' }, task })
    expect(result).toMatchObject({
      status: 'FAILED',
      error: 'States.ItemReaderFailed',
      cause: 'there is none',
    })
    expect(types(result).slice(3)).toEqual([
      'MapRunStarted',
      'MapRunFailed',
      'MapStateFailed',
      'ExecutionFailed',
    ])
  })
})

describe('what is said of a distributed Map', () => {
  const config = (fields: object) => ({
    ...processor(echo),
    ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD', ...fields },
  })
  const rows: [why: string, fields: Record<string, unknown>, path: string][] = [
    [
      'children that are EXPRESS',
      { ItemProcessor: config({ ExecutionType: 'EXPRESS' }) },
      '/ItemProcessor/ProcessorConfig/ExecutionType',
    ],
    ['an unknown mode', { ItemProcessor: config({ Mode: 'FAR' }) }, '/ItemProcessor/ProcessorConfig/Mode'],
    ['more than all failures', { ToleratedFailurePercentage: 101 }, '/ToleratedFailurePercentage'],
    ['a label with a pipe', { Label: 'a|b' }, '/Label'],
    ['batches', { ItemBatcher: {} }, '/ItemBatcher'],
    [
      'a reader of a queue',
      { ItemReader: { Resource: 'arn:aws:states:::sqs:receive' } },
      '/ItemReader/Resource',
    ],
    [
      'a reader beside items',
      { Items: [1], ItemReader: { Resource: 'arn:aws:states:::s3:listObjectsV2' } },
      '/Items',
    ],
    [
      'an object of no type',
      { ItemReader: { Resource: 'arn:aws:states:::s3:getObject' } },
      '/ItemReader/ReaderConfig/InputType',
    ],
  ]
  it.each(rows)('is refused: %s', (_why, fields, path) => {
    expect(validateDefinition(distributed(fields)).map((fault) => fault.path)).toContain(`/States/A${path}`)
  })
})
