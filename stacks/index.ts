import { alarms } from './alarms.ts'
import { dashboard } from './dashboard.ts'
import { enablementFunctions } from './enablement.ts'
import { readSettings } from './settings.ts'
import { storage } from './storage.ts'
import { workflow } from './workflow.ts'

/** Everything that a stage consists of; answers what its users need to know of it. */
export const deploy = () => {
  const config = readSettings($cli.paths.root, $app.stage)
  const kept = storage()
  const functions = enablementFunctions(config, kept)
  const machine = workflow(config, functions)
  const watched = { machine, functions, deadLetters: kept.deadLetters }
  alarms(config, watched)
  dashboard(config.region, watched)
  return {
    stateMachine: machine.arn,
    table: kept.table.arn,
    eventBus: kept.bus.arn,
  }
}
