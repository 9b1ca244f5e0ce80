import { type AwsOptions, type AwsStandIn, startAws } from '../../../local/aws/index.ts'
import type { PageSize } from '../../../local/aws/server.ts'
import { type Scenario, startWorld, type World, type WorldOptions } from '../../../local/world.ts'

/** For what counts calls, or compares pages with AWS's own: as many items on a page as each service gives. */
export const fullPages = { pageSize: undefined }

/** Lists that every run reads, and again and again: as many items that a run's still has several pages. */
const longLists: Record<string, number> = { GetExecutionHistory: 50, SimulatePrincipalPolicy: 8 }

/** So that whoever forgets to ask for the next page sees less than there is, in every test. */
const smallPages = { pageSize: (operation: string): number => longLists[operation] ?? 1 }

type AnySize<Options> = Omit<Options, 'pageSize'> & { pageSize?: PageSize | undefined }
export type TestWorldOptions = AnySize<WorldOptions>

/** The AWS stand-in of a test. The pages of lists are small, unless the test says so. */
export const startTestAws = (options: AnySize<AwsOptions> = {}): Promise<AwsStandIn> =>
  startAws({ ...smallPages, ...options } as AwsOptions)

/** All stand-ins of a scenario, for a test. The pages of AWS's lists are small, unless the test says so. */
export const startTestWorld = (scenario: Scenario, options: TestWorldOptions = {}): Promise<World> =>
  startWorld(scenario, { ...smallPages, ...options } as WorldOptions)
