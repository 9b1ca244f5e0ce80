import { podIdentityService } from '../../names.ts'
import { asList, type Fields, isFields } from '../../policy/document.ts'
import type { PodIdentity } from '../role.ts'

/** A change to a trust policy: to one statement, which goes where nothing is left of it, or one more. */
export type Mend = { at: number; change: (statement: Fields) => Fields | undefined } | { append: Fields }

/**
 * The document (one without faults, or its text) with the changes made; statements that no change names stay as they are,
 * and so does what they mean: a document without a Version gets none, since `${…}` is no variable in it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
 */
export const mendDocument = (document: unknown, mends: readonly Mend[]): Fields => {
  const fields = (typeof document === 'string' ? JSON.parse(document) : document) as Fields
  const changed = asList(fields.Statement)
    .map((statement, at) =>
      mends.reduce(
        (current, mend) =>
          'at' in mend && mend.at === at && isFields(current) ? mend.change(current) : current,
        statement,
      ),
    )
    .filter((statement) => statement !== undefined)
  const added = mends.flatMap((mend) => ('append' in mend ? [mend.append] : []))
  return { ...fields, Statement: [...changed, ...added] }
}

/**
 * Takes a principal out of a statement, and the statement with its last one. Meant for a name that is nobody's: IAM
 * refuses a document that has it.
 */
export const dropPrincipal = (at: number, type: string, name: string): Mend => ({
  at,
  change: (statement) => {
    const { [type]: names, ...others } = isFields(statement.Principal) ? statement.Principal : {}
    const left = asList(names).filter((one) => one !== name)
    const Principal = { ...others, ...(left.length > 0 && { [type]: left }) }
    return Object.keys(Principal).length > 0 ? { ...statement, Principal } : undefined
  },
})

/** Adds actions to the statement's own. */
export const addActions = (at: number, actions: readonly string[]): Mend => ({
  at,
  change: (statement) => ({ ...statement, Action: [...asList(statement.Action), ...actions] }),
})

/**
 * Exempts the pod service from a Deny that names it among everybody. The operator holds where a request has no
 * such key, so that the Deny stays as it is for everyone else.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalservicename
 */
export const exemptService = (at: number): Mend => ({
  at,
  change: (statement) => {
    const block = isFields(statement.Condition) ? statement.Condition : {}
    const own = isFields(block.StringNotEquals) ? block.StringNotEquals : {}
    return {
      ...statement,
      Condition: {
        ...block,
        StringNotEquals: { ...own, 'aws:PrincipalServiceName': podIdentityService },
      },
    }
  },
})

/** What a trust policy says of who may be let in, from the narrowest to what AWS's guide begins with. */
export type Width = 'pods' | 'cluster'

/**
 * The statement that lets EKS assume a role for these pods and no others: this ServiceAccount's by the tags that
 * EKS puts on the request, this cluster's where there are none.
 * https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
 */
export const podIdentityStatement = (identity: PodIdentity, width: Width = 'pods'): Fields => ({
  Effect: 'Allow',
  Principal: { Service: podIdentityService },
  Action: identity.sessionTags ? ['sts:AssumeRole', 'sts:TagSession'] : 'sts:AssumeRole',
  Condition: {
    StringEquals:
      identity.sessionTags && width === 'pods'
        ? podTags(identity)
        : { 'aws:SourceAccount': identity.account, 'aws:SourceArn': identity.cluster.arn },
  },
})

/** Conditions on the request's tags that only these pods meet. */
export const podTags = ({ cluster, namespace, serviceAccount }: PodIdentity): Record<string, string> => ({
  'aws:RequestTag/eks-cluster-arn': cluster.arn,
  'aws:RequestTag/kubernetes-namespace': namespace,
  'aws:RequestTag/kubernetes-service-account': serviceAccount,
})
