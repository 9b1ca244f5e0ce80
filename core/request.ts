import * as z from 'zod'
import { Need } from './role/need.ts'
import { TrustChange } from './role/trust/change.ts'
import { WorkloadRef } from './workload/workload.ts'

/** What an association was before a run, as far as putting it back needs to know. */
export const AssociationBefore = z.strictObject({
  id: z.string(),
  roleArn: z.string(),
  targetRoleArn: z.string().nullable(),
  disableSessionTags: z.boolean(),
  policy: z.string().nullable(),
  /** The run whose mark it bore: the one that last created or repointed it. */
  run: z.string().nullable().default(null),
})
export type AssociationBefore = z.infer<typeof AssociationBefore>

/** The IRSA annotation of a ServiceAccount as a run found it, and whether the run is to take it away. */
export const AnnotationChange = z.strictObject({ role: z.string().nullable(), goes: z.boolean() })
export type AnnotationChange = z.infer<typeof AnnotationChange>

/**
 * What a run found before it touched anything. Undo compares it with what is there now, so that it needs no
 * record of what the run did, and a lost answer or a killed run is undone just the same.
 */
export const Before = z.strictObject({
  /** The run this belongs to; its associations carry the name in a tag. */
  run: z.string(),
  /** The value of the restart annotation that the run writes, RFC 3339. */
  restartedAt: z.string(),
  association: AssociationBefore.nullable(),
  workload: z
    .strictObject({
      /** The restart annotation as it was; null where there was none. */
      restartedAt: z.string().nullable(),
      /** Whether the rollout was complete; a workload that was broken before need not heal by an undo. */
      healthy: z.boolean(),
      /** How many pods were ready, of how many that it wanted; reports of earlier versions do not say. */
      ready: z.number().exactOptional(),
      desired: z.number().exactOptional(),
    })
    .nullable(),
  /**
   * What the run may write of the role's trust policy; null where it writes nothing of it, as earlier versions never
   * did.
   */
  trust: TrustChange.nullable().exactOptional(),
  /** The ServiceAccount's IRSA annotation; null where the run is about no migration. */
  annotation: AnnotationChange.nullable().exactOptional(),
})
export type Before = z.infer<typeof Before>

/** How a run goes about its binding. */
export const runOptions = {
  /** plan reads and reports; enable acts; undo puts back what an earlier run changed. */
  mode: z.enum(['enable', 'plan', 'undo']).default('enable'),
  replace: z
    .boolean()
    .default(false)
    .describe('Whether an association to another role may be pointed to this one.'),
  installAgent: z
    .boolean()
    .default(false)
    .describe('Whether a missing Pod Identity agent may be installed as an EKS add-on.'),
  /** The version of the add-on that installAgent installs; EKS’s default unless given. */
  agentVersion: z
    .string()
    .regex(/^v\d+\.\d+\.\d+-eksbuild\.\d+$/, {
      error: ({ input }) =>
        `${JSON.stringify(input)} is not a version of an add-on, such as v1.3.10-eksbuild.2`,
    })
    .optional(),
  /**
   * The configuration values of the add-on that installAgent installs, such as tolerations: aws eks describe-addon-
   * configuration.
   */
  agentConfiguration: z.record(z.string(), z.json()).optional(),
  createRole: z
    .boolean()
    .default(false)
    .describe(
      'Whether podid may make the role where there is none: for these pods alone, with the needs and nothing else. A failed run and an undo take it away again.',
    ),
  manageTrust: z
    .boolean()
    .default(false)
    .describe(
      "Whether podid may write the role's trust policy: add a statement for these pods beside what is there, and with removeOidcTrust take out what IRSA needs of it. An undo takes that back.",
    ),
  migrate: z
    .enum(['irsa'])
    .optional()
    .describe(
      'irsa: the ServiceAccount has its role by IRSA and comes to have it by an association. The annotation stays until a run with finish.',
    ),
  /**
   * With migrate, the second act, days later where you like: once all pods are seen to live by the association, the
   * annotation for IRSA goes.
   */
  finish: z.boolean().default(false),
  removeOidcTrust: z
    .boolean()
    .default(false)
    .describe(
      "Whether finish also takes this ServiceAccount out of what the role's trust policy grants by OIDC; with manageTrust.",
    ),
  permissionsBoundary: z
    .string()
    .regex(/^arn:aws[\w-]*:iam::(?:\d{12}|aws):policy\/[\u0021-\u007E]+$/, {
      error: ({ input }) =>
        `${JSON.stringify(input)} is not the ARN of a policy, such as arn:aws:iam::123456789012:policy/limits`,
    })
    .optional()
    .describe('The ARN of the permissions boundary of the role that createRole makes.'),
  accessAnalyzer: z
    .boolean()
    .default(false)
    .describe(
      'Whether IAM Access Analyzer is asked about the trust policy and the policy of the role that createRole makes, before anything is made: CheckNoNewAccess, which AWS charges by the call, and ValidatePolicy.',
    ),
  /**
   * Whether podid may let its own functions into a cluster that does not know them: an access entry for each. Undo
   * leaves them. Where approval is required they are made by hand: nothing is changed before a person agrees.
   */
  access: z.enum(['existing', 'create']).default('existing'),
  /** What a missing workload is: a fault, or (a cluster just created) no obstacle to the association. */
  ifWorkloadMissing: z.enum(['fail', 'associate']).default('fail'),
  /** Whether a workload that is scaled to zero is all right: nothing can be proven by it. */
  allowZero: z.boolean().default(false),
  proof: z
    .enum(['default', 'required'])
    .default('default')
    .describe(
      'required: credentials must be seen handed out to every pod, within five minutes. default: they are looked for during 5 seconds, and a pod that has not asked by then is no fault.',
    ),
  /**
   * Whether to wait until the deadline for a rollout whose pods have failed four times in a way that does not pass
   * by itself.
   */
  waitAnyway: z.boolean().default(false),
  onFailure: z
    .enum(['undo', 'keep'])
    .default('undo')
    .describe('What becomes of the changes when the run fails after making them.'),
  approval: z
    .enum(['none', 'required'])
    .default('none')
    .describe('Whether a person must agree before anything is changed.'),
  /** How long that person may take; no answer in time counts as declined. */
  approvalTimeoutSeconds: z.int().min(60).max(86_400).default(3600),
  clusterTimeoutSeconds: z
    .int()
    .min(1)
    .max(7200)
    .default(1800)
    .describe('How long a cluster may take to become ACTIVE.'),
  rolloutTimeoutSeconds: z
    .int()
    .min(1)
    .max(7200)
    .default(900)
    .describe('How long the rollout may take, whatever deadlines the workload itself has.'),
  /** With mode undo: what the run to be undone found, from its report. */
  before: Before.optional(),
}

/**
 * The request as every later step receives it: complete, checked, with the execution's own facts. The names were
 * checked at the door; here the schema guards against a workflow that passes the wrong thing.
 */
export const Request = z.strictObject({
  cluster: z.string(),
  region: z.string(),
  account: z.string(),
  namespace: z.string(),
  serviceAccount: z.string(),
  role: z.string(),
  targetRole: z.string().optional(),
  formerRoles: z.array(z.string()).optional(),
  sessionTags: z.boolean(),
  /** JSON text. */
  sessionPolicy: z.string().optional(),
  workload: WorkloadRef.optional(),
  needs: z.array(Need),
  ...runOptions,
  /** The execution's name: what the run is called everywhere. */
  run: z.string(),
  startedAt: z.string(),
  /** The value the restart annotation gets: fixed by the execution, so that a retried PATCH is a no-op. */
  restartedAt: z.string(),
})
export type Request = z.output<typeof Request>

/** RFC 3339 in whole seconds, as kubectl writes the restart annotation. */
export const wholeSeconds = (time: string | number): string => `${new Date(time).toISOString().slice(0, 19)}Z`
