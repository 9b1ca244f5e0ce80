import { asList, type Fields, isFields } from '../../policy/document.ts'

/** EKS assumes a pod's role under this name, in every region and partition. */
export const podIdentityService = 'pods.eks.amazonaws.com'

/** A change to a trust policy: to one statement (undefined takes it out), or one more. */
export type Mend = { at: number; change: (statement: Fields) => Fields | undefined } | { append: Fields }

/** The statement every Pod Identity role needs. https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html */
export const podIdentityStatement = {
  Sid: 'AllowEksAuthToAssumeRoleForPodIdentity',
  Effect: 'Allow',
  Principal: { Service: podIdentityService },
  Action: ['sts:AssumeRole', 'sts:TagSession'],
}

/** The document with the changes made, in a form IAM accepts; statements nobody objects to stay as they are. */
export const mendDocument = (document: unknown, mends: readonly Mend[]): Fields => {
  const fields = isFields(document) ? document : {}
  const kept = asList(fields.Statement).flatMap((statement, at) => {
    const changed = mends.reduce<Fields | undefined>(
      (current, mend) => (current && 'at' in mend && mend.at === at ? mend.change(current) : current),
      isFields(statement) ? statement : undefined,
    )
    return changed ? [changed] : []
  })
  const added = mends.flatMap((mend) => ('append' in mend ? [mend.append] : []))
  return { Version: '2012-10-17', ...fields, Statement: [...kept, ...added] }
}

/** Takes the statement out. */
export const remove = (at: number): Mend => ({ at, change: () => undefined })

/** Adds actions to the statement's own. */
export const addActions = (at: number, actions: readonly string[]): Mend => ({
  at,
  change: (statement) => ({ ...statement, Action: [...asList(statement.Action), ...actions] }),
})

/** Writes the Pod Identity service where the statement names another principal. */
export const replacePrincipal = (at: number, type: string, wrong: string): Mend => ({
  at,
  change: (statement) => {
    const principal = isFields(statement.Principal) ? statement.Principal : {}
    const others = asList(principal[type]).filter((name) => name !== wrong)
    const { [type]: _replaced, ...rest } = principal
    const services = [...asList(type === 'Service' ? others : principal.Service), podIdentityService]
    return {
      ...statement,
      Principal: {
        ...rest,
        ...(type !== 'Service' && others.length > 0 && { [type]: others }),
        Service: services.length === 1 ? services[0] : services,
      },
    }
  },
})

/** Gives one key of one operator other values; without any, the key goes, and what it leaves empty. */
export const editCondition = (
  at: number,
  operator: string,
  key: string,
  edit: (values: readonly unknown[]) => readonly unknown[],
): Mend => ({
  at,
  change: (statement) => {
    const block = isFields(statement.Condition) ? statement.Condition : {}
    const keys = isFields(block[operator]) ? block[operator] : {}
    const values = [...new Set(edit(asList(keys[key])))]
    const { [key]: _key, ...otherKeys } = keys
    const newKeys =
      values.length > 0 ? { ...keys, [key]: values.length === 1 ? values[0] : values } : otherKeys
    const { [operator]: _operator, ...otherOperators } = block
    const newBlock = Object.keys(newKeys).length > 0 ? { ...block, [operator]: newKeys } : otherOperators
    const { Condition: _condition, ...unconditional } = statement
    return Object.keys(newBlock).length > 0 ? { ...statement, Condition: newBlock } : unconditional
  },
})
