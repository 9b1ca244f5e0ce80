import { advise, mendWith, type Remedy } from '../../findings.ts'
import { asList, type Fields, isFields } from '../../policy/document.ts'
import { command, Words, words } from '../../text/shell.ts'
import type { RoleFacts } from '../role.ts'
import { mostCharacters, sizeOf } from '../sizes.ts'
import type { Explained } from './explained.ts'
import type { Group } from './verdicts.ts'
import type { OtherVersion } from './versions.ts'

/**
 * Grants what is missing and nothing else: in an inline policy of its own, or in managed ones where it does not
 * fit beside the inline policies that the role has.
 */
export const grantMissing = (
  explained: Explained,
  groups: readonly Group[],
  versions: readonly OtherVersion[],
): Remedy => {
  const { role } = explained
  const statements = groups.map(allowing)
  const inline = role.policies.filter(({ kind }) => kind === 'inline')
  const used = inline.reduce((sum, { document }) => sum + sizeOf(document), 0)
  const notes = versions.map(wordOnVersion)
  const whole = documentOf(statements)
  if (used + sizeOf(whole) <= mostCharacters.inlinePolicies)
    return mendWith(
      ['Grant what is missing, and nothing else, in an inline policy of its own.', ...notes].join(' '),
      putRolePolicy(role.name, newPolicyName(explained), whole),
    )
  const documents = packed(statements)
  const attached = role.policies.length - inline.length
  const crowd = `The role's inline policies have ${used} of ${mostCharacters.inlinePolicies} characters, and ${sizeOf(whole)} more do not fit`
  if (!documents || attached + documents.length > mostManaged)
    return advise(
      `${crowd}, nor do managed policies of ${mostCharacters.managedPolicy} beside the ${attached} that are attached (${mostManaged} unless the quota was raised). Take out what the role no longer needs, or give the workload a role of its own (podid role).`,
    )
  return mendWith(
    [
      `${crowd}: grant what is missing in ${documents.length === 1 ? 'a managed policy' : `${documents.length} managed policies`}.`,
      ...notes,
    ].join(' '),
    ...documents.flatMap((document, at) => {
      const name = newPolicyName(explained, at)
      return [
        command`aws iam create-policy --policy-name ${name} --policy-document ${json(document)}`,
        command`aws iam attach-role-policy --role-name ${role.name} --policy-arn ${policyArn(role, name)}`,
      ]
    }),
  )
}

/** The command that writes an inline policy. */
export const putRolePolicy = (role: string, name: string, document: object): string =>
  command`aws iam put-role-policy --role-name ${role} --policy-name ${name} --policy-document ${json(document)}`

const wordOnVersion = ({ policy, id }: OtherVersion): string => {
  const others = policy.attachedTo
  const whose =
    others === undefined
      ? 'who else has that policy could not be seen'
      : others.length > 0
        ? `${others.join(', ')} ${others.length === 1 ? 'has' : 'have'} that policy too, and would get what it grants`
        : 'it grants more than that, or takes something away'
  return `Version ${id} of policy ${policy.name} is not put in force for it: ${whose}.`
}

/**
 * Boundaries are shared, and a wider one is wider for all who have it: the role gets a copy of its own that
 * includes what is missing.
 */
export const widenBoundary = (
  { role }: Explained,
  boundary: NonNullable<RoleFacts['boundary']>,
  groups: readonly Group[],
): Remedy => {
  const document = withStatements(boundary.document, groups)
  if (!document)
    return advise(`Correct the document of the boundary ${boundary.name} first, then run this again.`)
  const size = sizeOf(document)
  if (size > mostCharacters.managedPolicy)
    return advise(
      `The boundary ${boundary.name} with what is missing would have ${size} characters without white space, and IAM takes ${mostCharacters.managedPolicy}; a role has one boundary, so it cannot be split. Have its owner shorten it.`,
    )
  if (boundary.name.endsWith(`-${role.name}`))
    return mendWith(
      `Include it in the boundary, which by its name is this role's own.`,
      command`aws iam create-policy-version --policy-arn ${boundary.arn} --set-as-default --policy-document ${json(document)}`,
    )
  const own = `${boundary.name.slice(0, 63)}-${role.name}`
  return mendWith(
    `Give the role a boundary of its own, a copy of ${boundary.name} that includes it, so that nobody else's changes. Ask whoever sets boundaries here first.`,
    command`aws iam create-policy --policy-name ${own} --policy-document ${json(document)}`,
    command`aws iam put-role-permissions-boundary --role-name ${role.name} --permissions-boundary ${policyArn(role, own)}`,
  )
}

/** Where the session policy stands. */
export const holderOf = ({ sessionInRequest }: Explained): string =>
  sessionInRequest ? 'request' : 'association'

/** Includes what is missing in the session policy of the association, which is these pods' alone. */
export const widenSession = (explained: Explained, session: unknown, groups: readonly Group[]): Remedy => {
  const document = withStatements(session, groups)
  if (!document)
    return advise(`Correct the session policy of the ${holderOf(explained)} first, then run this again.`)
  const size = sizeOf(document)
  if (size > mostCharacters.sessionPolicy)
    return advise(
      `The session policy with what is missing would have ${size} characters, and EKS takes ${mostCharacters.sessionPolicy}: use wildcards in it, or let the role's own policies do the narrowing.`,
    )
  const { identity, sessionInRequest } = explained
  if (sessionInRequest)
    return advise(
      `Write this as sessionPolicy of the request, which includes it: ${JSON.stringify(document)}`,
    )
  const { cluster, namespace, serviceAccount } = identity
  const where = words`--cluster-name ${cluster.name} --region ${cluster.arn.split(':')[3] as string}`
  const find = command`aws eks list-pod-identity-associations ${where} --namespace ${namespace} --service-account ${serviceAccount} --query 'associations[0].associationId' --output text`
  const id = new Words(`"$(${find})"`)
  return mendWith(
    'Include it in the session policy; pods get it when they are made anew.',
    command`aws eks update-pod-identity-association ${where} --association-id ${id} --policy ${json(document)}`,
  )
}

/** Managed policies that a role may have, unless the quota was raised. */
const mostManaged = 10

/** A name that no policy of the role has, since putting an inline policy would replace that one. */
const newPolicyName = ({ role, identity }: Explained, skip = 0): string => {
  const base = `podid-${identity.namespace}-${identity.serviceAccount}`.slice(0, 120)
  const taken = new Set(role.policies.map(({ name }) => name))
  const free = [base]
  for (let count = 2; free.filter((name) => !taken.has(name)).length <= skip; count++)
    free.push(`${base}-${count}`)
  return free.filter((name) => !taken.has(name))[skip] ?? base
}

const policyArn = (role: Pick<RoleFacts, 'arn'>, name: string): string => {
  const [, partition, , , account] = role.arn.split(':')
  return `arn:${partition}:iam::${account}:policy/${name}`
}

/** The statements in as few documents as a managed policy takes; undefined where one alone is too long. */
const packed = (statements: readonly Fields[]): object[] | undefined => {
  const documents: Fields[][] = []
  for (const statement of statements.flatMap(inPieces)) {
    const last = documents.at(-1)
    if (last && sizeOf(documentOf([...last, statement])) <= mostCharacters.managedPolicy) last.push(statement)
    else documents.push([statement])
  }
  const made = documents.map(documentOf)
  return made.every((document) => sizeOf(document) <= mostCharacters.managedPolicy) ? made : undefined
}

const inPieces = (statement: Fields): Fields[] => {
  const resources = asList(statement.Resource)
  if (sizeOf(documentOf([statement])) <= mostCharacters.managedPolicy || resources.length < 2)
    return [statement]
  const half = Math.ceil(resources.length / 2)
  return [resources.slice(0, half), resources.slice(half)].flatMap((part) =>
    inPieces({ ...statement, Resource: part }),
  )
}

const documentOf = (statements: readonly Fields[]) => ({ Version: '2012-10-17', Statement: statements })

/** A statement that allows what a group holds, and nothing else. */
export const allowing = ({ actions, resources }: Group): Fields => ({
  Effect: 'Allow',
  Action: actions,
  Resource: resources,
})

const withStatements = (document: unknown, groups: readonly Group[]): Fields | undefined => {
  const own = typeof document === 'string' ? parsed(document) : document
  if (!isFields(own)) return undefined
  return { Version: '2012-10-17', ...own, Statement: [...asList(own.Statement), ...groups.map(allowing)] }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A document as people read it; a long one on one line, since a report has to hold it. */
const json = (document: object): string => {
  const line = JSON.stringify(document)
  return line.length > 2000 ? line : JSON.stringify(document, null, 2)
}
