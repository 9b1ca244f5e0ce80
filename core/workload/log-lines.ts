import { excerpt, redact } from '../text/redact.ts'

/** What a container's last words come to. */
export interface LogExplanation {
  /** The line that says most, without secrets, shortened. */
  line: string
  /** Set where the line shows a cause that this project is about. */
  cause?: { code: 'rollout-access-denied' | 'rollout-no-credentials'; advice: string }
}

const denied = /AccessDenied|not authorized to perform|UnauthorizedOperation|Unauthorized Exception/i
const withoutCredentials =
  /Unable to (?:load|locate) (?:AWS )?credentials|Could not load credentials|NoCredentialProviders|no EC2 IMDS role found|CredentialsProviderError|failed to refresh cached credentials/i
const error = /\b(?:error|exception|fatal|panic|caused by)\b/i

/** The AWS error before any other error, that before the very last line; undefined where nothing was written. */
export const explainLog = (text: string): LogExplanation | undefined => {
  // Before it is taken apart: a private key is only known by its first line.
  const lines = redact(text)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const said = (pattern: RegExp) => lines.findLast((line) => pattern.test(line))
  const denial = said(denied)
  if (denial) {
    return { line: excerpt(denial), cause: { code: 'rollout-access-denied', advice: denialAdvice(denial) } }
  }
  const lack = said(withoutCredentials)
  if (lack) {
    const advice =
      'Check that its AWS SDK knows Pod Identity: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-minimum-sdk.html'
    return { line: excerpt(lack), cause: { code: 'rollout-no-credentials', advice } }
  }
  const line = said(error) ?? lines.at(-1)
  return line === undefined ? undefined : { line: excerpt(line) }
}

/** STS names a session on an instance's own role after the instance, and Pod Identity's after the cluster. */
const denialAdvice = (line: string): string => {
  const { role, session } =
    line.match(/assumed-role\/(?<role>[\w+=,.@-]+)\/(?<session>[\w+=,.@-]+)/)?.groups ?? {}
  const { action, resource } =
    line.match(/perform: (?<action>[\w-]+:[\w*]+)(?: on resource: (?<resource>\S+))?/)?.groups ?? {}
  if (session?.startsWith('i-')) {
    return `The pod acted as the node’s role ${role}, so it did not use Pod Identity: check that its AWS SDK is recent enough (https://docs.aws.amazon.com/eks/latest/userguide/pod-id-minimum-sdk.html)`
  }
  const what = action ? `${action}${resource ? ` on ${resource}` : ''}` : 'what the line names'
  return `Allow ${what} in a policy of ${role ? `role ${role}` : 'its role'}`
}
