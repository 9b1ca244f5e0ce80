import { expect, it } from 'vitest'
import { type ServedOperation, servedOperations } from '../../../local/aws/served.ts'
import { podidHere } from '../../support/commands/here.ts'

it('says of an operation what it reads and what it refuses', async () => {
  const served = await servedOperations()
  expect(served.find(({ operation }) => operation === 'PutRule')).toEqual({
    service: 'events',
    operation: 'PutRule',
    reads: ['Description', 'EventBusName', 'EventPattern', 'Name', 'RoleArn', 'ScheduleExpression', 'State'],
    refuses: ['Tags'],
  })
  expect(served.find(({ operation }) => operation === 'PutEvents')?.refuses).toEqual([
    'EndpointId',
    'Entries.TraceHeader',
  ])
})

it('is printed by podid local --served, for people and for programs', async () => {
  const [text, json] = await Promise.all([
    podidHere(['local', '--served']),
    podidHere(['local', '--served', '--json']),
  ])
  expect([text.code, json.code]).toEqual([0, 0])
  expect(text.stdout).toMatch(/^events PutRule\n {2}reads {4}Description, .*\n {2}refuses {2}Tags\n/m)
  expect(JSON.parse(json.stdout) as ServedOperation[]).toEqual(await servedOperations())
})
