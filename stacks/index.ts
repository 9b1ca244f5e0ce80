import { accessEntries } from '../core/fleet/access.ts'
import { settingsWarnings } from '../core/operation/warnings.ts'
import { definitionTemplate, enablementFunctions } from './enablement.ts'
import { physicalName } from './function.ts'
import { integrations } from './integrations.ts'
import { startAhead } from './listening.ts'
import { alarms } from './operation/alarms.ts'
import { dashboard } from './operation/dashboard.ts'
import { rolloutWorkflow } from './rollout.ts'
import { scopeOf } from './scope.ts'
import { readSettings } from './settings.ts'
import { stateMachine } from './state-machine.ts'
import { storage } from './storage.ts'

/** Everything that a stage consists of; answers what its users need to know of it. */
export const deploy = () => {
  const config = readSettings($cli.paths.root, $app.stage)
  const scope = scopeOf(config, physicalName)
  const stored = storage()
  const functions = enablementFunctions(config, scope, stored)
  const { machine, live } = stateMachine(config, {
    id: 'Enable',
    text: definitionTemplate(),
    functions,
    policy: 'invoke',
    description: 'What new runs are started with',
  })
  const waves = rolloutWorkflow(config, scope, stored, { live, functions })
  startAhead(scope.stateMachine, functions)
  const around = integrations(config, scope, stored)
  const watched = {
    machine,
    rolloutMachine: waves.machine,
    functions: [...functions, ...waves.functions, ...around.functions],
    deadLetters: stored.deadLetters,
  }
  alarms(config, watched)
  dashboard(config.region, watched)
  const warnings = settingsWarnings(config)
  return {
    ...(warnings.length > 0 ? { warnings } : {}),
    stateMachine: live.arn,
    rolloutStateMachine: waves.live.arn,
    rolloutBucket: waves.bucket.bucket,
    table: stored.table.arn,
    eventBus: stored.bus.arn,
    // What docs/deploy.md creates on each cluster.
    accessEntries: accessEntries(config, physicalName),
    ...(around.url ? { url: around.url } : {}),
    ...(around.topic ? { topic: around.topic.arn } : {}),
  }
}
