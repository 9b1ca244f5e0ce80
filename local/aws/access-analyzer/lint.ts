import type {
  PathElement,
  ValidatePolicyFinding,
  ValidatePolicyFindingType,
} from '@aws-sdk/client-accessanalyzer'
import { asList, type Fields, isFields } from '../../../core/policy/document.ts'
import { covers } from '../../../core/policy/pattern.ts'
import { isUnknownAction } from '../../../core/role/actions/check.ts'
import { AwsFailure } from '../failure.ts'

/** One check: what AWS calls it, and what its finding says. */
interface Check {
  code: string
  type: ValidatePolicyFindingType
  says: string
}

/**
 * The checks that are made here, of over a hundred that AWS makes, with the words of its reference. A document in
 * which these find nothing may have findings of others at AWS.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
 */
const checks = {
  syntax: ['JSON_SYNTAX_ERROR', 'ERROR', 'Fix the JSON syntax error.'],
  version: [
    'MISSING_VERSION',
    'WARNING',
    'We recommend that you specify the Version element to help you with debugging permission issues.',
  ],
  statement: ['MISSING_STATEMENT', 'ERROR', 'Add a statement to the policy'],
  effect: [
    'MISSING_EFFECT',
    'ERROR',
    'Add an Effect element to the policy statement with a value of Allow or Deny.',
  ],
  effectValue: ['INVALID_EFFECT', 'ERROR', 'The effect is not valid. Use Allow or Deny.'],
  action: ['MISSING_ACTION', 'ERROR', 'Add an Action or NotAction element to the policy statement.'],
  resource: ['MISSING_RESOURCE', 'ERROR', 'Add a Resource or NotResource element to the policy statement.'],
  principal: ['MISSING_PRINCIPAL', 'ERROR', 'Add a Principal element to the policy statement.'],
  unsupportedPrincipal: [
    'UNSUPPORTED_PRINCIPAL',
    'ERROR',
    'The policy type does not support the Principal element. Remove the Principal element.',
  ],
  sids: [
    'UNIQUE_SIDS_REQUIRED',
    'ERROR',
    'Duplicate statement IDs are not supported for this policy type. Update the Sid value.',
  ],
  noSuchAction: ['INVALID_ACTION', 'ERROR', 'The action does not exist.'],
  arnPrefix: ['INVALID_ARN_PREFIX', 'ERROR', 'Add the required prefix (arn) to the resource ARN.'],
  arnAccount: [
    'INVALID_ARN_ACCOUNT',
    'ERROR',
    'The resource ARN account ID is not valid. Provide a 12-digit account ID.',
  ],
  notPrincipal: [
    'ALLOW_WITH_NOT_PRINCIPAL',
    'SECURITY_WARNING',
    'Using Allow with NotPrincipal can be overly permissive. We recommend that you use Principal instead.',
  ],
  passRole: [
    'PASS_ROLE_WITH_STAR_IN_RESOURCE',
    'SECURITY_WARNING',
    'Using the iam:PassRole action with wildcards (*) in the resource can be overly permissive because it allows iam:PassRole permissions on multiple resources. We recommend that you specify resource ARNs or add the iam:PassedToService condition key to your statement.',
  ],
  passRoleWide: [
    'PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE',
    'SECURITY_WARNING',
    'Using wildcards (*) in the action and the resource can be overly permissive because it allows iam:PassRole permissions on all resources. We recommend that you specify resource ARNs or add the iam:PassedToService condition key to your statement.',
  ],
  noActions: [
    'EMPTY_ARRAY_ACTION',
    'SUGGESTION',
    'This statement includes no actions and does not affect the policy. Specify actions.',
  ],
  noResources: [
    'EMPTY_ARRAY_RESOURCE',
    'SUGGESTION',
    'This statement includes no resources and does not affect the policy. Specify resources.',
  ],
  redundantAction: [
    'REDUNDANT_ACTION',
    'SUGGESTION',
    'The action(s) are redundant because they provide similar permissions. Update the policy to remove the redundant action such as: ',
  ],
} as const satisfies Readonly<Record<string, readonly [Check['code'], Check['type'], Check['says']]>>

/** What ValidatePolicy finds in a document. Paths lead to what is wrong; spans are always the whole document. */
export const lintPolicy = (
  text: string,
  policyType: string,
  resourceType: string | undefined,
): ValidatePolicyFinding[] => {
  if (policyType !== 'IDENTITY_POLICY' && !isTrust(resourceType))
    throw new AwsFailure(
      'NotImplemented',
      `The stand-in validates identity policies and trust policies, and no ${resourceType ?? policyType}`,
      { status: 501 },
    )
  const found = (name: keyof typeof checks, path: PathElement[], more = ''): ValidatePolicyFinding => {
    const [issueCode, findingType, says] = checks[name]
    return {
      issueCode,
      findingType,
      findingDetails: `${says}${more}`,
      learnMoreLink: linkTo(issueCode, findingType),
      locations: [{ path, span: wholeOf(text) }],
    }
  }
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    return [found('syntax', [])]
  }
  if (!isFields(document)) return [found('syntax', [])]
  const statements = asList(document.Statement)
  const sids = statements.flatMap((one) => (isFields(one) && typeof one.Sid === 'string' ? [one.Sid] : []))
  return [
    ...(document.Version === undefined ? [found('version', [])] : []),
    ...(document.Statement === undefined ? [found('statement', [])] : []),
    ...(new Set(sids).size < sids.length ? [found('sids', [{ value: 'Statement' }])] : []),
    ...statements.flatMap((statement, index) => {
      if (!isFields(statement)) return [found('syntax', at(index))]
      return faultsOf(statement, policyType, resourceType).map(([name, member, more]) =>
        found(name, at(index, member), more),
      )
    }),
  ]
}

type Fault = [check: keyof typeof checks, member?: string, more?: string]

const faultsOf = (statement: Fields, policyType: string, resourceType: string | undefined): Fault[] => {
  const { Effect, Action, NotAction, Resource, NotResource, Principal, NotPrincipal } = statement
  const ofResource = policyType === 'RESOURCE_POLICY'
  const actions = asList(Action).map(String)
  const faults: (Fault | false)[] = [
    Effect === undefined && ['effect'],
    Effect !== undefined && Effect !== 'Allow' && Effect !== 'Deny' && ['effectValue', 'Effect'],
    Action === undefined && NotAction === undefined && ['action'],
    // A trust policy has no resources: it is the role's own.
    Resource === undefined && NotResource === undefined && !isTrust(resourceType) && ['resource'],
    ofResource && Principal === undefined && NotPrincipal === undefined && ['principal'],
    !ofResource && Principal !== undefined && ['unsupportedPrincipal', 'Principal'],
    Effect === 'Allow' && NotPrincipal !== undefined && ['notPrincipal', 'NotPrincipal'],
    Array.isArray(Action) && Action.length === 0 && ['noActions', 'Action'],
    Array.isArray(Resource) && Resource.length === 0 && ['noResources', 'Resource'],
    ...actions.map(
      (action): Fault | false => isUnknownAction(action) && ['noSuchAction', 'Action', ` ${action}`],
    ),
    ...asList(Resource).map(
      (resource): Fault | false => !/^(?:arn:|\*$)/.test(String(resource)) && ['arnPrefix', 'Resource'],
    ),
    ...asList(Resource).map(
      (resource): Fault | false => hasNoAccount(String(resource)) && ['arnAccount', 'Resource'],
    ),
    passedRoles(statement, actions),
    ...actions.map((action, place): Fault | false => {
      const other = actions.find(
        (one, where) => where !== place && covers(one.toLowerCase(), action.toLowerCase()),
      )
      return other !== undefined && other !== action && ['redundantAction', 'Action', `${action}.`]
    }),
  ]
  return faults.filter((fault) => fault !== false)
}

/** Wildcards and variables may stand for an account, and AWS's own resources have `aws` there. */
const hasNoAccount = (resource: string): boolean => {
  const [prefix, , , , account = ''] = resource.split(':')
  return prefix === 'arn' && !/^(?:|aws|\d{12}|.*[*?$].*)$/.test(account)
}

/** Whether any role may be passed to any service. */
const passedRoles = ({ Effect, Resource, Condition }: Fields, actions: readonly string[]): Fault | false => {
  const narrowed = JSON.stringify(Condition ?? {})
    .toLowerCase()
    .includes('iam:passedtoservice')
  const anyRole = asList(Resource).some((resource) =>
    /^\*$|^arn:[^:]*:iam::[^:]*:(?:\*|role\/\*)$/.test(String(resource)),
  )
  if (Effect !== 'Allow' || narrowed || !anyRole) return false
  const passing = actions.find((action) => covers(action.toLowerCase(), 'iam:passrole'))
  if (passing === undefined) return false
  return [passing.includes('*') ? 'passRoleWide' : 'passRole', 'Resource']
}

const isTrust = (resourceType: string | undefined): boolean =>
  resourceType === 'AWS::IAM::AssumeRolePolicyDocument'

const at = (index: number, member?: string): PathElement[] => [
  { value: 'Statement' },
  { index },
  ...(member === undefined ? [] : [{ value: member }]),
]

const wholeOf = (text: string) => {
  const lines = text.split('\n')
  const end = { line: lines.length, column: lines.at(-1)?.length ?? 0, offset: text.length }
  return { start: { line: 1, column: 0, offset: 0 }, end }
}

const kinds: Readonly<Record<ValidatePolicyFindingType, string>> = {
  ERROR: 'error',
  SECURITY_WARNING: 'security-warning',
  WARNING: 'general-warning',
  SUGGESTION: 'suggestion',
}

const linkTo = (code: string, type: ValidatePolicyFindingType): string =>
  `https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html#access-analyzer-reference-policy-checks-${kinds[type]}-${code.toLowerCase().replaceAll('_', '-')}`
