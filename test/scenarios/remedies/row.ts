import type { CodeWithCommand, Finding } from '../../../core/findings.ts'
import type { Deployment, Pod } from '../../../core/kubernetes.ts'
import type { RequestInput } from '../../../core/request-input.ts'
import { resources } from '../../../local/kubernetes/store/resources.ts'
import { podIdentityTrust, roleArn, workshop } from '../../../local/scenarios/workshop/account.ts'
import type { VariantName } from '../../../local/scenarios/workshop/variants.ts'
import { cartsPods, type Workshop } from '../../support/run.ts'

export type WorldChange = (world: Workshop) => void | Promise<void>

/** A situation, and the finding whose remedy is pasted there. */
export interface Row {
  why: string
  scenario?: VariantName
  change?: WorldChange
  input?: Partial<RequestInput>
  /**
   * The findings that a check makes of this world, where no plan would have them: by the function that a run asks.
   * Without it a plan is made before and after.
   */
  findings?: (world: Workshop) => readonly Finding[]
  /** The commands change nothing, and the finding says so. */
  looks?: true
  /** What the stand-ins say to a call that they do not serve: the command is whole, and came as far as that. */
  unserved?: RegExp
}

export type Rows = Partial<Record<CodeWithCommand, readonly Row[]>>

export const ref = { kind: 'Deployment', name: 'carts' } as const
export const { namespace } = workshop

export const workshopRole = ({ aws }: Workshop) => {
  const found = aws.state.roles.get(workshop.role)
  if (!found) throw new Error('the workshop has no role')
  return found
}

export const cartsObject = ({ cluster: { store } }: Workshop) =>
  store.read(resources.deployments, namespace, 'carts')

export const changingCarts =
  (change: (spec: NonNullable<Deployment['spec']>) => void): WorldChange =>
  ({ cluster: { store } }) =>
    void store.mutate(resources.deployments, namespace, 'carts', (draft) => {
      if (draft.spec) change(draft.spec)
      return draft
    })

export const trusting =
  (...statements: object[]): WorldChange =>
  (world) => {
    workshopRole(world).trust = JSON.stringify({ Version: '2012-10-17', Statement: statements })
  }

export const [usual = {}] = podIdentityTrust.Statement as object[]
export const granting = (actions: unknown, on: unknown) => ({
  Effect: 'Allow',
  Action: actions,
  Resource: on,
})
export const policy = (...statements: object[]) =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements })

export const associated =
  (more: object = {}): WorldChange =>
  (world) =>
    void world.aws.state.addAssociation({
      clusterName: workshop.cluster,
      namespace,
      serviceAccount: workshop.serviceAccount,
      roleArn: roleArn(world.aws.state),
      ...more,
    })

const before = new WeakMap<Workshop, Set<string>>()

/** The pods of `carts` that were there when this was first asked of the world, as far as they are there still. */
export const firstPods = (world: Workshop): Pod[] => {
  const pods = cartsPods(world) as Pod[]
  const names = before.get(world) ?? new Set(pods.map(nameOf))
  before.set(world, names)
  return pods.filter((pod) => names.has(nameOf(pod)))
}

export const nameOf = (pod: Pod): string => pod.metadata?.name ?? ''
