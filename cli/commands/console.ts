import { existsSync } from 'node:fs'
import { pageAssets } from '../../console/server/assets.ts'
import type { FleetSeen } from '../../console/server/fleet.ts'
import {
  exportText,
  type SavedRun,
  type StartableBinding,
  startConsole,
} from '../../console/server/server.ts'
import type { RunSource } from '../../console/server/source.ts'
import { PreflightFailed } from '../../core/errors.ts'
import { sourceNames } from '../../core/fleet/draft.ts'
import { command } from '../../core/text/shell.ts'
import { visible } from '../../core/text/unprintable.ts'
import { graphOf } from '../../workflows/graph.ts'
import { enablePodIdentity, rollOutInWaves } from '../../workflows/render.ts'
import { template } from '../../workflows/template.ts'
import { targetsFrom } from '../bindings/choose.ts'
import { usualFile } from '../bindings/chosen.ts'
import { journalRollouts } from '../console/journal-rollouts.ts'
import { journalSource } from '../console/journal-source.ts'
import { stageRollouts } from '../console/stage-rollouts.ts'
import { stageSource } from '../console/stage-source.ts'
import { messageHere, ownRuntime, reportingErrors } from '../direct.ts'
import { type ExitCode, exit } from '../exit.ts'
import { invokedAs } from '../invoked.ts'
import type { RemoteFlags } from '../remote/stage.ts'
import { placesOf, surveyed } from './inventory.ts'
import { stageFor } from './runs.ts'

export type ConsoleFlags = RemoteFlags & {
  port?: number
  act?: boolean
  export?: string
  cluster?: string[]
  allClusters?: boolean
}

/** How often what is under way is looked at: a file of this machine, or calls that a stage's quota counts. */
const everyMs = { here: 500, stage: 2000 }

/** `podid console`: serves a page that shows runs, until it is stopped; with --export, one run as a file. */
export const serveConsole = (flags: ConsoleFlags): Promise<ExitCode> =>
  reportingErrors(async () => {
    const stage = await stageFor(flags)
    const runtime = ownRuntime()
    const acting = flags.act ?? false
    const sources: RunSource[] = [
      journalSource(),
      journalRollouts(),
      ...(stage ? [stageSource(runtime, stage, acting), stageRollouts(runtime, stage, acting)] : []),
    ]
    const graphs = {
      run: graphOf(JSON.parse(template(enablePodIdentity))),
      rollout: graphOf(JSON.parse(template(rollOutInWaves))),
    }
    const assets = await pageAssets()
    if (flags.export !== undefined) {
      const text = (saved: SavedRun) => exportText(assets, graphs, saved)
      process.stdout.write(visible(await exported(sources, flags.export, text)))
      return exit.done
    }
    const stopped = new Promise<void>((resolve) => {
      process.once('SIGINT', () => resolve())
      process.once('SIGTERM', () => resolve())
    })
    const running = await startConsole({
      sources,
      graphs,
      assets,
      words: messageHere,
      ...(existsSync(usualFile) ? { declared } : {}),
      ...(flags.cluster || flags.allClusters ? { fleet: () => fleetOf(flags) } : {}),
      port: flags.port ?? 0,
      everyMs: stage ? everyMs.stage : everyMs.here,
    })
    process.stdout.write(
      visible(
        `${running.url}\n\nWho has this address may do what this shell may: it is for you alone, on this machine.\n${
          stage && !flags.act
            ? `Runs of ${stage.label} are shown and not changed. To answer and undo them there:\n  ${invokedAs()} ${command`console --remote ${stage.name} --region ${stage.region} --act`}\n`
            : ''
        }Ctrl-C ends it.\n`,
      ),
    )
    await stopped
    await running.close()
    return exit.done
  })

/** The bindings of podid.yaml, as runs are started for them. */
const declared = async (): Promise<StartableBinding[]> => {
  const { targets } = await targetsFrom('console', { file: usualFile, all: true })
  return targets.map(({ name, input }) => ({ name, input }))
}

/** The inventory of the clusters, anew each time that it is looked at. */
const fleetOf = async ({ cluster, allClusters, region }: ConsoleFlags): Promise<FleetSeen> => {
  const runtime = ownRuntime()
  const places = await placesOf(runtime, {
    ...(cluster ? { cluster } : {}),
    ...(allClusters ? { allClusters } : {}),
    ...(region ? { region: [region] } : {}),
  })
  const { found, faults } = await surveyed(runtime, places)
  const cells = found.flatMap(({ items }) =>
    items.map(({ namespace, serviceAccount, uses: [first], against, pods, ...item }) => ({
      cluster: item.cluster,
      region: item.region,
      binding: `${namespace}/${serviceAccount}`,
      uses: sourceNames[first?.source ?? 'nothing'],
      role: first?.role ?? null,
      pods,
      against: against.map(({ what }) => what),
    })),
  )
  return { cells, faults }
}

const exported = async (
  sources: readonly RunSource[],
  run: string,
  textOf: (saved: SavedRun) => string,
): Promise<string> => {
  for (const source of sources) {
    const read = await source.read(run)
    if (read) return textOf({ read, raw: await source.raw(run), log: await source.log(run) })
  }
  const labels = new Set(sources.map(({ label }) => label))
  throw new PreflightFailed(`there is no run ${run} in ${[...labels].join(' or ')}`)
}
