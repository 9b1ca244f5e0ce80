import { expansionLine, isObstacle, isOfAll } from '../../core/fleet/expand/findings.ts'
import { visible } from '../../core/text/unprintable.ts'
import { usualFile } from '../bindings/chosen.ts'
import { expandedHere } from '../bindings/expanded.ts'
import { chosenIn } from '../bindings/in-file.ts'
import { type KubeconfigFlags, kubernetesTokenOf } from '../bindings/kubeconfig.ts'
import { ownRuntime, reportingErrors } from '../direct.ts'
import { type ExitCode, exit } from '../exit.ts'
import { bindingsSeen } from '../look/bindings-view.ts'
import { formatOf, formatted } from '../render/formats.ts'

export interface BindingsFlags extends KubeconfigFlags {
  file?: string
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
    const { config, declared } = chosenIn(flags.file ?? usualFile, flags)
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
