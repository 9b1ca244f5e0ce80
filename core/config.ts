import * as z from 'zod'
import { InvalidRequest } from './errors.ts'
import { AccountId, Binding, Pattern, regionsOf } from './fleet/expand/binding.ts'
import { placeholdersIn } from './fleet/expand/template.ts'
import { RolloutSettings } from './fleet/waves/settings.ts'
import { regionPattern } from './names.ts'
import { partitionFaults } from './partitions/faults.ts'
import { hasFunctionUrls } from './partitions/partitions.ts'
import { covers, literalOf } from './policy/pattern.ts'
import { faultsOfIssue, migrationFaults } from './request-input.ts'
import { faultLine, type ValueFault } from './text/value-fault.ts'

/** A whole account of roles is no pattern: whoever may pass every role may become an administrator. */
const RolePattern = z.string().regex(/^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@-][\w+=,.@/*?-]*$/, {
  error:
    "is not a pattern of roles' ARNs that begins with a name or a path, such as arn:aws:iam::111122223333:role/podid/*",
})

const BindingName = z.string().regex(/^[a-z0-9](?:[-a-z0-9]{0,38}[a-z0-9])?$/, {
  error: 'is not a binding name: lower-case letters, digits and -, 40 characters at most',
})

/** What grants let people and callers request, in a chat or through the webhook. */
export const actions = ['enable', 'plan', 'status', 'undo', 'approve', 'rollout'] as const
export type Action = (typeof actions)[number]

/** What a caller of the webhook is called; its secret goes by the same name. */
const CallerName = z.string().regex(/^[a-z0-9][-a-z0-9]{0,39}$/, {
  error: 'is not a name of a caller: lower-case letters, digits and -, 40 characters at most',
})

/** Who may do what, and where. What no grant names is not allowed. */
const Grant = z.strictObject({
  users: z
    .array(z.string().regex(/^[UW][A-Z0-9]{2,}$/, { error: 'is not a Slack user id, such as U012AB3CD' }))
    .default([])
    .describe('Slack user ids, `U012AB3CD`.'),
  groups: z
    .array(z.string().regex(/^S[A-Z0-9]{2,}$/, { error: 'is not a Slack user group id, such as S012AB3CD' }))
    .default([])
    .describe('Slack user group ids, `S012AB3CD`.'),
  callers: z
    .array(CallerName)
    .default([])
    .describe('Callers of the webhook, by the names their secrets go by.'),
  may: z.array(z.enum(actions)).min(1),
  clusters: z.array(Pattern).default(['*']),
  namespaces: z.array(Pattern).default(['*']),
})
export type Grant = z.output<typeof Grant>

const Slack = z.strictObject({
  channel: z
    .string()
    .regex(/^[CG][A-Z0-9]{2,}$/, { error: 'is not a Slack channel id, such as C012AB3CD' })
    .describe('The channel, by id, that shows the runs that were not requested in Slack.'),
})

/** Only a stage on this machine may do without TLS. */
const callbackUrl = /^(?:https:\/\/|http:\/\/127\.0\.0\.1:)/

const settings = {
  account: AccountId,
  region: z.string().regex(regionPattern, { error: 'is not an AWS region, such as us-west-2' }),
  bindings: z.record(BindingName, Binding).default({}).describe('What is to be enabled where, by name.'),
  rolePatterns: z
    .array(RolePattern)
    .default([])
    .describe(
      "Patterns of roles' ARNs: arn:aws:iam::111122223333:role/podid/*. The functions' policies name these in place of each binding's role that fits, and so grow with patterns.",
    ),
  clusters: z
    .strictObject({
      others: z
        .array(Pattern)
        .default([])
        .describe(
          "The clusters that a manual run or a chat may name besides the bindings' own, by name or pattern.",
        ),
      createAccessEntries: z
        .boolean()
        .default(false)
        .describe('Whether runs may create access entries for the functions on clusters that have none.'),
      vpc: z
        .strictObject({
          subnets: z.array(z.string().regex(/^subnet-[0-9a-f]+$/)).min(1),
          securityGroups: z.array(z.string().regex(/^sg-[0-9a-f]+$/)).min(1),
        })
        .optional()
        .describe('Where the functions run to reach API servers without a public endpoint.'),
    })
    .prefault({}),
  remote: z
    .string()
    .min(1)
    .optional()
    .describe(
      'The deployed stage, or the ARN of its state machine, that the command line starts runs of; from its own machine unless given.',
    ),
  triggers: z
    .strictObject({
      clusterCreated: z
        .boolean()
        .default(true)
        .describe("Runs a new cluster's bindings when CloudTrail reports it."),
      sweep: z
        .strictObject({
          everyMinutes: z.int().min(5).max(1440).default(60),
          mode: z
            .enum(['report', 'mend'])
            .default('report')
            .describe(
              'report reports what is missing or has drifted; mend also starts the runs that repair it.',
            ),
          maxConcurrency: z
            .int()
            .min(1)
            .max(1000)
            .default(10)
            .describe('Most runs that sweeps have under way at once.'),
          toleratedFailurePercentage: z
            .number()
            .min(0)
            .max(100)
            .default(25)
            .describe(
              'How many of the runs that sweeps start in a day may fail, in percent: beyond that, and with two at least, no more are started that day.',
            ),
        })
        .prefault({}),
      webhook: z
        .boolean()
        .default(false)
        .describe('A URL for other callers, signed as Standard Webhooks are.'),
    })
    .prefault({}),
  urlConcurrency: z
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe(
      "Most copies at a time of the function behind the URL, reserved for it: the account's limit of concurrent executions must be at least 100 more.",
    ),
  secretsKey: z
    .string()
    .regex(/^arn:aws[\w-]*:kms:[\w-]+:\d{12}:key\/[\w-]+$/, {
      error:
        'is not the ARN of a KMS key, such as arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    })
    .optional()
    .describe(
      "The KMS key that the secrets' parameters are encrypted with, where it is not AWS's own (alias/aws/ssm).",
    ),
  approvals: z
    .strictObject({
      self: z.boolean().default(false).describe('Whether the requester of a run may approve it.'),
      timeoutMinutes: z.int().min(1).max(1440).default(60),
    })
    .prefault({}),
  rollout: RolloutSettings.prefault({}).describe(
    'How `podid rollout` goes about many bindings: in which waves, how many at once, and when it stops.',
  ),
  access: z.array(Grant).default([]),
  channels: z
    .strictObject({
      slack: Slack.optional(),
      amazonQ: z
        .boolean()
        .default(false)
        .describe(
          'Publishes outcomes to an SNS topic in the form that Amazon Q Developer shows in Slack and Teams.',
        ),
      callbacks: z
        .record(
          CallerName,
          z.url({ error: 'is not a URL' }).regex(callbackUrl, { error: 'is not an https URL' }),
        )
        .default({})
        .describe("The URL that gets the outcomes of a webhook caller's runs, signed with its own secret."),
      alarmEmails: z.array(z.email()).default([]).describe('Who gets an email when an alarm goes off.'),
    })
    .prefault({}),
}

/** The settings of one stage, complete. */
export const Config = z.strictObject(settings)
export type Config = z.output<typeof Config>

/**
 * podid.yaml: the settings of every stage, and under `stages` what differs in one; a key of a stage replaces the
 * key above it whole.
 */
export const ConfigFile = z.strictObject({
  ...Config.partial().shape,
  stages: z.record(z.string(), Config.partial()).optional(),
})

/** The settings of a stage, or everything that is wrong with them. */
export type ConfigResult = { config: Config; faults?: never } | { faults: ValueFault[]; config?: never }

/**
 * Reads the settings of a stage out of a parsed podid.yaml. A fault's path is where the file has the value: a key that
 * the stage replaces is found under `stages`.
 */
export const readConfig = (file: unknown, stage: string): ConfigResult => {
  const shape = ConfigFile.safeParse(file)
  if (!shape.success) return { faults: faultsOf(shape.error) }
  const { stages = {}, ...common } = file as z.input<typeof ConfigFile>
  const own = Object.hasOwn(stages, stage) ? (stages[stage] ?? {}) : {}
  const inFile = (fault: ValueFault): ValueFault =>
    Object.hasOwn(own, String(fault.path[0])) ? { ...fault, path: ['stages', stage, ...fault.path] } : fault
  const config = Config.safeParse({ ...common, ...own })
  if (!config.success) return { faults: faultsOf(config.error).map(inFile) }
  const bindings = Object.entries(config.data.bindings).flatMap(([name, binding]) =>
    bindingFaults(binding, config.data).map(
      (fault): ValueFault => ({ ...fault, path: ['bindings', name, ...fault.path] }),
    ),
  )
  const faults = once([...bindings, ...unavailable(config.data)])
  return faults.length > 0 ? { faults: faults.map(inFile) } : { config: config.data }
}

/**
 * The settings of a stage out of a parsed podid.yaml.
 * @param name the file's, for messages
 * @throws InvalidRequest naming every fault by its field.
 */
export const parseConfig = (file: unknown, stage: string, name = 'podid.yaml'): Config => {
  const { config, faults } = readConfig(file, stage)
  if (config) return config
  throw settingsError(faults, name)
}

/**
 * @param name the settings' file
 * @throws InvalidRequest naming every fault by its field, where there are any
 */
export const refuseSettings = (faults: readonly ValueFault[], name: string): void => {
  if (faults.length > 0) throw settingsError(faults, name)
}

const settingsError = (faults: readonly ValueFault[], name: string): InvalidRequest =>
  new InvalidRequest(
    `${name} has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}.\n${faults.map((fault) => `- ${faultLine(fault)}`).join('\n')}`,
  )

/** What a stage with these settings would need of its region, and the region does not have. */
const unavailable = ({ region, channels, triggers }: Config): ValueFault[] => {
  if (hasFunctionUrls(region)) return []
  const said = `needs a URL of a Lambda function, which ${region} does not have: leave it out, and start runs by hand, by events or with podid enable --remote`
  return [
    ...(channels.slack ? [{ path: ['channels', 'slack'], said }] : []),
    ...(triggers.webhook ? [{ path: ['triggers', 'webhook'], said }] : []),
  ]
}

/** Each fault once, as a binding for several regions has some of them for each. */
const once = (faults: readonly ValueFault[]): ValueFault[] => [
  ...new Map(faults.map((fault) => [faultLine(fault), fault])).values(),
]

/** What is wrong with a binding of this account's clusters. */
const bindingFaults = (binding: Binding, { account, region }: Config): ValueFault[] => {
  if (binding.accounts && !binding.accounts.includes(account)) return []
  const overrides = binding.overrides.flatMap(({ where, skip: _skip, ...fields }, index) =>
    where.account === undefined || where.account === account
      ? [{ fields: fields as Partial<Binding>, path: ['overrides', index] }]
      : [],
  )
  return [{ fields: binding as Partial<Binding>, path: [] }, ...overrides].flatMap(({ fields, path }) =>
    [
      ...(fields.role === undefined ? [] : accountFaults(fields.role, account)),
      ...migrationFaults({ ...binding, ...fields }),
      ...regionsOf(binding, region)
        .flatMap((one) => partitionFaults({ ...binding, ...fields, region: one }, region))
        .filter((fault) => Object.hasOwn(fields, String(fault.path[0]))),
    ].map((fault): ValueFault => ({ ...fault, path: [...path, ...fault.path] })),
  )
}

const accountFaults = (role: string, account: string): ValueFault[] => {
  const [, , , , named] = role.split(':')
  return named === undefined || named === account || placeholdersIn(named).length > 0
    ? []
    : [
        {
          path: ['role'],
          said: `${role} belongs to account ${named}, and the clusters are in ${account}: EKS takes only a role of the cluster's own account (name the other one as targetRole)`,
        },
      ]
}

const faultsOf = (error: z.ZodError): ValueFault[] =>
  error.issues.flatMap((issue) => faultsOfIssue(issue, 'podid.yaml'))

/** Whether a name fits a pattern of the settings, in which `*` stands for any characters and `?` for one. */
export const fits = (pattern: string, name: string): boolean => covers(pattern, literalOf(name))
