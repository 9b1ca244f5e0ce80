import { expect, it } from 'vitest'
import type { RequestInput } from '../../../core/request-input.ts'
import { irsaAnnotation } from '../../../core/workload/workload.ts'
import { resources } from '../../../local/kubernetes/store/resources.ts'
import { roleArn, workshop } from '../../../local/scenarios/workshop/index.ts'
import { tallyOf } from '../../../local/scenarios/workshop/steady-calls.ts'
import { cartsPods, startWorkshop, type Workshop } from '../../support/run.ts'

const { namespace, serviceAccount } = workshop

const trustOf = ({ aws }: Workshop) => aws.state.roles.get(workshop.role)?.trust ?? ''
const annotationOf = ({ cluster: { store } }: Workshop) =>
  store.get(resources.serviceaccounts, namespace, serviceAccount)?.metadata.annotations?.[irsaAnnotation]
/** Where the pods have their credentials from. */
const sources = (world: Workshop) =>
  cartsPods(world).map(({ spec }) => {
    const names = spec?.containers[0]?.env?.map(({ name }) => name) ?? []
    return names.includes('AWS_WEB_IDENTITY_TOKEN_FILE')
      ? 'irsa'
      : names.includes('AWS_CONTAINER_CREDENTIALS_FULL_URI')
        ? 'association'
        : 'none'
  })
const began: Partial<RequestInput> = { migrate: 'irsa', manageTrust: true }
const finish: Partial<RequestInput> = { ...began, finish: true, removeOidcTrust: true }
const undoing = (asked: Partial<RequestInput>, before: unknown): Partial<RequestInput> =>
  ({ ...asked, mode: 'undo', before }) as Partial<RequestInput>

it('moves a workload from IRSA and back, act by act, while its pods have credentials at every moment', async () => {
  await using world = await startWorkshop({ scenario: 'from-irsa' })
  const trustBefore = trustOf(world)
  const annotation = roleArn(world.aws.state)
  expect(sources(world)).toEqual(['irsa', 'irsa'])
  const tally = tallyOf(world.aws)

  const first = await world.enable(began)
  expect(first.report).toMatchObject({ outcome: 'enabled' })
  expect(first.report?.changes.map(({ kind, state }) => [kind, state])).toEqual([
    ['trust', 'done'],
    ['association', 'done'],
    ['restart', 'done'],
  ])
  const both = JSON.parse(trustOf(world)) as { Statement: unknown[] }
  expect(both.Statement).toEqual([
    ...(JSON.parse(trustBefore) as { Statement: unknown[] }).Statement,
    expect.objectContaining({ Principal: { Service: 'pods.eks.amazonaws.com' } }),
  ])
  expect(sources(world)).toEqual(['association', 'association'])
  expect(annotationOf(world)).toBe(annotation)
  await world.clock.sleep(60_000)

  const second = await world.enable(finish)
  expect(second.report).toMatchObject({ outcome: 'enabled', findings: expect.any(Array) })
  expect(second.report?.changes.map(({ kind, state }) => [kind, state])).toEqual([
    ['annotation', 'done'],
    ['trust', 'done'],
  ])
  expect(annotationOf(world)).toBeUndefined()
  expect(trustOf(world)).not.toContain('oidc-provider')
  await world.clock.sleep(60_000)

  // The first act alone cannot be undone now: without annotation the pods would have nothing.
  const refused = await world.enable(undoing(began, first.before))
  expect(refused.report?.undo?.kept.join()).toContain('Undo the run that finished the migration first')
  // The pods stay too, so that there is no rollout back to wait for, and nothing to finish by hand.
  expect(refused.report).toMatchObject({ outcome: 'undone', undo: { left: [] } })
  expect(refused.report?.durationMs).toBeLessThan(10_000)
  expect(sources(world)).toEqual(['association', 'association'])

  const undone = await world.enable(undoing(finish, second.before))
  expect(undone.report).toMatchObject({ outcome: 'undone', undo: { left: [], kept: [] } })
  expect(annotationOf(world)).toBe(annotation)
  expect(trustOf(world)).toBe(second.before?.trust?.found)

  const back = await world.enable(undoing(began, first.before))
  expect(back.report?.undo).toMatchObject({ left: [], kept: [] })
  expect(trustOf(world)).toBe(trustBefore)
  expect(world.aws.associations.list(workshop.cluster)).toEqual([])
  expect(sources(world)).toEqual(['irsa', 'irsa'])
  await world.clock.sleep(60_000)

  expect(tally.failed).toEqual([])
  expect(tally.made).toBeGreaterThan(40)
})
