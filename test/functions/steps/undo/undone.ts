import { expect } from 'vitest'
import type { Association } from '../../../../core/association.ts'
import type { Deployment } from '../../../../core/kubernetes.ts'
import type { AssociationBefore, Before } from '../../../../core/request.ts'
import { type RequestInput, resolveRequest } from '../../../../core/request-input.ts'
import { restartAnnotation } from '../../../../core/workload/restart.ts'
import { undo } from '../../../../functions/steps/undo.ts'
import { type Said, scriptedConnection, skippingClock } from '../../../support/scripted-connection.ts'
import { shop } from '../shop.ts'

const role = 'arn:aws:iam::123456789012:role/carts'
const startTime = '2026-11-23T06:00:00.000Z'
const execution = {
  arn: 'arn:aws:states:us-west-2:123456789012:execution:podid:run-1',
  startTime,
}
const ours = '2026-11-23T06:00:00Z'
const cluster = { ...shop, oidcIssuer: 'oidc.example/id/SHOP' }

const association: Association = {
  id: 'a-1',
  arn: 'arn:aws:eks:us-west-2:123456789012:podidentityassociation/shop/a-1',
  role,
  sessionTags: true,
  createdAt: startTime,
  modifiedAt: startTime,
  tags: { 'podid:run': 'run-1' },
}
const former: AssociationBefore = {
  id: 'a-1',
  roleArn: 'arn:aws:iam::123456789012:role/former',
  targetRoleArn: null,
  disableSessionTags: false,
  policy: null,
  run: null,
}
const pointedBack = { ...association, role: former.roleArn }

const carts = (restartedAt?: string, more: object = {}): Deployment =>
  ({
    metadata: { name: 'carts', namespace: 'carts', uid: 'u-1', resourceVersion: '7', generation: 3 },
    spec: {
      selector: { matchLabels: { app: 'carts' } },
      template: {
        metadata: { annotations: restartedAt === undefined ? {} : { [restartAnnotation]: restartedAt } },
        spec: { containers: [] },
      },
    },
    ...more,
  }) as Deployment
const account = (annotated?: string) => ({
  metadata: {
    name: 'carts',
    resourceVersion: '7',
    annotations: annotated === undefined ? {} : { 'eks.amazonaws.com/role-arn': annotated },
  },
})
const gone: Said = { failure: 404, message: 'not found' }

/** What there is for an undo, where it is not as after a run that restarted carts. */
export interface UndoneGiven {
  request?: Partial<RequestInput>
  before?: Partial<Before>
  id?: string
  retries?: number
  /** What EKS lists and what it says of an id, look by look, the last of it from then on. */
  listed?: (Association | undefined)[]
  described?: (Association | undefined)[]
  /** What the API server says of the workload and the ServiceAccount, look by look, and to the PATCH of the workload. */
  workloads?: Said[]
  accounts?: Said[]
  patched?: Said
  trust?: string
  fails?: Partial<Record<'delete' | 'point back' | 'mark', Error>>
}

const next = <One>(from: readonly One[]) => {
  const left = [...from]
  return () => (left.length > 1 ? left.shift() : left[0])
}

/** Undoes a run that restarted carts, if `given` says nothing else; what it did is in `did`, in its order. */
const undone = async ({
  listed = [undefined],
  described = [undefined],
  fails = {},
  ...given
}: UndoneGiven = {}) => {
  const did: string[] = []
  const does = (name: keyof typeof fails, ...words: string[]) => {
    if (fails[name]) throw fails[name]
    did.push([name, ...words].join(' '))
  }
  const clock = skippingClock()
  const list = next(listed)
  const describeOne = next(described)
  const workload = next(given.workloads ?? [carts(ours)])
  const serviceAccount = next(given.accounts ?? [account()])
  const { connection } = scriptedConnection(clock, ({ verb, resource, body }) => {
    if (verb === 'create') return { spec: { containers: [] } }
    const { spec, metadata } = (body?.content ?? {}) as {
      spec?: { template: { metadata: object } }
      metadata?: { annotations?: object }
    }
    const change = JSON.stringify(spec?.template.metadata ?? { annotations: metadata?.annotations })
    if (verb === 'patch') did.push(`patch ${resource} ${change}`)
    if (verb === 'patch' && resource === 'deployments')
      return given.patched ?? carts(undefined, { metadata: { generation: 4 } })
    return (resource === 'deployments' ? workload() : serviceAccount()) ?? gone
  })
  const regions = new Set<string>()
  let trust = given.trust
  const step = await undo(
    (region) => {
      regions.add(region)
      return {
        findAssociation: async () => list(),
        describeAssociation: async (_cluster, id) => {
          did.push(`describe ${id}`)
          return describeOne()
        },
        markAssociation: async ({ id }, run) => does('mark', id, String(run)),
        deleteAssociation: async (_cluster, id) => does('delete', id),
        repointAssociation: async (_cluster, to, token) => {
          does('point back', to.id, token)
          return association
        },
        describeAgentAddon: async () => undefined,
        runOfAccessEntry: async () => undefined,
      }
    },
    (region) => {
      regions.add(region)
      return {
        outlineRole: async () => void did.push('outline role'),
        deleteRolePolicy: async () => void did.push('delete policy'),
        deleteRole: async () => void did.push('delete role'),
        readTrust: async () => trust,
        writeTrust: async (_role, text) => {
          did.push('write trust')
          trust = text
        },
      }
    },
    { shared: () => connection, fresh: () => connection },
    [],
    { clock },
  )({
    request: resolveRequest(
      {
        cluster: 'shop',
        region: 'eu-north-1',
        namespace: 'carts',
        serviceAccount: 'carts',
        role,
        workload: 'deployment/carts',
        ...given.request,
      },
      execution,
    ),
    before: {
      run: 'run-1',
      restartedAt: ours,
      association: null,
      workload: { restartedAt: null, healthy: true },
      ...given.before,
    },
    id: given.id ?? null,
    retries: given.retries ?? 0,
    cluster,
  })
  return { step, did, regions: [...regions] }
}

/** The request and what was before, of a run that is about an association alone. */
const alone = { request: { workload: undefined }, before: { workload: null } }
const nothing = { done: [], left: [], kept: [], message: 'nothing of the run is there' }
const restore = (value: string | null) =>
  `patch deployments ${JSON.stringify({ annotations: { [restartAnnotation]: value } })}`
const restored = { kind: 'restart', what: 'deployment/carts runs its earlier revision again' }
const deleted = { kind: 'association', what: 'the association a-1 is deleted' }
const again = { kind: 'association', what: `the association a-1 grants ${former.roleArn} again` }
const unmarked = { kind: 'association-tag', what: 'the association a-1 bears no mark of this run any more' }

const expectUndone = async (given: UndoneGiven, did: string[], step: object) => {
  const found = await undone(given)
  expect(found.did).toEqual(did)
  expect(found.step).toMatchObject(step)
  expect(found.regions).toEqual(['eu-north-1'])
}

/** A run that has associated and restarted carts, and what undoes it. */
export const undoOfCarts = {
  execution,
  role,
  ours,
  cluster,
  association,
  former,
  pointedBack,
  carts,
  account,
  gone,
  undone,
  alone,
  nothing,
  restore,
  restored,
  deleted,
  again,
  unmarked,
  expectUndone,
}
