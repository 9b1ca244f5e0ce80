import { checkPolicyDocument } from '../../../core/policy/evaluate.ts'
import type { Account } from '../account/account.ts'
import { AwsFailure } from '../failure.ts'

const malformed = (message: string): AwsFailure =>
  new AwsFailure('MalformedPolicyDocumentException', message, { status: 400 })

/** Throws MalformedPolicyDocument unless IAM would take this as a permissions policy. */
export const checkPermissionsPolicy = (document: string): void => {
  checkForm(document, 'identity')
}

/** Throws MalformedPolicyDocument unless IAM would take this as a trust policy. */
export const checkTrustPolicy = (account: Account, document: string): void => {
  const parsed = checkForm(document, 'trust')
  for (const [kind, name] of principalsOf(parsed))
    if (!exists(account, kind, name))
      throw malformed(`Invalid principal in policy: "${kind.toUpperCase()}":"${name}"`)
}

const checkForm = (document: string, kind: 'identity' | 'trust'): unknown => {
  let parsed: unknown
  try {
    parsed = JSON.parse(document)
  } catch {
    throw malformed('This policy contains invalid Json')
  }
  const [problem] = checkPolicyDocument(parsed, kind)
  if (problem)
    throw malformed(`Syntax errors in policy. ${[problem.path, problem.problem].filter(Boolean).join(': ')}`)
  return parsed
}

const principalsOf = (parsed: unknown): [kind: string, name: string][] => {
  const { Statement = [] } = parsed as { Statement?: { Principal?: unknown } | { Principal?: unknown }[] }
  return [Statement]
    .flat()
    .flatMap(({ Principal }) =>
      typeof Principal === 'object' && Principal !== null
        ? Object.entries(Principal).flatMap(([kind, names]) =>
            [names as string | string[]].flat().map((name): [string, string] => [kind, name]),
          )
        : [],
    )
}

/** IAM refuses services that do not exist and principals of this account that do not. */
const exists = (account: Account, kind: string, name: string): boolean => {
  if (kind === 'Service') return /^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$/.test(name)
  const [, owner, resource = ''] = /^arn:aws:iam::(\d{12}):(?:role|user)\/(.+)$/.exec(name) ?? []
  if (kind !== 'AWS' || owner !== account.accountId || resource === '') return true
  return account.principalId(name) !== undefined
}
