import { expect, it } from 'vitest'
import * as z from 'zod'
import { makeHandler } from '../../../functions/middleware/make-handler.ts'
import { surroundings } from './support.ts'

const input = z.strictObject({ cluster: z.string(), pods: z.array(z.object({ name: z.string() })) })
const handler = makeHandler(surroundings(), { name: 'Look', input }, async (parsed) => parsed)

it('lets through what the schema takes', async () => {
  expect(await handler({ cluster: 'eks-workshop', pods: [] })).toEqual({ cluster: 'eks-workshop', pods: [] })
})

it.each<[why: string, event: unknown, faults: string]>([
  ['a field of another type', { cluster: 1, pods: [] }, 'cluster: '],
  ['each field', { cluster: 1, pods: 1 }, 'cluster: Invalid input: expected string, received number; pods: '],
  ['a field of a list', { cluster: 'c', pods: [{}] }, 'pods.0.name: '],
  ['a field too many', { cluster: 'c', pods: [], region: 'r' }, 'input: Unrecognized key: "region"'],
  ['nothing that has fields', 'text', 'input: '],
])('names the fault of %s', async (_why, event, faults) => {
  const failure = handler(event)
  await expect(failure).rejects.toMatchObject({ name: 'InvalidRequest' })
  await expect(failure).rejects.toThrow(`Look was called with a faulty input: ${faults}`)
})
