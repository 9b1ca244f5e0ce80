import type { Workshop } from '../../support/run.ts'
import { shellCommands } from '../../support/shell-words.ts'
import { runAwsCommands } from './aws-commands.ts'
import { runKubectl } from './kubectl-commands.ts'

/**
 * Runs the commands of a remedy, one after another, without a shell, the AWS CLI and kubectl: through the SDK and over
 * HTTP. Where a look filters what it is shown, it is shown all of it.
 */
export const runCommands = async (
  { aws, cluster }: Pick<Workshop, 'aws' | 'cluster'>,
  text: string,
): Promise<string> => {
  let said = ''
  for (const line of text.split(/\n(?=aws |kubectl )/)) {
    const command = line.replace(/ \| (?:grep|head|tail|sort|jq) .*$/gm, '')
    if (command.startsWith('aws ')) said += await runAwsCommands(aws, command)
    else
      for (const [program, ...args] of shellCommands(command)) {
        if (program !== 'kubectl') throw new Error(`neither aws nor kubectl: ${line}`)
        said += await runKubectl(cluster.kubeconfig, args)
      }
  }
  return said
}
