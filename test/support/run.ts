import { type LocalRunOptions, type RunEnd, run } from '../../cli/run.ts'
import type { RequestInput } from '../../core/request.ts'
import type { RunEvent } from '../../core/run-events/event.ts'
import { resources } from '../../local/kubernetes/store/resources.ts'
import { scenarios } from '../../local/scenarios/index.ts'
import { workshopBinding } from '../../local/scenarios/workshop/binding.ts'
import { workshop } from '../../local/scenarios/workshop/index.ts'
import type { VariantName } from '../../local/scenarios/workshop/variants.ts'
import { startWorld, type World, type WorldOptions } from '../../local/world.ts'

export interface Workshop extends World {
  /** Runs the workshop's binding, changed as the test says, through the whole workflow. */
  enable(
    change?: Partial<RequestInput>,
    options?: Partial<LocalRunOptions>,
  ): Promise<RunEnd & { events: RunEvent[] }>
  cluster: NonNullable<ReturnType<World['clusters']['get']>>
}

/** The workshop's situation in virtual time. Closing it is the caller's: `await using`. */
export const startWorkshop = async ({
  scenario = 'workshop',
  ...options
}: WorldOptions & { scenario?: 'workshop' | VariantName } = {}): Promise<Workshop & AsyncDisposable> => {
  const told = scenarios[scenario]
  if (!told) throw new Error(`there is no scenario ${scenario}`)
  const world = await startWorld(told, { time: 'jump', ...options })
  const cluster = world.clusters.get(workshop.cluster)
  if (!cluster) throw new Error('the workshop has no cluster')
  let runs = 0
  return {
    ...world,
    cluster,
    enable: async (change = {}, runOptions = {}) => {
      const events: RunEvent[] = []
      const end = await run({
        input: { ...workshopBinding(world), ...change },
        account: world.aws.account,
        region: world.aws.region,
        name: `test-${++runs}`,
        clock: world.clock,
        work: world.clock.work,
        aws: { endpoint: world.aws.url, credentials: async () => world.aws.credentials },
        onEvent: (event) => events.push(event),
        ...runOptions,
      })
      return { ...end, events }
    },
    [Symbol.asyncDispose]: () => world.close(),
  }
}

/** The pods of `carts` that are there to stay. */
export const cartsPods = ({ cluster: { store } }: Pick<Workshop, 'cluster'>) =>
  store
    .list(resources.pods, {
      namespace: workshop.namespace,
      labels: { matchLabels: { 'app.kubernetes.io/component': 'service' } },
    })
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)

export const isReady = (pod: ReturnType<typeof cartsPods>[number]): boolean =>
  pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
