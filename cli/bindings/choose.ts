import { invokedAs } from '../invoked.ts'
import { UsageError } from '../usage-error.ts'
import { type ChosenBinding, type ChosenBindings, type SelectionFlags, usualFile } from './chosen.ts'
import { withCluster } from './defaults.ts'
import { type Flags, fieldsFrom } from './fields.ts'
import type { KubeconfigFlags } from './kubeconfig.ts'
import { describesOne, whichBinding } from './named.ts'

/**
 * What a command line is about: the binding that its flags describe, or those that it chooses of a file. All faults
 * of the file are found before anything is called.
 * @param name the command's, for the command lines in messages
 * @throws UsageError
 */
export const targetsFrom = async (
  name: string,
  flags: Flags & SelectionFlags & KubeconfigFlags,
): Promise<ChosenBindings> => {
  const given = fieldsFrom(flags)
  const file = flags.file ?? (flags.binding || flags.all ? usualFile : undefined)
  if (file === undefined && !describesOne(given)) throw new UsageError(whichBinding(invokedAs(), name))
  if (file === undefined) return { targets: [{ name: '', input: await withCluster(given, flags) }] }
  // What reads YAML, and the settings' schema, take longer to load than a run without a file takes to begin.
  const { targetsInFile } = await import('./in-file.ts')
  return targetsInFile(name, file, flags)
}

/** As targetsFrom, for a command that is about one binding. @throws UsageError where several are chosen */
export const targetFrom = async (
  name: string,
  flags: Flags & SelectionFlags & KubeconfigFlags,
): Promise<ChosenBinding> => {
  const { targets } = await targetsFrom(name, flags)
  const [target, other] = targets
  if (!target || other)
    throw new UsageError(
      `${name} is for one binding, and ${targets.length} are chosen: choose one with --binding`,
    )
  return target
}
