import {
  type EvaluationResult,
  paginateSimulatePrincipalPolicy,
  type ResourceSpecificResult,
} from '@aws-sdk/client-iam'
import type { Context } from '../../core/policy/evaluate.ts'
import type { Opinion, SecondOpinion } from '../../core/role/second-opinion.ts'
import { firstOf } from '../../core/text/list.ts'
import { restateAwsError } from '../aws-errors.ts'
import { withPatience } from '../patience.ts'
import { allItems, callOptions, type Source } from './source.ts'

/** What IAM is asked for its opinion about. */
export interface OpinionQuestion {
  roleArn: string
  /** Every action on every resource is simulated; the caller takes what it asked about. */
  asked: readonly { action: string; resource: string }[]
  /** What is known of the session that will ask. */
  context: Context
}

/** A second opinion is not waited for longer. */
const opinionWithinMs = 15_000

/**
 * Asks iam:SimulatePrincipalPolicy what it makes of a role: one request, in as many pages as it takes. A second
 * opinion is worth having and not worth failing for, so a refusal, throttling or silence is an answer that says so, and
 * what was asked and got no answer is reported too.
 */
export const simulate = async (
  source: Source,
  { roleArn, asked, context }: OpinionQuestion,
): Promise<SecondOpinion> => {
  if (asked.length === 0) return { opinions: [] }
  // IAM takes no wildcards in the names of actions here.
  const concrete = asked.filter(({ action }) => !/[*?]/.test(action))
  if (concrete.length === 0) return { opinions: [], unanswered: WILDCARDS }
  const unique = (values: string[]) => [...new Set(values)]
  const resources = unique(concrete.map(({ resource }) => resource))
  try {
    const results = await withPatience(opinionWithinMs, source.signal, (signal) =>
      allItems(
        paginateSimulatePrincipalPolicy(
          { client: source.client, pageSize: 1000 },
          {
            PolicySourceArn: roleArn,
            ActionNames: unique(concrete.map(({ action }) => action)),
            ResourceArns: resources,
            ContextEntries: contextEntries(context),
          },
          callOptions({ ...source, signal }),
        ),
        (page) => page.EvaluationResults,
      ),
    )
    const opinions = results.flatMap((result) => readOpinions(result, resources))
    const unanswered = describeUnanswered(concrete, opinions)
    return { opinions, ...(unanswered ? { unanswered } : {}) }
  } catch (error) {
    const doing = `simulating the policies of ${roleArn}`
    const restated = restateAwsError(error, doing)
    // An abort by the caller is no answer; the simulation's own limit is.
    source.signal?.throwIfAborted()
    const late = restated.name === 'AbortError'
    return { skipped: late ? `${doing}: no answer within ${opinionWithinMs / 1000} s` : restated.message }
  }
}

const WILDCARDS = 'it takes no wildcards in the names of actions, and all that were asked about have one'

const describeUnanswered = (
  asked: OpinionQuestion['asked'],
  opinions: readonly Opinion[],
): string | undefined => {
  const keyOf = ({ action, resource }: { action: string; resource: string }) =>
    `${action.toLowerCase()} on ${resource}`
  const answered = new Set(opinions.map(keyOf))
  const missing = asked.map(keyOf).filter((key) => !answered.has(key))
  return missing.length === 0 ? undefined : `its answer says nothing of ${firstOf(missing, 3)}`
}

const contextEntries = (context: Context) =>
  Object.entries(context).flatMap(([key, value]) =>
    value === null || value === undefined
      ? []
      : [
          {
            ContextKeyName: key,
            ContextKeyType: typeof value === 'string' ? ('string' as const) : ('stringList' as const),
            ContextKeyValues: typeof value === 'string' ? [value] : [...value],
          },
        ],
  )

/**
 * The opinions in one result. Since 2026-07-30 IAM answers with one result for each action, whose decisions for
 * each resource are in ResourceSpecificResults, and whose own resource is the template of an ARN; before, there
 * was one for each action and resource. https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html
 */
const readOpinions = (result: EvaluationResult, resources: readonly string[]): Opinion[] => {
  const action = result.EvalActionName ?? ''
  const specific = result.ResourceSpecificResults ?? []
  if (specific.length > 0)
    return specific.map((each) => ({
      action,
      resource: each.EvalResourceName ?? '',
      decision: decisionOf(each.EvalResourceDecision),
      missingKeys: each.MissingContextValues ?? [],
      blockedByOrganization: blocks(result, each),
    }))
  const resource = resourceOf(result, resources)
  if (resource === undefined) return []
  return [
    {
      action,
      resource,
      decision: decisionOf(result.EvalDecision),
      missingKeys: result.MissingContextValues ?? [],
      blockedByOrganization: outsideOrganization(result),
    },
  ]
}

/** Where only one resource was asked about, the result can be about no other. */
const resourceOf = ({ EvalResourceName }: EvaluationResult, resources: readonly string[]) => {
  if (EvalResourceName !== undefined && resources.includes(EvalResourceName)) return EvalResourceName
  return resources.length === 1 ? resources[0] : undefined
}

const outsideOrganization = ({ OrganizationsDecisionDetail }: EvaluationResult): boolean =>
  OrganizationsDecisionDetail?.AllowedByOrganizations === false

/**
 * Whether an SCP stands in the way of one resource. Only the whole result says that one does for some resource;
 * an SCP's Deny is an explicitDeny without a statement, since statements of SCPs are left out.
 */
const blocks = (result: EvaluationResult, each: ResourceSpecificResult): boolean => {
  if (!outsideOrganization(result) || (each.MatchedStatements ?? []).length > 0) return false
  const decision = decisionOf(each.EvalResourceDecision)
  return (
    decision === 'explicitDeny' || (decision === 'implicitDeny' && result.EvalDecision !== 'explicitDeny')
  )
}

const decisionOf = (decision: string | undefined): Opinion['decision'] =>
  decision === 'allowed' || decision === 'explicitDeny' ? decision : 'implicitDeny'
