import { type Config, fits } from '../config.ts'
import { partitionOf } from '../partitions/partitions.ts'
import { covers, hasWildcard } from '../policy/pattern.ts'
import { faultLine, type ValueFault } from '../text/value-fault.ts'
import { type Binding, type Override, regionsOf } from './expand/binding.ts'
import { isForAccount } from './expand/select.ts'
import { fillText } from './expand/template.ts'

const ownBindings = (config: Config): [name: string, binding: Binding][] =>
  Object.entries(config.bindings).filter(([, binding]) => isForAccount(binding, config.account))

/** Every pattern of cluster names that the settings let podid touch. */
export const clusterPatterns = (config: Config): { pattern: string; region: string }[] => {
  const declared = [
    ...ownBindings(config).flatMap(([, binding]) =>
      regionsOf(binding, config.region).map((region) => ({ pattern: binding.cluster, region })),
    ),
    ...config.clusters.others.map((pattern) => ({ pattern, region: config.region })),
  ]
  return [...new Map(declared.map((one) => [`${one.region} ${one.pattern}`, one])).values()]
}

/** Those of them that policies name: without those that another one covers. Of two that cover each other the first stays. */
export const grantedClusters = (config: Config): { pattern: string; region: string }[] => {
  const patterns = clusterPatterns(config)
  return patterns.filter(
    (one, index) =>
      !patterns.some(
        (other, place) =>
          other.region === one.region &&
          covers(other.pattern, one.pattern) &&
          (place < index || !covers(one.pattern, other.pattern)),
      ),
  )
}

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

/** What a binding may come to say of a role, by itself or by one of its overrides. */
interface Variant {
  fields: Partial<Pick<Binding, 'role' | 'targetRole' | 'formerRoles'>>
  path: readonly PropertyKey[]
  cluster: string
  namespace: string
  serviceAccount: string
}

const variantsOf = (binding: Binding, account: string): Variant[] => [
  { fields: binding, path: [], ...placeOf(binding) },
  ...overridesIn(binding, account).map(
    ([index, { where, ...fields }]): Variant => ({
      fields: fields as Variant['fields'],
      path: ['overrides', index],
      cluster: narrower(where.cluster, binding.cluster),
      namespace: narrower(where.namespace, binding.namespace),
      serviceAccount: narrower(where.serviceAccount, binding.serviceAccount),
    }),
  ),
]

const overridesIn = ({ overrides }: Binding, account: string): [number, Override][] =>
  [...overrides.entries()].filter(([, { where }]) => where.account === undefined || where.account === account)

const placeOf = ({ cluster, namespace, serviceAccount }: Binding) => ({ cluster, namespace, serviceAccount })

const literals = (pattern: string): number => pattern.replaceAll(/[*?]/g, '').length

/** Of two patterns that a name has to fit, the one that says more of it. */
const narrower = (one: string | undefined, other: string): string =>
  one !== undefined && (literals(one) > literals(other) || !hasWildcard(one)) ? one : other

/** A role's template as a pattern of ARNs: each placeholder as far as the binding says what may stand there. */
const patternOf = (config: Config, region: string, variant: Variant, template: string): string => {
  const { cluster, namespace, serviceAccount } = variant
  const filled = fillText(template, { account: config.account, region, cluster, namespace, serviceAccount })
  return filled.startsWith('arn:')
    ? filled
    : `arn:${partitionOf(config.region)}:iam::${config.account}:role/${filled}`
}

interface NamedRole {
  arn: string
  field: 'role' | 'targetRole' | 'formerRoles'
  path: readonly PropertyKey[]
  variant: Variant
}

/** Every role that a binding may come to name, as an ARN or a pattern of ARNs. */
const rolesIn = (config: Config, binding: Binding): NamedRole[] =>
  variantsOf(binding, config.account).flatMap((variant) =>
    regionsOf(binding, config.region).flatMap((region) => {
      const { role, targetRole, formerRoles = [] } = variant.fields
      const named = (field: NamedRole['field'], template: string, index?: number): NamedRole => ({
        arn: patternOf(config, region, variant, template),
        field,
        path: [...variant.path, field, ...(index === undefined ? [] : [index])],
        variant,
      })
      return [
        ...(role === undefined ? [] : [named('role', role)]),
        ...(targetRole === undefined ? [] : [named('targetRole', targetRole)]),
        ...formerRoles.map((one, index) => named('formerRoles', one, index)),
      ]
    }),
  )

/** A pattern of roles that begins with a name or a path: whoever may pass every role may become an administrator. */
const beginsNamed = /^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@-]/

/**
 * What of the bindings' templates cannot be granted to a deployed stage, whose policies name roles by patterns: a
 * pattern that says nothing of how the roles' names begin would be all roles of the account.
 */
export const ungrantable = (config: Config): ValueFault[] => {
  const faults = ownBindings(config).flatMap(([name, binding]) =>
    rolesIn(config, binding)
      .filter(({ arn }) => hasWildcard(arn) && !beginsNamed.test(asGranted(config, arn)))
      .map(
        ({ arn, path }): ValueFault => ({
          path: ['bindings', name, ...path],
          said: `may be any role of the pattern ${arn}, which a deployed stage is not to pass: begin its name with letters or a path of its own, such as podid/{cluster}`,
        }),
      ),
  )
  return [...new Map(faults.map((fault) => [faultLine(fault), fault])).values()]
}

/** The roles that podid may make, each once. */
export const makeableRoles = (config: Config): MakeableRole[] => {
  const all = ownBindings(config).flatMap(([, binding]) => {
    const overrides = overridesIn(binding, config.account).map(([, override]) => override)
    const versions: Pick<Override, 'createRole' | 'permissionsBoundary'>[] = [binding, ...overrides]
    if (!versions.some(({ createRole }) => createRole)) return []
    const boundaries = new Set([
      binding.permissionsBoundary,
      ...overrides.flatMap(({ permissionsBoundary }) => permissionsBoundary ?? []),
    ])
    return rolesIn(config, binding)
      .filter(({ field }) => field === 'role')
      .flatMap(({ arn, variant: { cluster, namespace, serviceAccount } }) => {
        const role = asGranted(config, arn)
        const madeFor = role === arn ? `${cluster}/${namespace}/${serviceAccount}` : `${cluster}/*`
        return [...boundaries].map((boundary): MakeableRole => ({ role, boundary, madeFor }))
      })
  })
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()]
}

/** Whether IAM Access Analyzer may be asked about a role before it is made. */
export const asksAccessAnalyzer = (config: Config): boolean =>
  ownBindings(config).some(([, binding]) => {
    const versions: Pick<Override, 'createRole' | 'accessAnalyzer'>[] = [binding, ...binding.overrides]
    return versions.some(({ createRole }) => createRole) && versions.some((one) => one.accessAnalyzer)
  })

/** The roles whose trust podid may write. */
const trustRolesOf = (config: Config): string[] => {
  const arns = ownBindings(config).flatMap(([, binding]) => {
    const overrides = overridesIn(binding, config.account).map(([, override]) => override)
    const versions: Pick<Override, 'manageTrust'>[] = [binding, ...overrides]
    return versions.some(({ manageTrust }) => manageTrust)
      ? rolesIn(config, binding).flatMap(({ field, arn }) => (field === 'role' ? [arn] : []))
      : []
  })
  return [...new Set(arns.map((arn) => asGranted(config, arn)))]
}

/** The roles that podid hands to pods, those whose trust it may write, those that an undo may have to put back, and those in between. */
export const rolesOf = (
  config: Config,
): { roles: string[]; formerRoles: string[]; targetRoles: string[]; trustRoles: string[] } => {
  const all = ownBindings(config).flatMap(([, binding]) => rolesIn(config, binding))
  const of = (wanted: NamedRole['field']) => [
    ...new Set(all.filter(({ field }) => field === wanted).map(({ arn }) => asGranted(config, arn))),
  ]
  return {
    roles: of('role'),
    formerRoles: of('formerRoles'),
    targetRoles: of('targetRole'),
    trustRoles: trustRolesOf(config),
  }
}
