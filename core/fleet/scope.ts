import { type Config, fits } from '../config.ts'

/** Every pattern of cluster names that the settings let podid touch. */
export const clusterPatterns = (config: Config): { pattern: string; region: string }[] => {
  const declared = [
    ...Object.values(config.bindings).map(({ cluster, region }) => ({
      pattern: cluster,
      region: region ?? config.region,
    })),
    ...config.clusters.others.map((pattern) => ({ pattern, region: config.region })),
  ]
  return [...new Map(declared.map((one) => [`${one.region} ${one.pattern}`, one])).values()]
}

/** Those of them that policies name: without those that another one covers. */
export const grantedClusters = (config: Config): { pattern: string; region: string }[] => {
  const patterns = clusterPatterns(config)
  return patterns.filter(
    (one) =>
      !patterns.some(
        (other) => other !== one && other.region === one.region && covers(other.pattern, one.pattern),
      ),
  )
}

/** Whether each name that fits `narrow` fits `wide`. A star may stand for nothing, and for more than one letter. */
const covers = (wide: string, narrow: string): boolean =>
  ['', 'xx'].every((star) => fits(wide, narrow.replaceAll('*', star).replaceAll('?', 'x')))

/** A role that podid may make, or a pattern of such. */
export interface MakeableRole {
  role: string
  boundary: string | undefined
  /** For which ServiceAccounts, as its tag has it; the cluster may be a pattern. */
  madeFor: string
}

/** A role as policies name it: by the pattern of `rolePatterns` that it fits, so that they do not grow with bindings. */
const asGranted = ({ rolePatterns }: Config, arn: string): string =>
  rolePatterns.find((pattern) => fits(pattern, arn)) ?? arn

/** The roles that podid may make, each once. */
export const makeableRoles = (config: Config): MakeableRole[] => {
  const all = Object.values(config.bindings)
    .filter(({ createRole }) => createRole)
    .map(({ role: arn, permissionsBoundary: boundary, cluster, namespace, serviceAccount }) => {
      const role = asGranted(config, arn)
      return {
        role,
        boundary,
        madeFor: role === arn ? `${cluster}/${namespace}/${serviceAccount}` : `${cluster}/*`,
      }
    })
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()]
}

/** The roles that podid hands to pods, those that an undo may have to put back, and those in between. */
export const rolesOf = (
  config: Config,
): { roles: string[]; formerRoles: string[]; targetRoles: string[] } => {
  const bindings = Object.values(config.bindings)
  const once = (arns: string[]) => [...new Set(arns.map((arn) => asGranted(config, arn)))]
  return {
    roles: once(bindings.map(({ role }) => role)),
    formerRoles: once(bindings.flatMap(({ formerRoles }) => formerRoles)),
    targetRoles: once(bindings.flatMap(({ targetRole }) => targetRole ?? [])),
  }
}
