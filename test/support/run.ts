import { type LocalRunOptions, type RunEnd, runLocally } from '../../cli/run.ts'
import { Refused } from '../../core/errors.ts'
import type { Request } from '../../core/request.ts'
import type { RequestInput } from '../../core/request-input.ts'
import type { RunEvent } from '../../core/run-events/event.ts'
import { resources } from '../../local/kubernetes/store/resources.ts'
import { scenarios } from '../../local/scenarios/index.ts'
import { workshopBinding } from '../../local/scenarios/workshop/binding.ts'
import { workshop } from '../../local/scenarios/workshop/index.ts'
import type { VariantName } from '../../local/scenarios/workshop/variants.ts'
import type { World } from '../../local/world.ts'
import { startTestWorld, type TestWorldOptions } from './servers/small-pages.ts'

export interface Workshop extends World {
  /** Runs the workshop's binding, changed as the test says, through the whole workflow. */
  enable(
    change?: Partial<RequestInput>,
    options?: Partial<LocalRunOptions>,
  ): Promise<RunEnd & { events: RunEvent[] }>
  cluster: NonNullable<ReturnType<World['clusters']['get']>>
}

/** Each question costs a call while something is waited for: a fraction of the seconds shows the same, for fewer. */
const pace = { propagationMs: [60, 40], startMs: 200, readyAfterMs: 300 }

/**
 * Where podid itself runs: beside a cluster of the same name in another region, for all it knows. What a step asks
 * there and not in the region of the request is refused by the stand-ins, as by AWS, in every test.
 */
const ownRegionFor = ({ aws }: World): string => (aws.partition === 'aws' ? 'eu-north-1' : aws.region)

/** The workshop's situation in virtual time. Closing it is the caller's: `await using`. */
export const startWorkshop = async ({
  scenario = 'workshop',
  ...options
}: TestWorldOptions & { scenario?: 'workshop' | VariantName } = {}): Promise<Workshop & AsyncDisposable> => {
  const chosen = scenarios[scenario]
  if (!chosen) throw new Error(`there is no scenario ${scenario}`)
  const world = await startTestWorld(chosen, {
    time: 'jump',
    ...options,
    pace: { ...pace, ...options.pace },
  })
  const cluster = world.clusters.get(workshop.cluster)
  if (!cluster) throw new Error('the workshop has no cluster')
  let runs = 0
  /** The runs under way, by their ServiceAccounts: as the records of a stage and the journals of a machine have them. */
  const turns = new Map<string, string>()
  const takeTurn = ({ namespace, serviceAccount, run }: Request) => {
    const holder = turns.get(`${namespace}/${serviceAccount}`)
    if (holder) throw new Refused(`the run ${holder} is at work on ${namespace}/${serviceAccount}`)
    turns.set(`${namespace}/${serviceAccount}`, run)
    return { message: 'no other run of this test is at work' }
  }
  return {
    ...world,
    cluster,
    enable: async (change = {}, runOptions = {}) => {
      const events: RunEvent[] = []
      const name = `test-${++runs}`
      const end = await runLocally({
        input: { ...workshopBinding(world), region: world.aws.region, ...change },
        account: world.aws.account,
        region: ownRegionFor(world),
        name,
        takeTurn,
        clock: world.clock,
        work: world.clock.work,
        aws: { endpoint: world.aws.url, credentials: async () => world.aws.credentials },
        onEvent: (event) => events.push(event),
        ...runOptions,
      }).finally(() => {
        for (const [binding, holder] of turns) if (holder === name) turns.delete(binding)
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
