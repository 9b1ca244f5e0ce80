import * as z from 'zod'

/**
 * blocking: acting would fail or do harm, so nothing is touched.
 * warning: acting works, and somebody should still look.
 * info: worth knowing when reading the report.
 */
export const Severity = z.enum(['blocking', 'warning', 'info'])
export type Severity = z.infer<typeof Severity>

/** What to do about a finding. */
export const Remedy = z.object({
  /** What to do, or what the command does, in a sentence or two. */
  advice: z.string(),
  /** One or several whole shell commands, a line each or more, that can be pasted unchanged. */
  command: z.string().exactOptional(),
  /** True where the command only shows more: it changes nothing, and the finding stays. */
  looks: z.literal(true).exactOptional(),
})
export type Remedy = z.infer<typeof Remedy>

/** A remedy that no command can be given for. */
export interface Advice {
  advice: string
  command?: never
  looks?: never
}
export const advise = (advice: string): Advice => ({ advice })

/** A remedy whose commands, run one after another, make the finding go. */
export const mendWith = (advice: string, ...commands: string[]): Remedy => ({
  advice,
  command: commands.join('\n'),
})

/** A remedy whose commands show more about the finding and change nothing. */
export const lookWith = (advice: string, ...commands: string[]): Remedy => ({
  ...mendWith(advice, ...commands),
  looks: true,
})

/** A remedy as lines of text: the advice, then the commands. */
export const remedyLines = ({ advice, command }: Remedy): string[] => [
  advice,
  ...(command === undefined ? [] : command.split('\n')),
]

/**
 * The findings whose remedies may have commands. The type lets no other finding carry one, and
 * `test/scenarios/remedies/remedies.test.ts` does not compile unless it has a remedy of each to run.
 */
export type CodeWithCommand =
  | 'agent-incomplete'
  | 'agent-missing'
  | 'agent-not-looked-for'
  | 'agent-not-ready'
  | 'agent-out-of-reach'
  | 'agent-port-taken'
  | 'agent-unhealthy'
  | 'agent-without-nodes'
  | 'association-differs'
  | 'association-owned-by-addon'
  | 'association-target-role-stays'
  | 'cluster-missing'
  | 'cluster-not-checked'
  | 'cluster-unusable'
  | 'config-map-not-read'
  | 'credential-file'
  | 'credentials-not-observable'
  | 'credentials-of-other-role'
  | 'credentials-outranked'
  | 'credentials-refused'
  | 'diagnosis-incomplete'
  | 'injection-missing'
  | 'injection-skipped'
  | 'injection-unproven'
  | 'irsa-annotation'
  | 'migration-pods-left'
  | 'oidc-claim-in-policy'
  | 'oidc-trust-stays'
  | 'others-run-on'
  | 'permission-boundary-blocks'
  | 'permission-in-non-default-version'
  | 'permission-missing'
  | 'permission-session-policy-blocks'
  | 'pods-refused'
  | 'pods-untried'
  | 'proxy-before-agent'
  | 'restart-undone'
  | 'role-missing'
  | 'rollout-access-denied'
  | 'rollout-agent-unreachable'
  | 'rollout-container-config'
  | 'rollout-crash-loop'
  | 'rollout-create-failed'
  | 'rollout-credentials-refused'
  | 'rollout-image-pull'
  | 'rollout-no-credentials'
  | 'rollout-not-ready'
  | 'rollout-out-of-memory'
  | 'rollout-pod-failed'
  | 'rollout-sdk-too-old'
  | 'rollout-unschedulable'
  | 'rollout-warnings'
  | 'second-opinion-disagrees'
  | 'secret-not-read'
  | 'service-account-missing'
  | 'target-trust-missing'
  | 'trust-assume-role-missing'
  | 'trust-condition-unmet'
  | 'trust-document-invalid'
  | 'trust-explicit-deny'
  | 'trust-irsa-only'
  | 'trust-principal-misspelt'
  | 'trust-principal-missing'
  | 'trust-request-tag-other'
  | 'trust-request-tag-without-session-tags'
  | 'trust-source-account-other'
  | 'trust-source-arn-is-association'
  | 'trust-source-arn-other-cluster'
  | 'trust-tag-session-missing'
  | 'workload-missing'
  | 'workload-on-delete'
  | 'workload-partitioned'
  | 'workload-paused'
  | 'workload-scaled-to-zero'
  | 'workload-service-account-differs'

const finding = z.object({
  /** Stable and kebab-case, for machines: `trust-tag-session-missing`. */
  code: z.string(),
  severity: Severity,
  /** What it is about, as a person names it: `role eks-workshop-carts-dynamo`, `deployment/carts`. */
  subject: z.string(),
  /** What was found, with the values that were seen. */
  found: z.string(),
  remedy: Remedy.exactOptional(),
})

/** One thing a check found out. Data, not an error: all findings of all checks are reported together. */
export type Finding = Omit<z.infer<typeof finding>, 'code' | 'remedy'> &
  ({ code: CodeWithCommand; remedy?: Remedy } | { code: string & {}; remedy?: Advice })
export const Finding = finding as unknown as z.ZodType<Finding>

/** The findings that forbid acting. */
export const blocking = (findings: readonly Finding[]): Finding[] =>
  findings.filter((finding) => finding.severity === 'blocking')
