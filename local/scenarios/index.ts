import type { Scenario } from '../world.ts'
import { workshopScenario } from './workshop/index.ts'

/** Every scenario by the name that `podid local --scenario` takes. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  workshop: workshopScenario,
}
