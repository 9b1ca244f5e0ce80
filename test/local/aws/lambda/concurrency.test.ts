import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { expect, it } from 'vitest'
import { startAws } from '../../../../local/aws/index.ts'
import { virtualClock } from '../../../../local/clock.ts'
import { config } from '../support.ts'

it('Lambda turns a call away where as many run as may, lets events wait, and keeps those that waited too long', async () => {
  const clock = virtualClock({ start: Date.now() })
  const aws = await startAws({ clock })
  try {
    const lambda = new LambdaClient({ ...config(aws), maxAttempts: 1 })
    const queue = aws.queues.add('lost')
    const done: unknown[] = []
    const run = (event: unknown) => void done.push(event)
    aws.functions.add('podid-dev-start', run, { onFailure: aws.queues.arnOf('lost') })
    const invoke = (InvocationType: 'Event' | 'RequestResponse', event: object) =>
      lambda.send(
        new InvokeCommand({
          FunctionName: 'podid-dev-start',
          InvocationType,
          Payload: Buffer.from(JSON.stringify(event)),
        }),
      )
    const { concurrency } = aws.functions
    concurrency.limit = 1
    const leave = concurrency.enter()
    await expect(invoke('RequestResponse', {})).rejects.toMatchObject({
      name: 'TooManyRequestsException',
      Reason: 'ConcurrentInvocationLimitExceeded',
      $metadata: { httpStatusCode: 429 },
    })
    await invoke('Event', { waits: 1 })
    await clock.sleep(10_000)
    expect(done).toEqual([])
    leave?.()
    await clock.sleep(10_000)
    expect(done).toEqual([{ waits: 1 }])
    concurrency.enter()
    await invoke('Event', { waits: 2 })
    await clock.sleep(2 * 3_600_000)
    expect(done).toHaveLength(1)
    const [record] = queue.messages()
    expect(JSON.parse(record?.body ?? '')).toMatchObject({
      requestContext: { condition: 'EventAgeExceeded', approximateInvokeCount: 0 },
      requestPayload: { waits: 2 },
    })
  } finally {
    clock.stop()
    await aws.close()
  }
})
