import type { Config } from '../../core/config.ts'
import type { Declared } from '../../core/fleet/expand/declared.ts'
import { expansionLine, isObstacle, isOfAll } from '../../core/fleet/expand/findings.ts'
import { orElse } from '../../core/text/distance.ts'
import { visible } from '../../core/text/unprintable.ts'
import { usualFile } from '../bindings/chosen.ts'
import { expandedHere } from '../bindings/expanded.ts'
import { chosenIn } from '../bindings/in-file.ts'
import { type KubeconfigFlags, kubernetesTokenOf } from '../bindings/kubeconfig.ts'
import { ownRuntime, reportingErrors } from '../direct.ts'
import { type ExitCode, exit } from '../exit.ts'
import { bindingsSeen } from '../look/bindings-view.ts'
import { formatOf, formatted } from '../render/formats.ts'
import { UsageError } from '../usage-error.ts'

export interface BindingsFlags extends KubeconfigFlags {
  /** Several are taken together: of them no two bindings may be for one ServiceAccount either. */
  file?: string[]
  stage?: string
  binding?: string[]
  cluster?: string
  region?: string
  output?: string
}

/**
 * `podid bindings`: what the bindings of podid.yaml come to on the clusters that there are. It changes nothing. Failed
 * where some ServiceAccount has no binding for what is wrong with the file, or a cluster could not be looked into.
 */
export const bindings = (flags: BindingsFlags): Promise<ExitCode> =>
  reportingErrors(async () => {
    const format = formatOf(flags.output)
    const { config, declared } = declaredInAll(flags.file ?? [usualFile], flags)
    const runtime = ownRuntime(kubernetesTokenOf(flags))
    const found = await expandedHere(runtime, config, declared, flags)
    // Of one cluster or region it says nothing that the bindings for others fit nothing.
    const part = flags.cluster !== undefined || flags.region !== undefined
    const findings = found.findings.filter((finding) => !(part && isOfAll(finding)))
    process.stdout.write(formatted(format, bindingsSeen({ ...found, findings })))
    for (const finding of findings) {
      const { remedy } = finding
      process.stderr.write(
        visible(`podid: ${expansionLine(finding)}\n${remedy ? `  ${remedy.advice}\n` : ''}`),
      )
    }
    return findings.some(isObstacle) ? exit.failed : exit.done
  })

/** The bindings of several files, each with the region that its own file says. @throws UsageError where they are for several accounts */
const declaredInAll = (
  files: readonly string[],
  { stage, binding: names }: Pick<BindingsFlags, 'stage' | 'binding'>,
): { config: Config; declared: Declared[] } => {
  const of = stage === undefined ? {} : { stage }
  const [only, another] = files
  if (another === undefined)
    return chosenIn(only ?? usualFile, { ...of, ...(names ? { binding: names } : {}) })
  const read = files.map((file) => ({ file, ...chosenIn(file, of) }))
  const known = read.flatMap(({ config }) => Object.keys(config.bindings))
  for (const name of names ?? [])
    if (!known.includes(name))
      throw new UsageError(`no binding ${name} in ${files.join(', ')}${orElse(name, known)}`)
  const [first] = read as [(typeof read)[number]]
  const other = read.find(({ config }) => config.account !== first.config.account)
  if (other)
    throw new UsageError(
      `${first.file} is for the account ${first.config.account} and ${other.file} for ${other.config.account}: one account at a time`,
    )
  const declared = read.flatMap(({ config, declared: own }) =>
    own
      .filter(({ name }) => !names || names.includes(name))
      .map((one) => ({ ...one, binding: { ...one.binding, region: one.binding.region ?? config.region } })),
  )
  return { config: first.config, declared }
}
