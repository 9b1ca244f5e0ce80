import { type AwsOptions, type AwsStandIn, startAws } from '../../../local/aws/index.ts'
import { type Scenario, startWorld, type World, type WorldOptions } from '../../../local/world.ts'

/** For what counts calls, or compares pages with AWS's own: as many items on a page as each service gives. */
export const fullPages = { pageSize: undefined }

/** So that whoever forgets to ask for the next page sees less than there is, in every test. */
const smallPages = { pageSize: 1 }

type AnySize<Options> = Omit<Options, 'pageSize'> & { pageSize?: number | undefined }
export type TestWorldOptions = AnySize<WorldOptions>

/** The AWS stand-in of a test. No page of a list holds more than one item, unless the test says so. */
export const startTestAws = (options: AnySize<AwsOptions> = {}): Promise<AwsStandIn> =>
  startAws({ ...smallPages, ...options } as AwsOptions)

/** All stand-ins of a scenario, for a test. No page of AWS's lists holds more than one item, unless the test says so. */
export const startTestWorld = (scenario: Scenario, options: TestWorldOptions = {}): Promise<World> =>
  startWorld(scenario, { ...smallPages, ...options } as WorldOptions)
