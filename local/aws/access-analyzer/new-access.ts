import type { AccessCheckPolicyType, ReasonSummary } from '@aws-sdk/client-accessanalyzer'
import { asList, type Fields, isFields } from '../../../core/policy/document.ts'
import {
  type Context,
  checkPolicyDocument,
  judge,
  type PreparedPolicies,
  preparePolicies,
} from '../../../core/policy/evaluate.ts'
import { AwsFailure } from '../failure.ts'

/**
 * The statements of a new policy that allow what an existing one does not. AWS proves this for every request there
 * could be; here each statement of the new policy is put to the existing one as a question, by the project's own
 * evaluator. That decides documents of plain Allow statements, and refuses all others with 501 rather than guess.
 * https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CheckNoNewAccess.html
 */
export const newAccess = (
  newDocument: string,
  existingDocument: string,
  type: AccessCheckPolicyType,
): ReasonSummary[] => {
  const allowed = statementsOf(newDocument, 'newPolicyDocument', type)
  const before = statementsOf(existingDocument, 'existingPolicyDocument', type)
  for (const statement of [...allowed, ...before]) refuseWhatIsNotPlain(statement)
  const services = new Map<string | undefined, PreparedPolicies>()
  /** The existing policy, for the service that asks; for nobody in particular where it is no resource policy. */
  const existingFor = (service: string | undefined): PreparedPolicies => {
    const policies = [{ name: 'existing', document: existingDocument }]
    const prepared =
      services.get(service) ?? preparePolicies({ policies, ...(service === undefined ? {} : { service }) })
    services.set(service, prepared)
    return prepared
  }
  return allowed.flatMap((statement, statementIndex): ReasonSummary[] => {
    const isOld = questionsOf(statement).every(
      ({ service, ...question }) => judge(existingFor(service), question).decision === 'allowed',
    )
    if (isOld) return []
    return [
      {
        description: `New access in the statement with index: ${statementIndex}.`,
        statementIndex,
        ...(typeof statement.Sid === 'string' && { statementId: statement.Sid }),
      },
    ]
  })
}

const statementsOf = (text: string, member: string, type: AccessCheckPolicyType): Fields[] => {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    throw new AwsFailure('InvalidParameterException', `${member} is not JSON`)
  }
  const [problem] = checkPolicyDocument(document, type === 'RESOURCE_POLICY' ? 'trust' : 'identity')
  if (problem)
    throw new AwsFailure('InvalidParameterException', `${member}: ${problem.path}: ${problem.problem}`)
  return asList((document as Fields).Statement) as Fields[]
}

/** Operators whose values are the only ones that meet them. */
const exact: ReadonlySet<string> = new Set(['StringEquals', 'ArnEquals'])

const refuse = (what: string): AwsFailure =>
  new AwsFailure('NotImplemented', `The stand-in cannot decide new access by ${what}`, { status: 501 })

const refuseWhatIsNotPlain = (statement: Fields): void => {
  if (statement.Effect !== 'Allow') throw refuse(`a statement with Effect ${String(statement.Effect)}`)
  for (const element of ['NotAction', 'NotResource', 'NotPrincipal'])
    if (statement[element] !== undefined) throw refuse(element)
  const { Principal } = statement
  if (Principal !== undefined && !(isFields(Principal) && Object.keys(Principal).join() === 'Service'))
    throw refuse(`a Principal other than services: ${JSON.stringify(Principal)}`)
  const operators = isFields(statement.Condition) ? Object.entries(statement.Condition) : []
  for (const [operator, keys] of operators) {
    if (!exact.has(operator)) throw refuse(`the operator ${operator}`)
    for (const value of Object.values(keys as Fields).flatMap(asList))
      if (/[*?]|\$\{/.test(String(value))) throw refuse(`the value ${String(value)} of a condition`)
  }
}

interface AccessQuestion {
  action: string
  resource: string
  context: Context
  service: string | undefined
}

/** Everything that a statement allows: each action on each resource, under each combination of its conditions' values. */
const questionsOf = (statement: Fields): AccessQuestion[] => {
  const services = isFields(statement.Principal) ? texts(statement.Principal.Service) : [undefined]
  const resources = statement.Resource === undefined ? ['*'] : texts(statement.Resource)
  const contexts = contextsOf(isFields(statement.Condition) ? statement.Condition : {})
  const questions = texts(statement.Action).flatMap((action) =>
    resources.flatMap((resource) =>
      contexts.flatMap((context) => services.map((service) => ({ action, resource, context, service }))),
    ),
  )
  if (questions.length > most) throw refuse(`${questions.length} combinations of one statement`)
  return questions
}

const most = 20_000

const contextsOf = (condition: Fields): Context[] => {
  const keys = Object.values(condition).flatMap((block) => Object.entries(block as Fields))
  return keys.reduce<Context[]>(
    (contexts, [key, values]) =>
      contexts.length * asList(values).length > most
        ? contexts
        : contexts.flatMap((context) => texts(values).map((value) => ({ ...context, [key]: value }))),
    [{}],
  )
}

const texts = (value: unknown): string[] => asList(value).map(String)
