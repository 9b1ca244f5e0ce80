import { enablementFunctions } from './enablement.ts'
import { readSettings } from './settings.ts'
import { workflow } from './workflow.ts'

/** Everything that a stage consists of; answers what its users need to know of it. */
export const deploy = () => {
  const config = readSettings($cli.paths.root, $app.stage)
  const functions = enablementFunctions(config)
  const machine = workflow(config, functions)
  return {
    stateMachine: machine.arn,
  }
}
