import type { ItemBatcher, Json, MapState } from '../definition.ts'
import { StateFailure } from '../failure.ts'
import type { Batch } from '../line.ts'
import { maximalPayload } from '../payload.ts'
import { evaluateField, evaluateInteger, type Visit } from '../visit.ts'

/**
 * The inputs of the children when items go in batches: `{ Items, BatchInput? }`, each with as many items as both
 * limits allow. An item that fits no batch fails the state.
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itembatcher.html
 */
export const batchesOf = async (
  visit: Visit<MapState>,
  { MaxItemsPerBatch, MaxInputBytesPerBatch, BatchInput }: ItemBatcher,
  items: readonly Json[],
): Promise<Batch[]> => {
  const limit = async (value: number | string | undefined, field: string, fallback: number) =>
    value === undefined ? fallback : evaluateInteger(visit, value, `ItemBatcher/${field}`, 1)
  const mostItems = await limit(MaxItemsPerBatch, 'MaxItemsPerBatch', Number.POSITIVE_INFINITY)
  const mostBytes = Math.min(
    await limit(MaxInputBytesPerBatch, 'MaxInputBytesPerBatch', maximalPayload),
    maximalPayload,
  )
  const shared =
    BatchInput === undefined
      ? {}
      : { BatchInput: await evaluateField(visit, BatchInput, 'ItemBatcher/BatchInput') }
  const frame = sizeOf({ ...shared, Items: [] })
  const batches: Json[][] = []
  let open: { items: Json[]; bytes: number } | undefined
  for (const item of items) {
    const bytes = sizeOf(item)
    // A comma stands between items.
    if (!open || open.items.length >= mostItems || open.bytes + 1 + bytes > mostBytes) {
      open = { items: [], bytes: frame - 1 }
      batches.push(open.items)
    }
    if (open.bytes + 1 + bytes > mostBytes)
      throw new StateFailure(
        'States.DataLimitExceeded',
        `An item of ${bytes} bytes does not fit into a batch of ${mostBytes} bytes`,
      )
    open.items.push(item)
    open.bytes += 1 + bytes
  }
  return batches.map((Items) => ({ input: { ...shared, Items }, size: Items.length }))
}

const sizeOf = (value: Json): number => Buffer.byteLength(JSON.stringify(value))

/** What a child gets of one item: what the ItemSelector makes of it. */
export const selectedItem = (
  visit: Visit<MapState>,
  items: readonly Json[],
  index: number,
): Promise<Json> => {
  const { branch, state } = visit
  const item = { Item: { Index: index, Value: items[index] ?? null } }
  return evaluateField(
    { ...visit, branch: { ...branch, item } },
    'ItemSelector' in state ? (state.ItemSelector ?? null) : '{% $states.context.Map.Item.Value %}',
    'ItemSelector',
  )
}

export const selectedItems = async (
  visit: Visit<MapState>,
  items: readonly Json[],
): Promise<readonly Json[]> => {
  if (!('ItemSelector' in visit.state)) return items
  const selected: Json[] = []
  for (const index of items.keys()) selected.push(await selectedItem(visit, items, index))
  return selected
}
