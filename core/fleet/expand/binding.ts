import * as z from 'zod'
import { regionPattern } from '../../names.ts'
import { runOptions } from '../../request.ts'
import { bindingFields, RoleArn } from '../../request-input.ts'
import { quote } from '../../text/quote.ts'
import { templated } from './template.ts'

/** A name, or a pattern in which `*` matches any characters and `?` one, as in an IAM resource. */
export const Pattern = z.string().regex(/^[\w*?-]{1,100}$/, {
  error: 'is not a name or a pattern of letters, digits, -, _, * and ?',
})

/** Twelve digits. */
export const AccountId = z
  .string()
  .regex(/^\d{12}$/, { error: 'is not an AWS account id (twelve digits, in quotes)' })

const kubernetesPattern = (letters: RegExp, most: number, more: string) =>
  z.string().refine((name) => name.length <= most && letters.test(name), {
    error: ({ input }) =>
      `${quote(input)} is not a name Kubernetes accepts, or a pattern of such: lower-case letters, digits, -${more}, * and ?, ${most} characters at most`,
  })
const NamespacePattern = kubernetesPattern(/^[a-z0-9*?-]+$/, 63, '')
const ServiceAccountPattern = kubernetesPattern(/^[a-z0-9*?.-]+$/, 253, ', .')

const Region = z.string().regex(regionPattern, {
  error: ({ input }) => `${quote(input)} is not an AWS region, such as us-west-2`,
})

/** Tags or labels: a value may be a pattern, as no tag of EKS and no label has a `*`. */
const Labels = z.record(z.string(), z.string())

/** The name of a role in the cluster's account, without a path. */
const roleName = /^[\w+=,.@-]{1,64}$/

const Role = z.string().refine((role) => roleName.test(role) || RoleArn.safeParse(role).success, {
  error: ({ input }) =>
    `${quote(input)} is not an IAM role ARN, such as arn:aws:iam::123456789012:role/carts-dynamo, and not a role's name`,
})

const {
  replace,
  installAgent,
  createRole,
  manageTrust,
  migrate,
  removeOidcTrust,
  permissionsBoundary,
  accessAnalyzer,
  proof,
  onFailure,
  approval,
  clusterTimeoutSeconds,
  rolloutTimeoutSeconds,
} = runOptions

const fields = bindingFields('')
const inBraces = 'May have placeholders: {account}, {region}, {cluster}, {namespace}, {serviceAccount}.'

/** What a binding says of the ServiceAccounts that it is for; an override may say it differently for some of them. */
const settings = {
  role: templated(Role).describe(
    `The role that the pods get: its ARN, or its name in the cluster's account. ${inBraces}`,
  ),
  targetRole: templated(RoleArn)
    .optional()
    .describe(`A role in any account that \`role\` assumes on the pods' behalf. ${inBraces}`),
  formerRoles: z
    .array(templated(RoleArn))
    .default([])
    .describe(
      `Roles that \`replace\` may find in place: an undo puts such a role back, and may pass no role that is not declared. ${inBraces}`,
    ),
  sessionTags: fields.sessionTags,
  sessionPolicy: fields.sessionPolicy,
  workload: templated(fields.workload.unwrap())
    .optional()
    .describe(
      `\`deployment/carts\`, \`deployment/{serviceAccount}\`; absent where the association alone is the job. ${inBraces}`,
    ),
  needs: templated(fields.needs.unwrap())
    .default([])
    .describe(`What the workload must be able to do with its role. ${inBraces}`),
  replace,
  installAgent,
  createRole,
  manageTrust,
  migrate,
  removeOidcTrust,
  permissionsBoundary,
  accessAnalyzer,
  proof,
  onFailure,
  approval,
  clusterTimeoutSeconds,
  rolloutTimeoutSeconds,
}

/** The same fields where none of them has to be there, and what is not there stays as it is. */
const changes = Object.fromEntries(
  Object.entries(settings).map(([name, schema]) => {
    const bare = schema instanceof z.ZodDefault ? (schema.unwrap() as z.ZodType) : schema
    const optional = bare.optional()
    return [name, schema.description ? optional.describe(schema.description) : optional]
  }),
) as { [Name in keyof typeof settings]: z.ZodOptional<(typeof settings)[Name]> }

/** The clusters and ServiceAccounts of a binding that an override is for; what it does not name does not matter. */
const Where = z
  .strictObject({
    account: AccountId.optional(),
    region: Region.optional(),
    cluster: Pattern.optional(),
    clusterTags: Labels.default({}),
    namespace: NamespacePattern.optional(),
    namespaceLabels: Labels.default({}),
    serviceAccount: ServiceAccountPattern.optional(),
    serviceAccountLabels: Labels.default({}),
  })
  .refine((where) => Object.values(where).some((one) => typeof one === 'string' || sizeOfRecord(one) > 0), {
    error: 'names nothing, and so is for all: write it into the binding itself',
  })
export type Where = z.output<typeof Where>

const sizeOfRecord = (record: object | undefined): number => Object.keys(record ?? {}).length

const Override = z
  .strictObject({
    where: Where.describe('Which of them it is for, all that it names together.'),
    skip: z.literal(true).optional().describe('Whether the binding is not for these after all.'),
    ...changes,
  })
  .refine(({ where: _where, ...others }) => Object.values(others).some((one) => one !== undefined), {
    error: 'changes nothing: give it a field of the binding, or skip',
  })
export type Override = z.output<typeof Override>

/** What should have its role's credentials, on every cluster and for every ServiceAccount that fits. */
export const Binding = z.strictObject({
  cluster: Pattern.describe('The clusters it is for, by name or pattern: `eks-workshop`, `shop-*`.'),
  clusterTags: Labels.default({}).describe(
    'Tags that a cluster must carry as well, all of them; a value may be a pattern.',
  ),
  region: z
    .union([Region, z.array(Region).min(1)])
    .optional()
    .describe("Where the clusters are, a region or several; the stage's own unless given."),
  accounts: z
    .array(AccountId)
    .min(1)
    .optional()
    .describe('The accounts it is for, where it is not for every stage: a stage has one account.'),
  namespace: NamespacePattern.describe(
    'The namespace, or those that fit a pattern: `carts`, `team-*`. A pattern never fits kube-*.',
  ),
  namespaceLabels: Labels.default({}).describe(
    'Labels that a namespace must have as well; a value may be a pattern.',
  ),
  serviceAccount: ServiceAccountPattern.describe(
    'The ServiceAccount, or those that fit a pattern: `carts`, `*-api`. A pattern never fits `default`.',
  ),
  serviceAccountLabels: Labels.default({}).describe(
    'Labels that a ServiceAccount must have as well; a value may be a pattern.',
  ),
  ...settings,
  overrides: z
    .array(Override)
    .default([])
    .describe('What is different for some of them. From top to bottom, so that the last one that fits wins.'),
})
export type Binding = z.output<typeof Binding>

/** What of a binding says for which clusters and ServiceAccounts it is. */
type Selecting = 'accounts' | 'clusterTags' | 'namespaceLabels' | 'serviceAccountLabels' | 'overrides'

/** A binding for one ServiceAccount of one cluster: no pattern, no placeholder and no override is left. */
export type SingleBinding = Omit<Binding, Selecting | 'region'> & { region: string }

/** The regions of a binding's clusters. @param region the stage's own */
export const regionsOf = (binding: Pick<Binding, 'region'>, region: string): string[] => [
  ...new Set([binding.region ?? region].flat()),
]
