import type { Scenario } from '../world.ts'
import { fleetScenario } from './fleet.ts'
import type { Variant } from './workshop/change.ts'
import { workshopScenario } from './workshop/index.ts'
import { variants } from './workshop/variants.ts'

/** Half a minute lets the cluster take a variant in: controllers act, pods come and go. */
const settleMs = 30_000

const varied = ({ description, change }: Variant): Scenario => ({
  description: `the workshop, but ${description}`,
  historyMs: workshopScenario.historyMs + settleMs,
  play: async (world) => {
    await workshopScenario.play(world)
    change(world)
    await world.clock.advance(settleMs)
  },
})

/** Every scenario by the name that `podid local --scenario` takes. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  workshop: workshopScenario,
  fleet: fleetScenario,
  ...Object.fromEntries(Object.entries(variants).map(([name, variant]) => [name, varied(variant)])),
}
