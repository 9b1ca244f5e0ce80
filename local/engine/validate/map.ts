import { isObject, type JsonObject } from '../../json-object.ts'
import { maximalPayload } from '../payload.ts'
import {
  checkFields,
  checkTemplate,
  checkValue,
  type DefinitionCheck,
  isCount,
  isPositiveInteger,
} from './values.ts'

const count = { literal: isCount, expected: 'a whole number' }
const percentage = {
  literal: (value: unknown) => typeof value === 'number' && value >= 0 && value <= 100,
  expected: 'a number from 0 to 100',
}

/** Checks what a Map says of its items and their processing; the processor's states are checked elsewhere. */
export const checkMap = (check: DefinitionCheck, path: string, state: JsonObject): void => {
  const { ItemProcessor, Items, ItemSelector, MaxConcurrency } = state
  if (Items !== undefined) {
    checkValue(check, `${path}/Items`, Items, { literal: Array.isArray, expected: 'an array' })
    if (Array.isArray(Items)) checkTemplate(check, `${path}/Items`, Items, ['input', 'context'])
  }
  checkTemplate(check, `${path}/ItemSelector`, ItemSelector, ['input', 'context'])
  if (MaxConcurrency !== undefined) checkValue(check, `${path}/MaxConcurrency`, MaxConcurrency, count)
  const config = isObject(ItemProcessor) ? (ItemProcessor.ProcessorConfig ?? {}) : {}
  const at = `${path}/ItemProcessor/ProcessorConfig`
  if (!check(isObject(config), at, 'must be an object') || !isObject(config)) return
  checkFields(check, at, config, 'a processor', ['Mode', 'ExecutionType'])
  const { Mode = 'INLINE', ExecutionType } = config
  check(Mode === 'INLINE' || Mode === 'DISTRIBUTED', `${at}/Mode`, 'must be INLINE or DISTRIBUTED')
  if (Mode === 'DISTRIBUTED') {
    check(
      ExecutionType === 'STANDARD',
      `${at}/ExecutionType`,
      'must be STANDARD for a distributed Map, the only type implemented',
    )
    checkDistributed(check, path, state)
    return
  }
  check(ExecutionType === undefined, `${at}/ExecutionType`, 'is for a distributed Map alone')
  for (const field of distributedFields)
    check(state[field] === undefined, `${path}/${field}`, 'is implemented for a distributed Map alone')
}

const distributedFields = [
  'ItemReader',
  'ItemBatcher',
  'ResultWriter',
  'Label',
  'ToleratedFailureCount',
  'ToleratedFailurePercentage',
]

const checkDistributed = (check: DefinitionCheck, path: string, state: JsonObject): void => {
  const { Items, ItemReader, Label, ToleratedFailureCount, ToleratedFailurePercentage } = state
  // https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html (Label)
  const label = typeof Label === 'string' && /^[^\s?*<>{}[\]:;,\\|^~$#%&`"\p{Cc}]{1,40}$/u.test(Label)
  check(Label === undefined || label, `${path}/Label`, 'must be at most 40 characters, none of them special')
  if (ToleratedFailureCount !== undefined)
    checkValue(check, `${path}/ToleratedFailureCount`, ToleratedFailureCount, count)
  if (ToleratedFailurePercentage !== undefined)
    checkValue(check, `${path}/ToleratedFailurePercentage`, ToleratedFailurePercentage, percentage)
  checkBatcher(check, `${path}/ItemBatcher`, state.ItemBatcher)
  checkWriter(check, `${path}/ResultWriter`, state.ResultWriter)
  if (ItemReader === undefined) return
  check(Items === undefined, `${path}/Items`, 'must not stand beside an ItemReader')
  checkReader(check, `${path}/ItemReader`, ItemReader)
}

// https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itembatcher.html
const checkBatcher = (check: DefinitionCheck, path: string, batcher: unknown): void => {
  if (batcher === undefined || !check(isObject(batcher), path, 'must be an object') || !isObject(batcher))
    return
  checkFields(check, path, batcher, 'an ItemBatcher', [
    'MaxItemsPerBatch',
    'MaxInputBytesPerBatch',
    'BatchInput',
  ])
  const { MaxItemsPerBatch, MaxInputBytesPerBatch, BatchInput } = batcher
  check(
    MaxItemsPerBatch !== undefined || MaxInputBytesPerBatch !== undefined,
    path,
    'must have MaxItemsPerBatch, MaxInputBytesPerBatch or both',
  )
  const positive = { literal: isPositiveInteger, expected: 'a whole number above 0' }
  if (MaxItemsPerBatch !== undefined)
    checkValue(check, `${path}/MaxItemsPerBatch`, MaxItemsPerBatch, positive)
  if (MaxInputBytesPerBatch !== undefined)
    checkValue(check, `${path}/MaxInputBytesPerBatch`, MaxInputBytesPerBatch, {
      literal: (value) => isPositiveInteger(value) && value <= maximalPayload,
      expected: `a whole number from 1 to ${maximalPayload}`,
    })
  checkTemplate(check, `${path}/BatchInput`, BatchInput, ['input', 'context'])
}

// https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
const checkWriter = (check: DefinitionCheck, path: string, writer: unknown): void => {
  if (writer === undefined || !check(isObject(writer), path, 'must be an object') || !isObject(writer)) return
  checkFields(check, path, writer, 'a ResultWriter', ['Resource', 'Arguments', 'WriterConfig'])
  const { Resource, Arguments, WriterConfig } = writer
  check(Resource !== undefined || WriterConfig !== undefined, path, 'must not be empty')
  check(
    Resource === undefined || /^arn:[\w-]+:states:::s3:putObject$/.test(String(Resource)),
    `${path}/Resource`,
    `must be arn:aws:states:::s3:putObject, not ${JSON.stringify(Resource)}`,
  )
  check(
    (Resource === undefined) === (Arguments === undefined),
    `${path}/Arguments`,
    'must stand beside a Resource, and the other way round',
  )
  checkTemplate(check, `${path}/Arguments`, Arguments, ['input', 'context'])
  if (WriterConfig === undefined) return
  const at = `${path}/WriterConfig`
  if (!check(isObject(WriterConfig), at, 'must be an object') || !isObject(WriterConfig)) return
  checkFields(check, at, WriterConfig, 'a writer', ['Transformation', 'OutputType'])
  const { Transformation = 'NONE', OutputType = 'JSON' } = WriterConfig
  check(
    ['NONE', 'COMPACT', 'FLATTEN'].includes(String(Transformation)),
    `${at}/Transformation`,
    'must be NONE, COMPACT or FLATTEN',
  )
  check(
    OutputType === 'JSON' || (OutputType === 'JSONL' && Resource !== undefined),
    `${at}/OutputType`,
    'must be JSON, or JSONL where the results are written into a bucket',
  )
}

const readers = ['getObject', 'listObjectsV2']

const checkReader = (check: DefinitionCheck, path: string, reader: unknown): void => {
  if (!check(isObject(reader), path, 'must be an object') || !isObject(reader)) return
  checkFields(check, path, reader, 'an ItemReader', ['Resource', 'Arguments', 'ReaderConfig'])
  const { Resource, Arguments, ReaderConfig = {} } = reader
  const [, action = ''] = /^arn:[\w-]+:states:::s3:(\w+)$/.exec(String(Resource)) ?? []
  check(
    readers.includes(action),
    `${path}/Resource`,
    `must be arn:aws:states:::s3:getObject or …:listObjectsV2, not ${JSON.stringify(Resource)}`,
  )
  checkTemplate(check, `${path}/Arguments`, Arguments, ['input', 'context'])
  const at = `${path}/ReaderConfig`
  if (!check(isObject(ReaderConfig), at, 'must be an object') || !isObject(ReaderConfig)) return
  checkFields(check, at, ReaderConfig, 'a reader', [
    'InputType',
    'CSVHeaderLocation',
    'CSVHeaders',
    'MaxItems',
  ])
  const { InputType, CSVHeaderLocation, CSVHeaders, MaxItems } = ReaderConfig
  const types: unknown[] = action === 'listObjectsV2' ? [undefined] : ['JSON', 'JSONL', 'CSV']
  check(
    types.includes(InputType),
    `${at}/InputType`,
    action === 'listObjectsV2' ? 'is for s3:getObject alone' : `must be one of ${types.join(', ')}`,
  )
  check(
    CSVHeaderLocation === undefined || CSVHeaderLocation === 'FIRST_ROW' || CSVHeaderLocation === 'GIVEN',
    `${at}/CSVHeaderLocation`,
    'must be FIRST_ROW or GIVEN',
  )
  const names = Array.isArray(CSVHeaders) && CSVHeaders.every((name) => typeof name === 'string')
  check(
    CSVHeaderLocation === 'GIVEN' ? names : CSVHeaders === undefined,
    `${at}/CSVHeaders`,
    'must be the names of the columns where CSVHeaderLocation is GIVEN, and be absent elsewhere',
  )
  if (MaxItems !== undefined) checkValue(check, `${at}/MaxItems`, MaxItems, count)
}
