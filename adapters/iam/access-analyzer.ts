import {
  AccessAnalyzerClient,
  CheckNoNewAccessCommand,
  type PathElement,
  paginateValidatePolicy,
  type ValidatePolicyFinding,
} from '@aws-sdk/client-accessanalyzer'
import type { Analysis, LintIssue, WrittenDocument } from '../../core/role/written.ts'
import { clientOptions, onlyAnswersOfAws } from '../aws-client.ts'
import { requiredMember, restateAwsError } from '../aws-errors.ts'
import { together } from '../concurrently.ts'
import { withPatience } from '../patience.ts'
import { perRuntime } from '../per-runtime.ts'
import type { Runtime } from '../runtime.ts'

const client = perRuntime((runtime, region) =>
  onlyAnswersOfAws(new AccessAnalyzerClient(clientOptions(runtime, region))),
)

/** No answer is waited for longer: it is asked beside the role's own checks. */
const answerWithinMs = 15_000

/** IAM Access Analyzer's checks of documents, which need no analyzer. AWS charges each CheckNoNewAccess. */
export interface AccessAnalyzer {
  analyze(documents: readonly WrittenDocument[]): Promise<Analysis[]>
}

/** @param region any region: documents are judged alike in all of them */
export const accessAnalyzer = (runtime: Runtime, region: string): AccessAnalyzer => ({
  analyze: (documents) =>
    together(
      documents.map(async (written): Promise<Analysis> => {
        const { name } = written
        const sdk = client(runtime, region)
        const [newAccess, issues] = await together([
          orSkipped(runtime, `checking ${name} for new access`, (call) => findNewAccess(sdk, written, call)),
          orSkipped(runtime, `validating ${name}`, (call) => findIssues(sdk, written, call)),
        ])
        return { name, newAccess, issues }
      }),
    ),
})

interface CallOptions {
  abortSignal: AbortSignal
}

/** What a call answers, or why it did not: a check that is not worth failing for. */
const orSkipped = async <Answer>(
  { signal }: Runtime,
  doing: string,
  call: (options: CallOptions) => Promise<Answer>,
): Promise<Answer | { skipped: string }> => {
  try {
    return await withPatience(answerWithinMs, signal, (abortSignal) => call({ abortSignal }))
  } catch (error) {
    const restated = restateAwsError(error, doing)
    // An abort by the caller is no answer; the limit here is.
    signal?.throwIfAborted()
    const late = restated.name === 'AbortError'
    return { skipped: late ? `${doing}: no answer within ${answerWithinMs / 1000} s` : restated.message }
  }
}

const policyTypes = {
  trust: {
    policyType: 'RESOURCE_POLICY',
    validatePolicyResourceType: 'AWS::IAM::AssumeRolePolicyDocument',
  },
  permissions: { policyType: 'IDENTITY_POLICY' },
} as const

/** https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CheckNoNewAccess.html */
const findNewAccess = async (
  sdk: AccessAnalyzerClient,
  { kind, document, atMost }: WrittenDocument,
  options: CallOptions,
): Promise<string[]> => {
  const { result, message, reasons } = await sdk.send(
    new CheckNoNewAccessCommand({
      newPolicyDocument: JSON.stringify(document),
      existingPolicyDocument: JSON.stringify(atMost),
      policyType: policyTypes[kind].policyType,
    }),
    options,
  )
  if (requiredMember(result, 'result') === 'PASS') return []
  const said = (reasons ?? []).flatMap(({ description }) => description ?? [])
  return said.length > 0 ? said : [message ?? 'it does not say where']
}

/** https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ValidatePolicy.html */
const findIssues = async (
  sdk: AccessAnalyzerClient,
  { kind, document }: WrittenDocument,
  options: CallOptions,
): Promise<LintIssue[]> => {
  const pages = paginateValidatePolicy(
    { client: sdk },
    { policyDocument: JSON.stringify(document), ...policyTypes[kind] },
    options,
  )
  const issues: LintIssue[] = []
  for await (const { findings } of pages) issues.push(...requiredMember(findings, 'findings').map(readIssue))
  return issues
}

/** A type of finding that is not known counts as a warning: only errors say that a part does not work. */
const levels: Readonly<Record<string, LintIssue['level']>> = {
  ERROR: 'error',
  SECURITY_WARNING: 'security-warning',
  SUGGESTION: 'suggestion',
}

const readIssue = (finding: ValidatePolicyFinding): LintIssue => ({
  level: levels[finding.findingType ?? ''] ?? 'warning',
  code: finding.issueCode ?? '',
  details: finding.findingDetails ?? '',
  link: finding.learnMoreLink ?? '',
  at: (finding.locations?.[0]?.path ?? []).map(pathElement).join('').replace(/^\./, ''),
})

const pathElement = ({ index, key, value, substring }: PathElement): string => {
  if (index !== undefined) return `[${index}]`
  if (substring) return ''
  return `.${key ?? value ?? ''}`
}
