import { partitionOf } from '../../partitions/partitions.ts'
import { quote } from '../../text/quote.ts'
import { formatWorkloadRef, parseWorkloadRef } from '../../workload/workload.ts'
import type { Binding, Override, SingleBinding } from './binding.ts'
import { fillAll, type PlaceholderValues } from './template.ts'

/** What comes of a template that no ServiceAccount of this name can have. */
export interface UnfitText {
  field: 'role' | 'targetRole' | 'workload'
  said: string
}

/** A binding with the fields of those of its overrides that are for a ServiceAccount: the last one wins. */
export const withOverrides = (binding: Binding, overrides: readonly Override[]): Binding =>
  Object.assign(
    { ...binding },
    ...overrides.map(({ where: _where, skip: _skip, ...fields }) =>
      Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
    ),
  ) as Binding

/**
 * A binding as it is for one ServiceAccount of one cluster: its placeholders have these values, its role is an ARN.
 * @param binding with the overrides that are for it
 */
export const singleBinding = (
  binding: Binding,
  values: PlaceholderValues,
): { single: SingleBinding; unfit: UnfitText[] } => {
  const {
    accounts: _accounts,
    clusterTags: _clusterTags,
    namespaceLabels: _namespaceLabels,
    serviceAccountLabels: _serviceAccountLabels,
    overrides: _overrides,
    ...own
  } = binding
  const { account, region, cluster, namespace, serviceAccount } = values
  const unfit: UnfitText[] = []
  const { role, targetRole, workload, formerRoles, needs } = fillAll(
    {
      role: own.role,
      targetRole: own.targetRole,
      workload: own.workload,
      formerRoles: own.formerRoles,
      needs: own.needs,
    },
    values,
  )
  const arn = role.startsWith('arn:') ? role : `arn:${partitionOf(region)}:iam::${account}:role/${role}`
  const note = (field: UnfitText['field'], said: string | undefined) => {
    if (said !== undefined) unfit.push({ field, said })
  }
  note('role', roleFault(arn) ?? accountFault(arn, account))
  if (targetRole !== undefined) note('targetRole', roleFault(targetRole))
  return {
    single: {
      ...own,
      cluster,
      region,
      namespace,
      serviceAccount,
      role: arn,
      formerRoles,
      needs,
      ...(targetRole === undefined ? {} : { targetRole }),
      ...(workload === undefined ? {} : { workload: readable(workload, (said) => note('workload', said)) }),
    },
    unfit,
  }
}

/** `deployment/carts`, however it was written. */
const readable = (workload: string, refuse: (said: string) => void): string => {
  try {
    return formatWorkloadRef(parseWorkloadRef(workload))
  } catch (error) {
    refuse((error as Error).message)
    return workload
  }
}

const longestRoleName = 64

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const roleFault = (arn: string): string | undefined => {
  const name = arn.split('/').at(-1) ?? ''
  // What else may be wrong with an ARN is known of its template already.
  return name.length > longestRoleName
    ? `comes to ${quote(name)}, which has ${name.length} characters, and IAM takes ${longestRoleName}`
    : undefined
}

const accountFault = (arn: string, account: string): string | undefined =>
  arn.split(':')[4] === account
    ? undefined
    : `comes to ${arn}, and the cluster is in ${account}: EKS takes only a role of the cluster's own account (name the other one as targetRole)`
