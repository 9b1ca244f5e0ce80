import type { Json, MapState, ResultWriter } from '../definition.ts'
import { StateFailure } from '../failure.ts'
import { contextOf, evaluateField, type Visit } from '../visit.ts'
import type { ChildExecution, MapRun } from './map-run.ts'

/** What a Map Run leaves, for a ResultWriter to write. */
export interface Results {
  mapRun: MapRun
  /** The inputs of the children that were never started, as far as they are known. */
  pending: readonly Json[]
}

/** The output of the state without a bucket: what the children that succeeded answered, as the writer forms it. */
export const formedOutput = ({ WriterConfig = {} }: ResultWriter, { mapRun }: Results): Json[] =>
  formed(succeededOf(mapRun), WriterConfig.Transformation ?? 'NONE', mapRun)

const succeededOf = ({ children }: MapRun): ChildExecution[] =>
  children.filter(({ status }) => status === 'SUCCEEDED')

/**
 * Writes the results into a bucket, a file for each ending that there is and a manifest of them, and answers where
 * that is. The task function does the writing, by `s3:putObject` with `{ Bucket, Key, Body, ContentType }`.
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
 * @throws StateFailure States.ResultWriterFailed
 */
export const writeResults = async (
  visit: Visit<MapState>,
  writer: ResultWriter,
  { mapRun, pending }: Results,
): Promise<Json> => {
  const args = await evaluateField(visit, writer.Arguments ?? {}, 'ResultWriter/Arguments')
  const { Bucket = '', Prefix = '' } = args as { Bucket?: string; Prefix?: string }
  const folder = [Prefix.replace(/\/$/, ''), mapRun.arn.split(':').at(-1) ?? ''].filter(Boolean).join('/')
  const { Transformation = 'NONE', OutputType = 'JSON' } = writer.WriterConfig ?? {}
  const put = (name: string, text: string) =>
    write(visit, writer, { Bucket, Key: `${folder}/${name}`, Body: text })
  const files = {
    FAILED: mapRun.children
      .filter(({ status }) => status !== 'SUCCEEDED')
      .map((child) => described(child, mapRun)),
    // As captured results of the service have it: what was never started has no machine and no name.
    PENDING: pending.map((input) => ({
      Input: JSON.stringify(input),
      InputDetails: { Included: true },
      Status: 'PENDING',
    })),
    SUCCEEDED: formed(succeededOf(mapRun), Transformation, mapRun),
  }
  const ResultFiles: Record<string, Json> = {}
  for (const [ending, results] of Object.entries(files)) {
    ResultFiles[ending] = []
    if (results.length === 0) continue
    const lines = OutputType === 'JSONL'
    const name = `${ending}_0.${lines ? 'jsonl' : 'json'}`
    const text = lines ? results.map((result) => JSON.stringify(result)).join('\n') : JSON.stringify(results)
    await put(name, text)
    ResultFiles[ending] = [{ Key: `${folder}/${name}`, Size: Buffer.byteLength(text) }]
  }
  await put(
    'manifest.json',
    JSON.stringify({ DestinationBucket: Bucket, MapRunArn: mapRun.arn, ResultFiles }),
  )
  return { MapRunArn: mapRun.arn, ResultWriterDetails: { Bucket, Key: `${folder}/manifest.json` } }
}

const write = async (
  visit: Visit<MapState>,
  { Resource = '' }: ResultWriter,
  object: { Bucket: string; Key: string; Body: string },
): Promise<void> => {
  try {
    await visit.execution.task(
      Resource,
      { ...object, ContentType: 'application/json' },
      { signal: visit.branch.signal, state: visit.name, context: structuredClone(contextOf(visit)) },
    )
  } catch (error) {
    throw new StateFailure(
      'States.ResultWriterFailed',
      error instanceof Error ? error.message : String(error),
    )
  }
}

const formed = (
  children: readonly ChildExecution[],
  transformation: NonNullable<NonNullable<ResultWriter['WriterConfig']>['Transformation']>,
  mapRun: MapRun,
): Json[] => {
  if (transformation === 'NONE') return children.map((child) => described(child, mapRun))
  const outputs = children.map(({ output = 'null' }) => JSON.parse(output) as Json)
  return transformation === 'FLATTEN' ? outputs.flat() : outputs
}

/** An execution with what the service says of it. */
const described = (child: ChildExecution, { stateMachineArn }: MapRun): Json => {
  const { arn, name, input, status, startedAt, stoppedAt, output, error, cause, redriveCount } = child
  const redrivable = status !== 'SUCCEEDED'
  return {
    ...(cause === undefined ? {} : { Cause: cause }),
    ...(error === undefined ? {} : { Error: error }),
    ExecutionArn: arn,
    Input: input,
    InputDetails: { Included: true },
    Name: name,
    ...(output === undefined ? {} : { Output: output, OutputDetails: { Included: true } }),
    RedriveCount: redriveCount,
    RedriveStatus: redrivable ? 'REDRIVABLE_BY_MAP_RUN' : 'NOT_REDRIVABLE',
    ...(redrivable ? {} : { RedriveStatusReason: `Execution is ${status} and cannot be redriven` }),
    StartDate: new Date(startedAt).toISOString(),
    StateMachineArn: stateMachineArn,
    Status: status,
    ...(stoppedAt === undefined ? {} : { StopDate: new Date(stoppedAt).toISOString() }),
  }
}
