import { expect, it } from 'vitest'
import { startWorkshop } from '../support/run.ts'

it('a definition with another partition’s integrations is refused, as Step Functions refuses it', async () => {
  await using world = await startWorkshop({ region: 'us-gov-west-1' })
  const definition = JSON.stringify({
    QueryLanguage: 'JSONata',
    StartAt: 'Call',
    States: { Call: { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', End: true } },
  })
  expect(() =>
    world.aws.stateMachines.add({ name: 'commercial', definition, task: async () => ({}) }),
  ).toThrow('The resource provided arn:aws:states:::lambda:invoke is not recognized')
})
