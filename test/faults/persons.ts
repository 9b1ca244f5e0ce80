import { restartAnnotation } from '../../core/workload/restart.ts'
import { resources } from '../../local/kubernetes/store/resources.ts'
import { podIdentityTrust } from '../../local/scenarios/workshop/account.ts'
import { workshop } from '../../local/scenarios/workshop/index.ts'
import type { Workshop } from '../support/run.ts'
import type { Interference } from './cells.ts'

const { namespace, serviceAccount } = workshop

const mutateCarts = (
  { cluster: { store } }: Workshop,
  change: (spec: NonNullable<ReturnType<typeof readCarts>['spec']>) => void,
): void =>
  void store.mutate(resources.deployments, namespace, 'carts', (draft) => {
    if (draft.spec) change(draft.spec)
    return draft
  })

export const readCarts = ({ cluster: { store } }: Workshop) =>
  store.read(resources.deployments, namespace, 'carts')

/** What a person does behind a run's back. */
export const persons: Record<Interference, (world: Workshop) => void> = {
  repoint: (world) => {
    const { aws, clock } = world
    const role = aws.state.addRole({ name: 'somebody-elses', trust: podIdentityTrust }).arn
    const there = aws.associations.find(workshop.cluster, namespace, serviceAccount)
    if (there) aws.associations.put({ ...there, roleArn: role, modifiedAt: new Date(clock.now()) })
    else aws.state.addAssociation({ clusterName: workshop.cluster, namespace, serviceAccount, roleArn: role })
  },
  'delete association': ({ aws }) => {
    const there = aws.associations.find(workshop.cluster, namespace, serviceAccount)
    if (there) aws.associations.delete(there.id)
  },
  restart: (world) =>
    mutateCarts(world, ({ template }) => {
      template.metadata = {
        ...template.metadata,
        annotations: { ...template.metadata?.annotations, [restartAnnotation]: '2026-01-01T00:00:00Z' },
      }
    }),
  'rollout undo': (world) =>
    mutateCarts(world, ({ template }) => {
      const { [restartAnnotation]: _restart, ...annotations } = template.metadata?.annotations ?? {}
      template.metadata = { ...template.metadata, annotations }
    }),
  scale: (world) =>
    mutateCarts(world, (spec) => {
      spec.replicas = 2
    }),
  edit: (world) =>
    mutateCarts(world, ({ template }) => {
      const [container] = template.spec?.containers ?? []
      if (container) container.env = [...(container.env ?? []), { name: 'EDITED', value: 'by hand' }]
    }),
}
