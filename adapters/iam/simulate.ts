import { type EvaluationResult, paginateSimulatePrincipalPolicy } from '@aws-sdk/client-iam'
import { AccessDenied, InvalidRequest, Transient } from '../../core/errors.ts'
import type { Context } from '../../core/policy/evaluate.ts'
import type { Opinion, SecondOpinion } from '../../core/role/second-opinion.ts'
import { restateAwsError } from '../aws-errors.ts'
import { allItems, callOptions, type Source } from './source.ts'

/** What IAM is asked for its opinion about. */
export interface OpinionQuestion {
  roleArn: string
  /** Every action on every resource is simulated; the caller takes what it asked about. */
  asked: readonly { action: string; resource: string }[]
  /** What is known of the session that will ask. */
  context: Context
}

/**
 * Asks iam:SimulatePrincipalPolicy what it makes of a role: one request, in as many pages as it takes. A second
 * opinion is worth having and not worth failing for, so a refusal or throttling is an answer that says so.
 */
export const simulate = async (
  source: Source,
  { roleArn, asked, context }: OpinionQuestion,
): Promise<SecondOpinion> => {
  // IAM takes no wildcards in the names of actions here.
  const concrete = asked.filter(({ action }) => !/[*?]/.test(action))
  if (concrete.length === 0) return { opinions: [] }
  const unique = (values: string[]) => [...new Set(values)]
  try {
    const results = await allItems(
      paginateSimulatePrincipalPolicy(
        { client: source.client, pageSize: 1000 },
        {
          PolicySourceArn: roleArn,
          ActionNames: unique(concrete.map(({ action }) => action)),
          ResourceArns: unique(concrete.map(({ resource }) => resource)),
          ContextEntries: contextEntries(context),
        },
        callOptions(source),
      ),
      (page) => page.EvaluationResults,
    )
    return { opinions: results.map(toOpinion) }
  } catch (error) {
    const restated = restateAwsError(error, `simulating the policies of ${roleArn}`)
    const answered =
      restated instanceof AccessDenied || restated instanceof Transient || restated instanceof InvalidRequest
    if (answered) return { skipped: restated.message }
    throw restated
  }
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

const toOpinion = (result: EvaluationResult): Opinion => ({
  action: result.EvalActionName ?? '',
  resource: result.EvalResourceName ?? '*',
  decision:
    result.EvalDecision === 'allowed' || result.EvalDecision === 'explicitDeny'
      ? result.EvalDecision
      : 'implicitDeny',
  missingKeys: result.MissingContextValues ?? [],
  blockedByOrganization: result.OrganizationsDecisionDetail?.AllowedByOrganizations === false,
})
