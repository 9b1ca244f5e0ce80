import type { Fields } from '../../../core/policy/document.ts'
import { checkPolicyDocument } from '../../../core/policy/evaluate.ts'
import { covers } from '../../../core/policy/pattern.ts'
import type { Account } from '../account/account.ts'
import { AwsFailure } from '../failure.ts'
import { principalExists } from './principals.ts'
import { resourceFault } from './resources.ts'

// IAM's own sentences, as far as public records of refused documents show them; where they show none, it is
// "Syntax errors in policy." with what is wrong.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html

const malformed = (message: string): AwsFailure =>
  new AwsFailure('MalformedPolicyDocumentException', message, { status: 400 })

/** Throws MalformedPolicyDocument unless IAM would take this as a permissions policy. */
export const checkPermissionsPolicy = ({ partition }: Account, document: string): void => {
  const { Version, statements } = checkForm(document, 'identity')
  if (Version !== '2012-10-17') throw malformed('Policy document must be version 2012-10-17 or greater.')
  checkPermissions(statements, partition)
}

/** Throws MalformedPolicyDocument unless STS would take this as a session policy. */
export const checkSessionPolicy = ({ partition }: Account, document: string): void =>
  checkPermissions(checkForm(document, 'identity').statements, partition)

const checkPermissions = (statements: readonly Fields[], partition: string): void => {
  checkStatements(statements)
  for (const statement of statements)
    for (const resource of texts(statement.Resource ?? statement.NotResource)) {
      const fault = resourceFault(resource, partition)
      if (fault) throw malformed(fault)
    }
}

/** Throws MalformedPolicyDocument unless IAM would take this as a trust policy. */
export const checkTrustPolicy = (account: Account, document: string): void => {
  const { statements } = checkForm(document, 'trust')
  checkStatements(statements)
  for (const statement of statements) {
    if (!texts(statement.Action).every(isAssumeAction))
      throw malformed('AssumeRole policy may only specify STS AssumeRole actions.')
    for (const [kind, name] of principalsOf(statement))
      if (!principalExists(account, kind, name))
        throw malformed(
          `Invalid principal in policy: "${kind === 'AWS' ? kind : kind.toUpperCase()}":"${name}"`,
        )
  }
}

interface Document {
  Version: unknown
  statements: readonly Fields[]
}

const checkForm = (document: string, kind: 'identity' | 'trust'): Document => {
  let parsed: unknown
  try {
    parsed = JSON.parse(document)
  } catch {
    throw malformed('This policy contains invalid Json')
  }
  const [problem] = checkPolicyDocument(parsed, kind)
  if (problem) throw malformed(sentenceFor(problem.path, problem.problem))
  const { Version, Statement } = parsed as Record<string, unknown>
  const statements = [Statement].flat() as Fields[]
  if (statements.length === 0) throw malformed('Syntax errors in policy. Statement: lists nothing')
  return { Version, statements }
}

const sentences: readonly [fault: RegExp, sentence: string][] = [
  [
    /has neither Action nor NotAction|\.(Not)?Action: lists nothing/,
    'Policy statement must contain actions.',
  ],
  [
    /has neither Resource nor NotResource|\.(Not)?Resource: lists nothing/,
    'Policy statement must contain resources.',
  ],
  [/\.(Not)?Principal: has no place/, 'Policy document should not specify a principal.'],
  [/has neither Principal nor NotPrincipal/, 'Missing required field Principal'],
  [/\.Resource: has no place/, 'Has prohibited field Resource'],
  [/\.NotResource: has no place/, 'AssumeRole policy must not contain resources.'],
]

const sentenceFor = (path: string, problem: string): string => {
  const fault = [path, problem].filter(Boolean).join(': ')
  const known = sentences.find(([pattern]) => pattern.test(fault))
  return known?.[1] ?? `Syntax errors in policy. ${fault}`
}

/** What both kinds of policies have in common. */
const checkStatements = (statements: readonly Fields[]): void => {
  const sids = statements.flatMap(({ Sid }) => texts(Sid)).filter((sid) => sid !== '')
  if (sids.some((sid) => !/^[0-9A-Za-z]*$/.test(sid)))
    throw malformed(
      'Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*',
    )
  if (new Set(sids).size < sids.length)
    throw malformed('Statement IDs (SID) in a single policy must be unique.')
  for (const { Action, NotAction, Condition } of statements) {
    for (const action of texts(Action ?? NotAction)) checkAction(action)
    const keys = Object.values((Condition ?? {}) as Fields).flatMap((block) => Object.keys(block as Fields))
    if (!keys.every((key) => key.includes(':'))) throw malformed(UNPREFACED)
  }
}

const UNPREFACED = 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.'

const checkAction = (action: string): void => {
  if (action === '*') return
  const [vendor = '', name, ...more] = action.split(':')
  if (name === undefined || name === '') throw malformed(UNPREFACED)
  if (more.length > 0) throw malformed('Actions/Condition can contain only one colon.')
  if (!/^[a-zA-Z0-9_.-]+$/.test(vendor)) throw malformed(`Vendor ${vendor} is not valid`)
}

const ASSUME_ACTIONS = [
  'sts:assumerole',
  'sts:assumerolewithsaml',
  'sts:assumerolewithwebidentity',
  'sts:tagsession',
  'sts:setsourceidentity',
  'sts:setcontext',
]

/** Wildcards are taken where they take in one of these actions; public records disagree about `sts:*`. */
const isAssumeAction = (action: string): boolean =>
  action.includes(':') && ASSUME_ACTIONS.some((known) => covers(action.toLowerCase(), known))

const principalsOf = ({ Principal, NotPrincipal }: Fields): [kind: string, name: string][] => {
  const principal = Principal ?? NotPrincipal
  if (typeof principal !== 'object' || principal === null) return []
  return Object.entries(principal).flatMap(([kind, names]) =>
    texts(names).map((name): [string, string] => [kind, name]),
  )
}

const texts = (value: unknown): string[] => (value === undefined ? [] : ([value].flat() as string[]))
