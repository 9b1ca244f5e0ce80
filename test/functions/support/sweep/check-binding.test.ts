import { expect, it } from 'vitest'
import type { LatestRun } from '../../../../adapters/records/runs.ts'
import { Transient } from '../../../../core/errors.ts'
import type { Finding } from '../../../../core/findings.ts'
import type { AssociationCheck, WorkloadCheck } from '../../../../core/steps/answers.ts'
import type { TrailLook } from '../../../../core/workload/proof/trail.ts'
import { checkBinding } from '../../../../functions/support/sweep/check-binding.ts'
import {
  absent,
  active,
  sweptConfig as config,
  fields,
  sweptCluster as known,
  missing,
  noting,
  region,
} from '../../../support/sweep.ts'

const binding = { ...fields, serviceAccount: 'one', cluster: 'shop-1', region, formerRoles: [] } as never
const place = { cluster: 'shop-1', region, namespace: 'carts', serviceAccount: 'one' }
const target = { name: 'one', binding, cluster: known('shop-1'), described: active('shop-1') as never }
const kept: AssociationCheck = { ...missing, action: 'keep' }
const running: WorkloadCheck = { ...absent, exists: true, injected: true } as never
const obstacle: Finding = { code: 'workload-two', severity: 'blocking', subject: 's', found: 'f' }
const seen: TrailLook = { at: '2026-11-25T10:00:00Z', role: fields.role, unseen: 'throttled' }
const undone: LatestRun = { run: 'run-0', mode: 'undo', at: Date.parse('2026-11-24T07:00:00Z') }

interface Given {
  association?: AssociationCheck | Error
  workload?: WorkloadCheck | Error
  mode?: 'mend' | 'report'
  latest?: LatestRun
  look?: TrailLook
  /** Why no run may be started now. */
  held?: string
}

/** What comes of a look at a binding, and what was asked and started. */
const check = async ({
  association = kept,
  workload = running,
  mode = 'mend',
  latest,
  look,
  held,
}: Given) => {
  const { starts, start } = noting()
  const asked: unknown[] = []
  const answer =
    <Answer>(what: string, given: Answer | Error) =>
    async ({ request, cluster }: { request: Record<string, unknown>; cluster: unknown }) => {
      const { run, mode, ifWorkloadMissing, serviceAccount } = request
      asked.push([what, { run, mode, ifWorkloadMissing, serviceAccount }, cluster])
      if (given instanceof Error) throw given
      return given
    }
  const checked = await checkBinding(
    {
      config: config({ triggers: { sweep: { mode } } }),
      start,
      executions: { arnOf: (run: string) => `arn:aws:states:${region}:123456789012:execution:enable:${run}` },
      runs: {
        latest: async (key: unknown) => {
          asked.push(['latest', key])
          return latest && { value: latest, version: 1 }
        },
      },
      looks: {
        find: async (key: unknown) => {
          asked.push(['look', key])
          return look
        },
      },
    } as never,
    { association: answer('association', association), workload: answer('workload', workload) } as never,
  )(target, 'sweep-1', {
    take: (key) => {
      asked.push(['turn', key])
      return held ?? null
    },
  })
  return { checked, starts, asked }
}

const request = {
  run: 'sweep-1',
  mode: 'enable',
  ifWorkloadMissing: 'associate',
  serviceAccount: 'one',
}
const looked = [
  ['association', request, target.described],
  ['workload', request, target.described],
]
const driftOf = (...codes: string[]) => ({
  binding: 'one',
  cluster: 'shop-1',
  region,
  findings: codes.map((code) => expect.objectContaining({ code })),
  run: null,
  undoneBy: null,
  held: null,
})
const inForce = { place, request: expect.objectContaining(request), cluster: target.described }
const latest = ['latest', place]
const turn = ['turn', `${region}/shop-1/one`]
const look = ['look', place]

it.each<[why: string, given: Given, checked: object, asked: unknown[]]>([
  ['in force', {}, { binding: inForce }, []],
  ['associated, and without a workload', { workload: absent as never }, {}, []],
  [
    'without its association, which a run mends',
    { association: missing },
    { drift: { ...driftOf('association-missing'), run: 'one' } },
    [latest, turn, look],
  ],
  [
    'without it where the stage only reports',
    { association: missing, mode: 'report' },
    { drift: driftOf('association-missing') },
    [latest, look],
  ],
  [
    'without it since somebody has undone it',
    { association: missing, latest: undone },
    { drift: { ...driftOf('association-missing'), undoneBy: 'run-0' } },
    [latest, look],
  ],
  [
    'without it, and it is not its turn',
    { association: missing, held: 'too many' },
    { drift: { ...driftOf('association-missing'), held: 'too many' } },
    [latest, turn, look],
  ],
  [
    'without it, and there is what a run would fail by',
    { association: missing, workload: { ...absent, findings: [obstacle] } as never },
    { drift: driftOf('association-missing', 'workload-two') },
    [look],
  ],
  [
    'in force, with something that a person has to look at',
    { workload: { ...running, findings: [obstacle] } as never },
    { binding: inForce, drift: driftOf('workload-two') },
    [look],
  ],
  [
    'without its association, and was looked for in CloudTrail before',
    { association: missing, mode: 'report', look: seen },
    {
      seen: {
        code: 'credentials-in-cloudtrail',
        severity: 'info',
        subject: 'serviceaccount carts/one',
        found: expect.stringContaining('throttled'),
      },
      drift: driftOf('association-missing'),
    },
    [latest, look],
  ],
  [
    'not to be looked at',
    { association: new Transient('no answer') },
    { failure: new Transient('no answer'), drift: driftOf('cluster-not-checked') },
    [look],
  ],
])('a binding that is %s', async (_why, given, checked, asked) => {
  const found = await check(given)
  expect(found.checked).toEqual(checked)
  expect(found.asked).toEqual([...looked, ...asked])
  const { run } = (checked as { drift?: { run: string | null } }).drift ?? {}
  expect(found.starts).toEqual(
    run
      ? [
          {
            input: expect.objectContaining({ ...place, mode: 'enable', ifWorkloadMissing: 'associate' }),
            origin: { trigger: 'sweep', by: null },
            cause: ['sweep-1', target.cluster.arn, 'one'],
          },
        ]
      : [],
  )
})

it('says which cluster could not be looked at, and how to see why', async () => {
  const { checked } = await check({ workload: new Transient('no answer') })
  expect(checked.drift?.findings).toEqual([
    expect.objectContaining({
      subject: 'cluster shop-1',
      found: 'it could not be checked: Transient: no answer',
      remedy: expect.objectContaining({
        command: expect.stringContaining(`--name shop-1 --region ${region}`),
      }),
    }),
  ])
})
