import { describe, expect, it } from 'vitest'
import {
  type MapRun,
  type RunOptions,
  type TaskFunction,
  validateDefinition,
} from '../../../local/engine/index.ts'
import { errorNamed, machine, run, taskState } from './support.ts'

const call = taskState({
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { Payload: '{% $states.input %}' },
  Output: '{% $states.result %}',
})

const distributed = (fields: Record<string, unknown>, states: Record<string, unknown> = { B: call }) =>
  JSON.parse(
    JSON.stringify(
      machine({
        A: {
          Type: 'Map',
          ItemProcessor: {
            ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
            ...machine(states),
            QueryLanguage: undefined,
          },
          End: true,
          ...fields,
        },
      }),
    ),
  ) as ReturnType<typeof machine>

/** Runs it with what its tasks put into buckets, by key. */
const runs = async (definition: unknown, answer: TaskFunction, options: Partial<RunOptions> = {}) => {
  const mapRuns: MapRun[] = []
  const put: Record<string, string> = {}
  const result = await run(definition, {
    ...options,
    task: (resource, args, about) => {
      if (!resource.endsWith(':s3:putObject')) return answer(resource, args, about)
      const { Bucket, Key, Body } = args as Record<string, string>
      put[`${Bucket}/${Key}`] = Body ?? ''
      return {}
    },
    onMapRun: (mapRun) => mapRuns.push(mapRun),
  })
  return { result, put, mapRun: mapRuns[0] as MapRun }
}

const payload: TaskFunction = (_resource, args) => (args as { Payload: unknown }).Payload

describe('an ItemBatcher', () => {
  const rows: [why: string, fields: object, batches: unknown[]][] = [
    [
      'gives so many items at a time',
      { ItemBatcher: { MaxItemsPerBatch: 2 } },
      [{ Items: [1, 2] }, { Items: [3, 4] }, { Items: [5] }],
    ],
    [
      'gives each batch what it has to say',
      { ItemBatcher: { MaxItemsPerBatch: '{% 2 + 1 %}', BatchInput: { of: '{% $count($states.input) %}' } } },
      [
        { BatchInput: { of: 5 }, Items: [1, 2, 3] },
        { BatchInput: { of: 5 }, Items: [4, 5] },
      ],
    ],
    [
      'counts the bytes of the whole input',
      { ItemBatcher: { MaxItemsPerBatch: 4, MaxInputBytesPerBatch: '{"Items":[1,2,3]}'.length } },
      [{ Items: [1, 2, 3] }, { Items: [4, 5] }],
    ],
    [
      'takes what the ItemSelector makes of the items',
      {
        ItemSelector: { n: '{% $states.context.Map.Item.Value * 10 %}' },
        ItemBatcher: { MaxItemsPerBatch: 4 },
      },
      [{ Items: [{ n: 10 }, { n: 20 }, { n: 30 }, { n: 40 }] }, { Items: [{ n: 50 }] }],
    ],
  ]
  it.each(rows)('%s', async (_why, fields, batches) => {
    const { result, mapRun } = await runs(distributed({ ...fields }), payload, { input: [1, 2, 3, 4, 5] })
    expect(result).toMatchObject({ status: 'SUCCEEDED', output: batches })
    expect(mapRun).toMatchObject({ total: 5, executions: batches.length })
    expect(mapRun.children.reduce((sum, { items }) => sum + items, 0)).toBe(5)
  })

  it('fails where one item is more than a batch', async () => {
    const definition = distributed({ ItemBatcher: { MaxInputBytesPerBatch: 12 } })
    const { result } = await runs(definition, payload, { input: ['too long'] })
    expect(result).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' })
  })

  it('lets all items of a batch fail with it', async () => {
    const failing: TaskFunction = (_resource, args) => {
      const { Items } = (args as { Payload: { Items: number[] } }).Payload
      if (Items.includes(1)) throw errorNamed('Odd')
      return Items
    }
    const tolerant = (ToleratedFailureCount: number) =>
      distributed({ ItemBatcher: { MaxItemsPerBatch: 2 }, ToleratedFailureCount })
    const input = [1, 2, 3, 4]
    expect((await runs(tolerant(2), failing, { input })).result.status).toBe('SUCCEEDED')
    expect((await runs(tolerant(1), failing, { input })).result.status).toBe('FAILED')
  })
})

describe('a ResultWriter', () => {
  const bucket = {
    Resource: 'arn:aws:states:::s3:putObject',
    Arguments: { Bucket: 'results', Prefix: 'night/' },
  }
  const written = async (ResultWriter: object, answer: TaskFunction, fields: object, input: unknown) => {
    const outcome = await runs(distributed({ ResultWriter, ...fields }), answer, { input })
    const folder = `night/${outcome.mapRun.arn.split(':').at(-1)}`
    return { ...outcome, folder, read: (name: string) => outcome.put[`results/${folder}/${name}`] ?? '' }
  }

  it('leaves a file for each ending and a manifest, and answers where that is', async () => {
    const answer: TaskFunction = (_resource, args) => {
      const { Payload } = args as { Payload: number }
      if (Payload === 2) throw errorNamed('Odd', 'two')
      return Payload * 10
    }
    const { result, mapRun, folder, read } = await written(
      bucket,
      answer,
      { ToleratedFailureCount: 1 },
      [1, 2, 3],
    )
    expect(result).toMatchObject({
      status: 'SUCCEEDED',
      output: {
        MapRunArn: mapRun.arn,
        ResultWriterDetails: { Bucket: 'results', Key: `${folder}/manifest.json` },
      },
    })
    const manifest = JSON.parse(read('manifest.json')) as { ResultFiles: Record<string, object[]> }
    expect(manifest).toEqual({
      DestinationBucket: 'results',
      MapRunArn: mapRun.arn,
      ResultFiles: {
        FAILED: [{ Key: `${folder}/FAILED_0.json`, Size: read('FAILED_0.json').length }],
        PENDING: [],
        SUCCEEDED: [{ Key: `${folder}/SUCCEEDED_0.json`, Size: read('SUCCEEDED_0.json').length }],
      },
    })
    expect(JSON.parse(read('SUCCEEDED_0.json'))).toMatchObject([
      { Input: '1', Output: '10', Status: 'SUCCEEDED', RedriveStatus: 'NOT_REDRIVABLE' },
      { Input: '3', Output: '30', Name: mapRun.children[2]?.name },
    ])
    expect(JSON.parse(read('FAILED_0.json'))).toMatchObject([
      {
        Error: 'Odd',
        Cause: expect.stringContaining('two'),
        Input: '2',
        Status: 'FAILED',
        StateMachineArn: mapRun.stateMachineArn,
      },
    ])
  })

  it('writes what there is of a run that failed, and what was never started', async () => {
    const answer: TaskFunction = () => Promise.reject(errorNamed('Odd'))
    const { result, read } = await written(bucket, answer, { MaxConcurrency: 1 }, [1, 2, 3])
    expect(result).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' })
    expect(JSON.parse(read('FAILED_0.json'))).toMatchObject([{ Input: '1' }])
    const pending = { InputDetails: { Included: true }, Status: 'PENDING' }
    expect(JSON.parse(read('PENDING_0.json'))).toEqual([
      { Input: '2', ...pending },
      { Input: '3', ...pending },
    ])
  })

  const forms: [why: string, config: object, file: string, text: string][] = [
    ['the outputs alone', { Transformation: 'COMPACT' }, 'SUCCEEDED_0.json', '[[1,1],[2,2]]'],
    ['the outputs’ elements', { Transformation: 'FLATTEN' }, 'SUCCEEDED_0.json', '[1,1,2,2]'],
    [
      'a line for each',
      { Transformation: 'COMPACT', OutputType: 'JSONL' },
      'SUCCEEDED_0.jsonl',
      '[1,1]\n[2,2]',
    ],
  ]
  const twice: TaskFunction = (_resource, args) => {
    const { Payload } = args as { Payload: number }
    return [Payload, Payload]
  }
  it.each(forms)('writes %s', async (_why, WriterConfig, file, text) => {
    const { read } = await written({ ...bucket, WriterConfig }, twice, {}, [1, 2])
    expect(read(file)).toBe(text)
  })

  it('without a bucket forms the output of the state', async () => {
    const { result, put } = await runs(
      distributed({ ResultWriter: { WriterConfig: { Transformation: 'FLATTEN' } } }),
      twice,
      { input: [1, 2] },
    )
    expect(result.output).toEqual([1, 1, 2, 2])
    expect(put).toEqual({})
  })

  it('that cannot write fails the Map', async () => {
    const definition = distributed({ ResultWriter: bucket })
    const result = await run(definition, {
      input: [1],
      task: (resource, args) => {
        if (resource.endsWith(':putObject')) throw errorNamed('NoSuchBucket', 'there is none')
        return args
      },
    })
    expect(result).toMatchObject({ error: 'States.ResultWriterFailed', cause: 'there is none' })
  })
})

describe('what is said of batches and results', () => {
  const put = 'arn:aws:states:::s3:putObject'
  const rows: [why: string, fields: Record<string, unknown>, path: string][] = [
    ['batches of no limit', { ItemBatcher: { BatchInput: {} } }, '/ItemBatcher'],
    ['batches of nothing', { ItemBatcher: { MaxItemsPerBatch: 0 } }, '/ItemBatcher/MaxItemsPerBatch'],
    [
      'batches beyond the limit of an input',
      { ItemBatcher: { MaxInputBytesPerBatch: 262_145 } },
      '/ItemBatcher/MaxInputBytesPerBatch',
    ],
    ['an empty writer', { ResultWriter: {} }, '/ResultWriter'],
    ['a writer without a bucket', { ResultWriter: { Resource: put } }, '/ResultWriter/Arguments'],
    [
      'a writer to a queue',
      { ResultWriter: { Resource: 'arn:aws:states:::sqs:sendMessage', Arguments: {} } },
      '/ResultWriter/Resource',
    ],
    [
      'a transformation that there is not',
      { ResultWriter: { WriterConfig: { Transformation: 'ZIP' } } },
      '/ResultWriter/WriterConfig/Transformation',
    ],
    [
      'lines as the output of a state',
      { ResultWriter: { WriterConfig: { OutputType: 'JSONL' } } },
      '/ResultWriter/WriterConfig/OutputType',
    ],
  ]
  it.each(rows)('is refused: %s', (_why, fields, path) => {
    expect(validateDefinition(distributed(fields)).map((fault) => fault.path)).toContain(`/States/A${path}`)
  })
})
