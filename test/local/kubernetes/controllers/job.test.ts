import { describe, expect, it } from 'vitest'
import type { CronJob, Job } from '../../../../core/kubernetes.ts'
import { parseCron } from '../../../../local/kubernetes/store/cron.ts'
import { resources } from '../../../../local/kubernetes/store/resources.ts'
import { cluster, healthy, type TestCluster } from '../support/cluster.ts'

const start = Date.UTC(2026, 0, 1, 0, 0, 30)

type Spec = Partial<NonNullable<Job['spec']>>

const template = (restartPolicy = 'Never') => ({
  spec: { restartPolicy, containers: [{ name: 'c', image: 'c:1' }] },
})

const create = ({ store }: TestCluster, spec: Spec = {}) =>
  store.create(resources.jobs, {
    metadata: { name: 'job', namespace: 'carts' },
    spec: { template: template(), ...spec },
  })

const read = ({ store }: TestCluster) => store.read(resources.jobs, 'carts', 'job')

const ends = (local: TestCluster) =>
  read(local).status?.conditions?.map(({ type, reason }) => `${type}: ${reason}`)

const failing = () => cluster(() => ({ exit: { afterMs: 100, code: 1 } }), { start })

describe('a Job', () => {
  it('is over when as many pods have succeeded as it wants, and finds them by labels of its own', () => {
    const local = cluster(healthy, { start })
    const { spec, metadata } = create(local, { completions: 3, parallelism: 2 })
    expect(spec.selector?.matchLabels).toEqual({ 'batch.kubernetes.io/controller-uid': metadata.uid })
    local.clock.advance(1000)
    expect(read(local).status).toMatchObject({ active: 2 })
    local.clock.advance(10_000)
    expect(ends(local)).toEqual(['SuccessCriteriaMet: CompletionsReached', 'Complete: CompletionsReached'])
    expect(read(local).status).toMatchObject({ succeeded: 3, completionTime: expect.any(String) })
    expect(local.pods().map(({ status }) => status?.phase)).toEqual(['Succeeded', 'Succeeded', 'Succeeded'])
  })

  it('gives up after as many failures as it may have, waiting longer after each', () => {
    const local = failing()
    create(local, { backoffLimit: 2 })
    local.clock.advance(9000)
    expect(local.pods()).toHaveLength(1)
    local.clock.advance(60_000)
    expect(local.pods()).toHaveLength(3)
    expect(ends(local)).toEqual(['FailureTarget: BackoffLimitExceeded', 'Failed: BackoffLimitExceeded'])
  })

  it('counts the restarts of a pod that starts its containers again', () => {
    const local = failing()
    create(local, { backoffLimit: 2, template: template('OnFailure') })
    local.clock.advance(120_000)
    expect(ends(local)).toEqual(['FailureTarget: BackoffLimitExceeded', 'Failed: BackoffLimitExceeded'])
    expect(local.pods()).toEqual([])
  })

  it('ends at its deadline', () => {
    const local = cluster(() => ({ exit: { afterMs: 3600_000, code: 0 } }), { start })
    create(local, { activeDeadlineSeconds: 60 })
    local.clock.advance(65_000)
    expect(ends(local)).toEqual(['FailureTarget: DeadlineExceeded', 'Failed: DeadlineExceeded'])
  })

  it('rests while it is suspended', () => {
    const local = cluster(healthy, { start })
    create(local, { suspend: true })
    local.clock.advance(10_000)
    expect(local.pods()).toEqual([])
    local.store.mutate(resources.jobs, 'carts', 'job', (draft) => ({
      ...draft,
      spec: { ...draft.spec, suspend: false },
    }))
    local.clock.advance(10_000)
    expect(ends(local)).toContain('Complete: CompletionsReached')
  })

  it('goes by itself when it has been over for long enough', () => {
    const local = cluster(healthy, { start })
    create(local, { ttlSecondsAfterFinished: 100 })
    local.clock.advance(60_000)
    expect(read(local)).toBeDefined()
    local.clock.advance(60_000)
    expect(local.store.get(resources.jobs, 'carts', 'job')).toBeUndefined()
    expect(local.pods()).toEqual([])
  })

  it('says how its pods restart', () => {
    const local = cluster()
    expect(() => create(local, { template: template('Always') })).toThrow(
      'Job.batch "job" is invalid: spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
    )
  })
})

describe('a CronJob', () => {
  const schedule = (local: TestCluster, spec: Partial<NonNullable<CronJob['spec']>> = {}) =>
    local.store.create(resources.cronjobs, {
      metadata: { name: 'cron', namespace: 'carts' },
      spec: { schedule: '*/5 * * * *', jobTemplate: { spec: { template: template() } }, ...spec },
    })
  const jobs = ({ store }: TestCluster) => store.list(resources.jobs).map(({ metadata }) => metadata.name)
  const minute = 60_000
  const nameAt = (minutes: number) => `cron-${Math.floor(start / minute) + minutes}`

  it('makes a Job at each of its times, and keeps a few of them', () => {
    const local = cluster(healthy, { start })
    schedule(local)
    local.clock.advance(4 * minute)
    expect(jobs(local)).toEqual([])
    local.clock.advance(2 * minute)
    expect(jobs(local)).toEqual([nameAt(5)])
    local.clock.advance(20 * minute)
    expect(jobs(local)).toEqual([15, 20, 25].map(nameAt))
    const { status } = local.store.read(resources.cronjobs, 'carts', 'cron')
    expect(status?.lastScheduleTime).toBe('2026-01-01T00:25:00Z')
  })

  it.each([
    ['Forbid', 1, 5],
    ['Replace', 1, 10],
  ])('starts none beside one that still runs: %s', (concurrencyPolicy, count, minutes) => {
    const local = cluster(() => ({ exit: { afterMs: 24 * 3600_000, code: 0 } }), { start })
    schedule(local, { concurrencyPolicy })
    local.clock.advance(11 * minute)
    expect(jobs(local)).toHaveLength(count)
    expect(jobs(local)).toEqual([nameAt(minutes)])
  })

  it('tells which of its Jobs have ended, and does not count one that it did not make', () => {
    const long = { exit: { afterMs: 2 * minute, code: 0 } }
    const local = cluster(() => long, { start })
    const { metadata } = schedule(local, { concurrencyPolicy: 'Forbid' })
    local.clock.advance(4 * minute)
    const controller = {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      name: 'cron',
      uid: metadata.uid,
      controller: true,
    }
    local.store.create(resources.jobs, {
      metadata: { name: 'by-hand', namespace: 'carts', ownerReferences: [controller] },
      spec: { template: template() },
    })
    const active = () => local.store.read(resources.cronjobs, 'carts', 'cron').status?.active
    local.clock.advance(minute / 4)
    expect(active()).toBeUndefined()
    local.clock.advance(minute)
    expect(active()?.map(({ name }) => name)).toEqual([nameAt(5)])
    local.clock.advance(4 * minute)
    const said = local.events().filter(({ about }) => about === 'CronJob/cron')
    expect(new Set(said.map(({ reason, message }) => `${reason}: ${message}`))).toEqual(
      new Set([
        'UnexpectedJob: Saw a job that the controller did not create or forgot: by-hand',
        `SuccessfulCreate: Created job ${nameAt(5)}`,
        `SawCompletedJob: Saw completed job: ${nameAt(5)}, condition: Complete`,
      ]),
    )
  })

  it('rests while it is suspended', () => {
    const local = cluster(healthy, { start })
    schedule(local, { suspend: true })
    local.clock.advance(11 * minute)
    expect(jobs(local)).toEqual([])
  })

  it('refuses a schedule that is none', () => {
    expect(() => schedule(cluster(), { schedule: 'hourly' })).toThrow(
      'CronJob.batch "cron" is invalid: spec.schedule: Invalid value: "hourly": expected exactly 5 fields, found 1: [hourly]',
    )
  })
})

describe('schedules', () => {
  const cases: [why: string, text: string, zone: string | undefined, expected: string | undefined][] = [
    ['each minute', '* * * * *', undefined, '2026-01-01T00:01:00.000Z'],
    ['steps', '*/20 * * * *', undefined, '2026-01-01T00:20:00.000Z'],
    ['a list and a range', '5,10 3-4 * * *', undefined, '2026-01-01T03:05:00.000Z'],
    ['days by name', '0 9 * * MON', undefined, '2026-01-05T09:00:00.000Z'],
    ['7 is Sunday too', '0 0 * * 7', undefined, '2026-01-04T00:00:00.000Z'],
    ['either day where both are said', '0 0 13 * FRI', undefined, '2026-01-02T00:00:00.000Z'],
    ['a month by name', '0 0 1 feb *', undefined, '2026-02-01T00:00:00.000Z'],
    ['a shorthand', '@hourly', undefined, '2026-01-01T01:00:00.000Z'],
    ['a zone', '0 9 * * *', 'America/New_York', '2026-01-01T14:00:00.000Z'],
    ['a day that never comes', '0 0 30 2 *', undefined, undefined],
  ]
  it.each(cases)('%s', (_why, text, zone, expected) => {
    const next = parseCron(text, zone).after(start)
    expect(next && new Date(next).toISOString()).toBe(expected)
  })
})
