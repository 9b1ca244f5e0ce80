import { pageAssets } from '../../console/server/assets.ts'
import type { FleetSeen } from '../../console/server/fleet.ts'
import { exportText, startConsole } from '../../console/server/server.ts'
import type { RawRun, ReadRun, RunSource } from '../../console/server/source.ts'
import { PreflightFailed } from '../../core/errors.ts'
import { sourceNames } from '../../core/fleet/draft.ts'
import { command } from '../../core/text/shell.ts'
import { visible } from '../../core/text/unprintable.ts'
import { graphOf } from '../../workflows/graph.ts'
import { enablePodIdentity } from '../../workflows/render.ts'
import { template } from '../../workflows/template.ts'
import { journalSource } from '../console/journal-source.ts'
import { stageSource } from '../console/stage-source.ts'
import { ownRuntime, reportingErrors } from '../direct.ts'
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
    const sources: RunSource[] = [journalSource(), ...(stage ? [stageSource(stage, flags.act ?? false)] : [])]
    const graph = graphOf(JSON.parse(template(enablePodIdentity)))
    const assets = await pageAssets()
    if (flags.export !== undefined) {
      const text = (read: ReadRun, raw: RawRun) => exportText(assets, graph, read, raw)
      process.stdout.write(visible(await exported(sources, flags.export, text)))
      return exit.done
    }
    const stopped = new Promise<void>((resolve) => {
      process.once('SIGINT', () => resolve())
      process.once('SIGTERM', () => resolve())
    })
    const running = await startConsole({
      sources,
      graph,
      assets,
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
  textOf: (read: ReadRun, raw: RawRun) => string,
): Promise<string> => {
  for (const source of sources) {
    const read = await source.read(run)
    if (read) return textOf(read, await source.raw(run))
  }
  throw new PreflightFailed(`there is no run ${run} in ${sources.map(({ label }) => label).join(' or ')}`)
}
