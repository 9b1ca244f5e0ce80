import { expect, it } from 'vitest'
import type { Association } from '../../../core/association.ts'
import { settingsOf } from '../../../core/association.ts'
import { resolveRequest } from '../../../core/request-input.ts'
import { planLines } from '../../../core/steps/plan.ts'

type Planned = Parameters<typeof planLines>[0]

const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`
const found: Association = {
  id: 'a-1',
  arn: 'arn:aws:eks:us-west-2:123456789012:podidentityassociation/eks-workshop/a-1',
  role: role('former'),
  sessionTags: true,
  createdAt: '2026-11-23T06:00:00.000Z',
  modifiedAt: '2026-11-23T06:00:00.000Z',
  tags: {},
}

/** What a run with this input would do where this is there. */
const plan = (
  input: object,
  there: Partial<Association> | undefined,
  { uid = 'u-1', injected = false, install = false, make = false } = {},
): string[] => {
  const request = resolveRequest(
    {
      cluster: 'eks-workshop',
      namespace: 'carts',
      serviceAccount: 'carts',
      role: role('carts'),
      workload: 'deployment/carts',
      ...input,
    },
    {
      arn: 'arn:aws:states:us-west-2:123456789012:execution:podid:run-1',
      startTime: '2026-11-23T06:00:00.000Z',
    },
  )
  return planLines({
    request,
    associationCheck: {
      action: there ? 'repoint' : 'create',
      before: there ? settingsOf({ ...found, ...there }) : null,
    },
    agent: { action: install ? 'install' : 'none' },
    role: { action: make ? 'create' : 'none' },
    workload: { exists: true, uid, injected },
  } as Planned)
}

const target = 'arn:aws:iam::999999999999:role/target'

it.each<[what: string, one: string[], other: string[]]>([
  ['whether there is an association', plan({}, undefined), plan({}, {})],
  ['which association there is', plan({}, {}), plan({}, { id: 'a-2' })],
  ['its role', plan({}, {}), plan({}, { role: role('third') })],
  ['its target role', plan({}, {}), plan({}, { targetRole: target })],
  ['its session tags', plan({}, {}), plan({}, { sessionTags: false })],
  ['its session policy', plan({}, {}), plan({}, { policy: '{}' })],
  ['whose run has marked it', plan({}, {}), plan({}, { tags: { 'podid:run': 'run-0' } })],
  ['the role that it gets', plan({}, {}), plan({ role: role('other') }, {})],
  ['the target role that it gets', plan({}, {}), plan({ targetRole: target }, {})],
  ['the session tags that it gets', plan({}, {}), plan({ sessionTags: false }, {})],
  ['whether the agent is installed', plan({}, {}), plan({}, {}, { install: true })],
  ['whether the role is made', plan({}, {}), plan({}, {}, { make: true })],
  ['which object is restarted', plan({}, {}), plan({}, {}, { uid: 'u-2' })],
])('an approval binds %s', (_what, one, other) => {
  expect(one).not.toEqual(other)
})

it('is the same where nothing has changed, though the checks were made again', () => {
  expect(plan({}, {})).toEqual(plan({}, {}))
})
