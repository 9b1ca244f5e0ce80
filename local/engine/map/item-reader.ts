import { readJsonText } from '../../json-text.ts'
import type { ItemReader, Json, MapState } from '../definition.ts'
import { StateFailure } from '../failure.ts'
import { contextOf, evaluateField, evaluateInteger, type Visit } from '../visit.ts'

/** How many items a reader takes, unless MaxItems says fewer. */
const mostItems = 100_000_000

/**
 * The items that a distributed Map's ItemReader reads. The task function does the reading, as it does every
 * other call to AWS: it is given the reader's resource and arguments, and answers what S3's API answers:
 * `{ Body: text }` for `s3:getObject`, `{ Contents: [{ Key, … }], NextContinuationToken? }` for `s3:listObjectsV2`.
 * @throws StateFailure States.ItemReaderFailed
 */
export const readItems = async (visit: Visit<MapState>, reader: ItemReader): Promise<Json[]> => {
  const args = (await evaluateField(visit, reader.Arguments ?? {}, 'ItemReader/Arguments')) as Record<
    string,
    Json
  >
  const { MaxItems } = reader.ReaderConfig ?? {}
  const most =
    MaxItems === undefined ? 0 : await evaluateInteger(visit, MaxItems, 'ItemReader/ReaderConfig/MaxItems', 0)
  const items = reader.Resource.endsWith(':s3:listObjectsV2')
    ? await listObjects(visit, reader, args)
    : parseBody(await bodyOf(visit, reader, args), reader)
  return items.slice(0, most || mostItems)
}

const failed = (cause: string): StateFailure => new StateFailure('States.ItemReaderFailed', cause)

const call = async (
  visit: Visit<MapState>,
  { Resource }: ItemReader,
  args: Json,
): Promise<Record<string, Json>> => {
  try {
    const { signal } = visit.branch
    const call = { signal, state: visit.name, context: structuredClone(contextOf(visit)) }
    const answer = await visit.execution.task(Resource, args, call)
    return JSON.parse(JSON.stringify(answer ?? {})) as Record<string, Json>
  } catch (error) {
    throw failed(error instanceof Error ? error.message : String(error))
  }
}

const listObjects = async (
  visit: Visit<MapState>,
  reader: ItemReader,
  args: Record<string, Json>,
): Promise<Json[]> => {
  const items: Json[] = []
  for (let token: Json | undefined; ; ) {
    const page = await call(visit, reader, token === undefined ? args : { ...args, ContinuationToken: token })
    if (Array.isArray(page.Contents)) items.push(...page.Contents.map(listed))
    token = page.NextContinuationToken
    if (typeof token !== 'string') return items
  }
}

/** The service writes an object's tag with another capital than S3 does. */
const listed = (object: Json): Json => {
  const { ETag, ...rest } = object as { [key: string]: Json }
  return ETag === undefined ? rest : { Etag: ETag, ...rest }
}

const bodyOf = async (visit: Visit<MapState>, reader: ItemReader, args: Json): Promise<string> => {
  const { Body } = await call(visit, reader, args)
  if (typeof Body === 'string') return Body
  throw failed(`${reader.Resource} answered no Body`)
}

const parseBody = (body: string, { ReaderConfig: { InputType, ...config } = {} }: ItemReader): Json[] => {
  if (InputType === 'CSV') return parseTable(body, config)
  if (InputType === 'JSONL')
    return body
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map(parseJson)
  const items = parseJson(body)
  if (!Array.isArray(items)) throw failed('Attempting to map over non-iterable node.')
  return items
}

const parseJson = (text: string): Json => {
  try {
    return readJsonText(text) as Json
  } catch (error) {
    throw failed(`The object is no JSON: ${String(error)}`)
  }
}

/** Each row as an object: cells beyond the headers are left out, and those that are missing are empty. */
const parseTable = (
  text: string,
  { CSVHeaderLocation = 'FIRST_ROW', CSVHeaders = [] }: NonNullable<ItemReader['ReaderConfig']>,
): Json[] => {
  const rows = rowsOf(text)
  const headers = CSVHeaderLocation === 'GIVEN' ? CSVHeaders : (rows.shift() ?? [])
  if (new Set(headers).size < headers.length) throw failed('CSV headers cannot contain duplicates.')
  return rows.map((cells) => Object.fromEntries(headers.map((header, index) => [header, cells[index] ?? ''])))
}

/** Rows and cells of RFC 4180; empty lines are none. */
const rowsOf = (text: string): string[][] => {
  const rows: string[][] = []
  let row: string[] = []
  for (const [, quoted, plain = '', end = ''] of text.matchAll(
    /(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|$)/g,
  )) {
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    if (end === ',') continue
    if (row.length > 1 || row[0] !== '') rows.push(row)
    row = []
  }
  return rows
}
