import { pathToFileURL } from 'node:url'
import type { Config } from '../core/config.ts'
import { enablePodIdentity, placeholders, template } from '../workflows/render.ts'
import { accessEntries } from './cluster-access.ts'
import { type FunctionSpec, physicalName, podidFunction } from './function.ts'
import { permissions } from './permissions.ts'
import { scopeOf } from './scope.ts'
import type { Storage } from './storage.ts'

/** What a function of the workflow is for, and the memory that bench/bundles.ts showed to be enough. */
type Inventory = Readonly<Record<string, Pick<FunctionSpec, 'description'> & { memoryMb?: number }>>

const inventory: Inventory = {
  resolveRequest: { description: 'Parses the input of any trigger into one request' },
  awaitCluster: { description: 'Looks whether the cluster is active' },
  ensureAccess: { description: 'Lets the other functions into a cluster, where the settings allow it' },
  checkAgent: { description: 'Checks the Pod Identity agent' },
  verifyRole: { description: "Checks the role's trust and permissions" },
  verifyWorkload: { description: 'Checks workload and ServiceAccount' },
  checkAssociation: { description: 'Looks what association is there' },
  requestApproval: { description: 'Asks a person to approve' },
  ensureAgent: { description: "Installs the agent's add-on" },
  ensureAssociation: { description: 'Creates, keeps or repoints the association' },
  awaitInjection: { description: 'Waits until new pods get the credentials' },
  restartWorkload: { description: 'Restarts the workload' },
  // Billed for as long as the watch is held, which takes no computing.
  watchRollout: { description: 'Watches the rollout', memoryMb: 256 },
  verifyCredentials: { description: 'Proves that every new pod has the credentials' },
  undo: { description: 'Puts back what a failed run changed' },
  report: { description: 'Writes the report of the run' },
}

export interface EnablementFunction {
  /** The placeholder in the definition. */
  name: string
  fn: sst.aws.Function
}

/** The text of the definition from workflows/, with its placeholders. */
export const definitionTemplate = (): string =>
  template(enablePodIdentity, pathToFileURL(`${$cli.paths.root}/workflows/`))

/** One function for each placeholder of the definition, with what it may touch. */
export const enablementFunctions = (config: Config, { table, bus }: Storage): EnablementFunction[] => {
  const text = definitionTemplate()
  const scope = scopeOf(config, physicalName)
  const timeouts = functionTimeouts(text)
  const environments: Record<string, FunctionSpec['environment']> = {
    ensureAccess: { PODID_ACCESS_ENTRIES: JSON.stringify(accessEntries(config, physicalName)) },
    requestApproval: { PODID_TABLE_ARN: table.arn, PODID_EVENT_BUS_ARN: bus.arn },
  }
  return placeholders(text).map((name) => {
    const listed = inventory[name]
    if (!listed) throw new Error(`the definition invokes ${name}, which stacks/enablement.ts does not list`)
    const fn = podidFunction(
      name,
      {
        folder: 'steps',
        memoryMb: 512,
        ...listed,
        timeoutSeconds: timeouts[name] ?? 30,
        grants: permissions[name]?.(scope) ?? [],
        environment: environments[name] ?? {},
      },
      { ...config, vpc: config.clusters.vpc },
    )
    return { name, fn }
  })
}

interface States {
  States: Record<
    string,
    {
      TimeoutSeconds?: number | string
      Resource?: string
      Arguments?: { FunctionName?: string }
      Branches?: States[]
    }
  >
}

/**
 * How long each function may take, in seconds: a little less than the state that waits for it, so that a
 * function that hangs fails by its own name. Where a state waits for a person, the function itself is quick.
 */
export const functionTimeouts = (text: string): Record<string, number> => {
  const timeouts: Record<string, number> = {}
  const visit = ({ States }: States): void => {
    for (const state of Object.values(States)) {
      const [, name] = state.Arguments?.FunctionName?.match(/^\$\{(\w+)\}$/) ?? []
      const waitsForPerson = state.Resource?.endsWith('.waitForTaskToken')
      if (name && typeof state.TimeoutSeconds === 'number' && !waitsForPerson) {
        timeouts[name] = Math.min(timeouts[name] ?? Number.POSITIVE_INFINITY, state.TimeoutSeconds - 2)
      }
      for (const branch of state.Branches ?? []) visit(branch)
    }
  }
  visit(JSON.parse(text) as States)
  return timeouts
}
