import { workshopBinding } from '../../local/scenarios/workshop/binding.ts'
import { workshop, workshopScenario } from '../../local/scenarios/workshop/index.ts'
import { startWorld } from '../../local/world.ts'
import { type ExitCode, exit } from '../exit.ts'
import { manualRunName, runLocally } from '../run.ts'
import { type OutputFlags, output } from '../show.ts'

/** `podid demo`: the workshop's situation on the stand-ins, mended by the workflow. Needs no account and no cluster. */
export const demo = async (flags: OutputFlags): Promise<ExitCode> => {
  const world = await startWorld(workshopScenario)
  try {
    const shown = output(
      flags,
      `enable carts/carts → role ${workshop.role} on ${workshop.cluster} (stand-ins on this machine)`,
    )
    const ended = await runLocally({
      input: workshopBinding(world),
      account: world.aws.account,
      region: world.aws.region,
      name: manualRunName(world.clock.now()),
      clock: world.clock,
      aws: { endpoint: world.aws.url, credentials: async () => world.aws.credentials },
      ...shown,
    })
    const code = shown.end(ended)
    return code === exit.changes ? exit.failed : code
  } finally {
    await world.close()
  }
}
