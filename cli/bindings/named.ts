import { existsSync } from 'node:fs'
import { parseWorkloadRef } from '../../core/workload/workload.ts'
import { UsageError } from '../usage-error.ts'
import { type SelectionFlags, usualFile } from './chosen.ts'
import type { Flags } from './fields.ts'

/**
 * The flags of a command line with what it names after the command: `deployment/carts` is a workload, and every other
 * name a binding of the file, of podid.yaml unless one is given. Where there is no file a name alone is a workload's too.
 * @throws UsageError where several workloads are named
 */
export const withNames = <Given extends Flags & SelectionFlags>(
  flags: Given,
  names: readonly string[],
): Given => {
  const hasFile = flags.file !== undefined || existsSync(usualFile)
  const workloads = names.filter((name) => isWorkload(name) || !hasFile)
  const bindings = names.filter((name) => !workloads.includes(name))
  const given = [...(flags.workload === undefined ? [] : [String(flags.workload)]), ...workloads]
  if (given.length > 1)
    throw new UsageError(
      `${given.join(' and ')}: one workload at a time; several bindings are named after the command where podid.yaml has them`,
    )
  return {
    ...flags,
    ...(bindings.length > 0 ? { binding: [...(flags.binding ?? []), ...bindings] } : {}),
    ...(given[0] === undefined ? {} : { workload: given[0] }),
  }
}

/** Whether a name says the kind of a workload: the parts of a binding by pattern do not. */
export const isWorkload = (name: string): boolean => {
  try {
    parseWorkloadRef(name)
    return true
  } catch {
    return false
  }
}

/** The flags of which each says something about one binding. */
const describing = ['namespace', 'serviceAccount', 'role', 'workload'] as const

/** Whether flags describe a binding at all. */
export const describesOne = (flags: Flags): boolean => describing.some((flag) => flags[flag] !== undefined)

/** What to give a command that is about a binding, where nothing says which. */
export const whichBinding = (podid: string, name: string): string =>
  [
    `${name} which binding?`,
    `  ${podid} ${name} NAME, or ${podid} ${name} --all: of podid.yaml${existsSync(usualFile) ? '' : `, which is not in this folder; ${podid} inventory --draft podid.yaml writes one`}`,
    `  ${podid} ${name} KIND/NAME -n NAMESPACE --role ROLE: of a workload`,
  ].join('\n')
