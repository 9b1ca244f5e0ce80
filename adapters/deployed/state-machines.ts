import { paginateListStateMachines, SFNClient } from '@aws-sdk/client-sfn'
import { clientOptions, onlyAnswersOfAws } from '../aws-client.ts'
import { requiredMember, restateAwsError } from '../aws-errors.ts'
import type { Runtime } from '../runtime.ts'

/**
 * The names of the state machines of the account in a region, for a person at the command line. Failures in the names of
 * core/errors.ts.
 */
export const stateMachineNames = async (runtime: Runtime, region: string): Promise<string[]> => {
  const client = onlyAnswersOfAws(new SFNClient(clientOptions(runtime, region)))
  try {
    const names: string[] = []
    for await (const page of paginateListStateMachines({ client }, {}))
      names.push(
        ...requiredMember(page.stateMachines, 'list of state machines').map(({ name }) =>
          requiredMember(name, 'name of a state machine'),
        ),
      )
    return names
  } catch (error) {
    throw restateAwsError(error, 'listing state machines')
  }
}
