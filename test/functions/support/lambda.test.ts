import { afterEach, expect, it, vi } from 'vitest'
import { systemClock } from '../../../adapters/clock.ts'
import { lambda } from '../../../functions/support/lambda.ts'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

it.each<[why: string, env: Record<string, string | undefined>, found: object]>([
  [
    'a role’s, with their token',
    { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 's', AWS_SESSION_TOKEN: 't' },
    { accessKeyId: 'AKIA', secretAccessKey: 's', sessionToken: 't' },
  ],
  [
    'a user’s, that have none',
    { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 's', AWS_SESSION_TOKEN: '' },
    { accessKeyId: 'AKIA', secretAccessKey: 's' },
  ],
])('takes the credentials that Lambda keeps in the environment: %s', async (_why, env, found) => {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  expect(await lambda.aws.credentials()).toEqual(found)
})

it.each(['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'])(
  'says that there are none without %s',
  async (name) => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIA')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 's')
    vi.stubEnv(name, undefined)
    await expect(lambda.aws.credentials()).rejects.toThrow(
      'the environment holds no AWS credentials; a Lambda function with a role has them',
    )
  },
)

it('has the environment and the time of the machine', async () => {
  expect(lambda.clock).toBe(systemClock)
  // Read when the module is: another test of this worker may have had an environment of its own then.
  const again = '../../../functions/support/lambda.ts?again'
  const fresh: { lambda: typeof lambda } = await import(again)
  expect(fresh.lambda.env).toBe(process.env)
})

/** The lines that `log` leaves, as far as they are ours. */
const logged = (log: () => void) => {
  const lines: string[] = []
  const keep = (text: unknown) => lines.push(String(text)) > 0
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation(keep as typeof stream.write)
  try {
    log()
  } finally {
    vi.restoreAllMocks()
  }
  return lines.map((line) => {
    const { timestamp: _, sampling_rate: __, ...rest } = JSON.parse(line) as Record<string, unknown>
    return rest
  })
}

it('logs a line of JSON for each message, with what it is about until that is another', () => {
  const { log, progress } = lambda
  expect(
    logged(() => {
      log.about?.({ run: 'run-1', cluster: 'shop' })
      log.info('one', { a: 1 })
      log.warn('two')
      log.about?.({ run: 'run-2' })
      log.error('three', { why: 'x' })
      progress({ step: 'WatchRollout', message: '1 of 2', detail: { until: 7 } })
      progress({ step: 'EnsureAgent', message: 'up' })
      log.about?.({})
      log.info('four')
    }),
  ).toEqual([
    { level: 'INFO', message: 'one', service: 'podid', run: 'run-1', cluster: 'shop', a: 1 },
    { level: 'WARN', message: 'two', service: 'podid', run: 'run-1', cluster: 'shop' },
    { level: 'ERROR', message: 'three', service: 'podid', run: 'run-2', why: 'x' },
    {
      level: 'INFO',
      message: 'progress',
      service: 'podid',
      run: 'run-2',
      step: 'WatchRollout',
      progress: '1 of 2',
      until: 7,
    },
    {
      level: 'INFO',
      message: 'progress',
      service: 'podid',
      run: 'run-2',
      step: 'EnsureAgent',
      progress: 'up',
    },
    { level: 'INFO', message: 'four', service: 'podid' },
  ])
})
