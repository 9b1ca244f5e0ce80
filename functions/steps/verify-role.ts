import { together } from '../../adapters/concurrently.ts'
import { type Eks, eks } from '../../adapters/eks/eks.ts'
import { type AccessAnalyzer, accessAnalyzer } from '../../adapters/iam/access-analyzer.ts'
import { type Iam, iam } from '../../adapters/iam/iam.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { AccessDenied } from '../../core/errors.ts'
import { askedKeys, preparePolicies } from '../../core/policy/evaluate.ts'
import type { Request } from '../../core/request.ts'
import {
  checkRole,
  mayHideInOtherVersions,
  ownVerdicts,
  type RoleReport,
  renderRoleReport,
} from '../../core/role/check-role.ts'
import { asMade, findingsBeforeMaking, plannedRole, podIdentityOf } from '../../core/role/creation.ts'
import { podSessionContext } from '../../core/role/permissions/context.ts'
import { oidcClaims } from '../../core/role/permissions/oidc-claims.ts'
import type { PodIdentity, RoleFacts } from '../../core/role/role.ts'
import type { SecondOpinion } from '../../core/role/second-opinion.ts'
import { plannedTrust } from '../../core/role/trust/planned.ts'
import { analysisFindings, analysisSummary, writtenDocuments } from '../../core/role/written.ts'
import type { RoleCheck } from '../../core/steps/answers.ts'
import { clip } from '../../core/text/clip.ts'
import { fitFindings } from '../../core/text/fit.ts'
import { many } from '../../core/text/list.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { OnCluster, wantedAssociation } from '../support/inputs.ts'
import { lambda } from '../support/lambda.ts'

/** Whether EKS may assume the role for these pods, and whether it grants what they need. */
export const verifyRole =
  (
    roles: Iam,
    associations: (region: string) => Pick<Eks, 'findAssociation'>,
    { analyze }: AccessAnalyzer,
    { progress }: Pick<Runtime, 'progress'>,
  ) =>
  async ({ request, cluster }: OnCluster): Promise<RoleCheck> => {
    const [role, target, existing] = await together([
      roles.readRole(request.role, (forMs) =>
        progress({
          step: 'VerifyRole',
          message: `there is no role ${request.role}; looking again for ${forMs / 1000} s, as IAM may not show a new one yet`,
        }),
      ),
      readTarget(roles, request),
      associations(request.region).findAssociation(wantedAssociation(request)),
    ])
    const identity = podIdentityOf(request, cluster)
    const check = (facts: RoleFacts | undefined, second?: SecondOpinion) =>
      checkRole({
        ...identity,
        roleArn: request.role,
        role: facts,
        needs: request.needs,
        session: request.sessionPolicy ?? existing?.policy,
        sessionInRequest: request.sessionPolicy !== undefined,
        targetRole: request.targetRole,
        target,
        second,
      })
    if (!role) {
      if (!request.createRole) return answer(check(undefined))
      const plan = plannedRole(request, cluster)
      const [boundary, analyses] = await together([
        plan.boundary === undefined ? undefined : roles.readBoundary(plan.boundary),
        request.accessAnalyzer ? analyze(writtenDocuments(plan, { ...request, cluster })) : [],
      ])
      const report = check(asMade(plan, request.role, boundary))
      const analyzed = analysisSummary(analyses)
      return answer(
        {
          ...report,
          summary: `is to be made: ${report.summary}${analyzed === undefined ? '' : `; ${analyzed}`}`,
          findings: [
            ...findingsBeforeMaking(plan, report.findings, boundary),
            ...analysisFindings(plan, analyses),
          ],
        },
        'create',
      )
    }
    const trust = await trustOf(roles, { request, cluster }, role)
    const appended = request.finish ? undefined : trust.change
    const found = appended ? { ...role, trust: JSON.parse(appended.planned) as unknown } : role
    const first = check(found)
    // A missing grant may sit in a version of a policy that is not in force; only then is it worth looking.
    const [complete, second] = await together([
      mayHideInOtherVersions(first) ? roles.readOtherVersions(found) : found,
      askForOpinion(roles, role, identity, first),
    ])
    const report = check(complete, second)
    return {
      ...answer(
        {
          ...report,
          summary: appended
            ? `its trust policy is to have a statement more: ${report.summary}`
            : report.summary,
          findings: [
            ...report.findings,
            ...trust.findings,
            ...(request.migrate ? oidcClaims(role, identity) : []),
          ],
        },
        appended ? 'trust' : 'none',
      ),
      trust: trust.change ?? null,
    }
  }

/** What the run would write of the role's trust, by its text as IAM has it. */
const trustOf = async (
  roles: Pick<Iam, 'readTrust'>,
  { request, cluster }: OnCluster,
  { name }: RoleFacts,
): Promise<ReturnType<typeof plannedTrust>> => {
  const text = request.manageTrust ? await roles.readTrust(name) : undefined
  return text === undefined ? { findings: [] } : plannedTrust(request, cluster, { name, trust: text })
}

/**
 * A payload must stay under 256 KiB, and Report gets the findings twice and the request besides: what nobody would read
 * to its end is cut.
 */
const most = { lines: 60, line: 400, findings: 42_000 }

const answer = (report: RoleReport, action: RoleCheck['action'] = 'none'): RoleCheck => {
  const lines = renderRoleReport(report).split('\n')
  const more = lines.length - most.lines
  const table = lines.slice(0, most.lines).map((line) => clip(line, most.line))
  return {
    action,
    summary: report.summary,
    table: more > 0 ? [...table, `… and ${many(more, 'more line')}`] : table,
    findings: fitFindings(report.findings, most.findings),
  }
}

/** A role of another account can usually not be read; the check says so by itself. */
const readTarget = async (roles: Iam, { targetRole, account }: Request): Promise<RoleFacts | undefined> => {
  if (targetRole === undefined || targetRole.split(':')[4] !== account) return undefined
  try {
    return await roles.readRole(targetRole)
  } catch (error) {
    if (error instanceof AccessDenied) return undefined
    throw error
  }
}

/** IAM's own view of what was judged; undefined where nothing was. */
const askForOpinion = async (
  roles: Iam,
  role: RoleFacts,
  identity: PodIdentity,
  report: RoleReport,
): Promise<SecondOpinion | undefined> => {
  const asked = ownVerdicts(report)
  if (asked.length === 0) return undefined
  const context = podSessionContext(role, identity, askedKeys(preparePolicies(role)))
  return roles.simulate({ roleArn: role.arn, asked, context: context('*') })
}

export const create = (runtime: Runtime) =>
  makeHandler(runtime, { name: 'VerifyRole', input: OnCluster }, (input: OnCluster, call) =>
    verifyRole(
      iam(runtime, input.request.region),
      (region) => eks(runtime, region),
      accessAnalyzer(runtime, input.request.region),
      call,
    )(input),
  )

export const handler = create(lambda)
