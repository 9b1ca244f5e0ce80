import { compareOpinions } from '../../../core/role/second-opinion.ts'
import { oidcRemoval } from '../../../core/role/trust/oidc.ts'
import { issuerOf, providerArn, webIdentityStatement } from '../../../local/scenarios/workshop/from-irsa.ts'
import { roleArn, tableArn, workshop } from '../../../local/scenarios/workshop/index.ts'
import type { Workshop } from '../../support/run.ts'
import { associated, granting, policy, type Rows, trusting, usual, workshopRole } from './row.ts'

const condition = (operator: string, key: string, value: string) =>
  trusting({ ...usual, Condition: { [operator]: { [key]: value } } })

/** What the end of a migration says of the role's trust. */
const removal = (world: Workshop) =>
  oidcRemoval(
    { name: workshop.role, trust: workshopRole(world).trust },
    {
      issuer: issuerOf(world),
      cluster: workshop.cluster,
      namespace: workshop.namespace,
      serviceAccount: workshop.serviceAccount,
    },
  ).findings

/** What the checks of trust and permissions find. */
export const roleRows = {
  'role-missing': [{ why: 'no role', scenario: 'role-missing' }],
  'trust-tag-session-missing': [{ why: 'no TagSession', scenario: 'trust-without-tag-session' }],
  'trust-assume-role-missing': [
    { why: 'TagSession alone', change: trusting({ ...usual, Action: 'sts:TagSession' }) },
  ],
  'trust-principal-missing': [
    { why: 'another service', change: trusting({ ...usual, Principal: { Service: 'ec2.amazonaws.com' } }) },
  ],
  'trust-principal-misspelt': [
    {
      why: 'a misspelt service',
      change: trusting({ ...usual, Principal: { Service: 'pod.eks.amazonaws.com' } }),
    },
  ],
  'oidc-trust-stays': [
    {
      why: 'a statement for every ServiceAccount of a namespace, at the end of a migration',
      change: (world) => {
        workshopRole(world).trust = policy({
          ...webIdentityStatement(world),
          Condition: { StringLike: { [`${issuerOf(world)}:sub`]: 'system:serviceaccount:carts:*' } },
        })
      },
      findings: (world) => removal(world),
    },
    {
      why: 'a statement that names other principals besides',
      looks: true,
      change: (world) => {
        workshopRole(world).trust = policy({
          ...webIdentityStatement(world),
          Principal: { Federated: [providerArn(world), `${providerArn(world)}2`] },
        })
      },
      findings: (world) => removal(world),
    },
  ],
  'oidc-claim-in-policy': [
    {
      why: 'a policy that asks for the subject of a token',
      looks: true,
      input: { migrate: 'irsa' },
      change: (world) =>
        void workshopRole(world).inline.set(
          'own-items',
          policy({
            ...granting('dynamodb:GetItem', '*'),
            Condition: { StringEquals: { [`${issuerOf(world)}:sub`]: 'system:serviceaccount:carts:carts' } },
          }),
        ),
    },
  ],
  'trust-irsa-only': [
    {
      why: 'IRSA only',
      change: trusting({
        Effect: 'Allow',
        Action: 'sts:AssumeRoleWithWebIdentity',
        Principal: {
          Federated: 'arn:aws:iam::123456789012:oidc-provider/oidc.eks.us-west-2.amazonaws.com/id/EXAMPLE',
        },
      }),
    },
  ],
  'trust-source-arn-other-cluster': [{ why: 'a trust in another cluster', scenario: 'trust-other-cluster' }],
  'trust-source-arn-is-association': [
    {
      why: 'a trust in an association',
      change: condition(
        'ArnLike',
        'aws:SourceArn',
        'arn:aws:eks:us-west-2:123456789012:podidentityassociation/eks-workshop/*',
      ),
    },
  ],
  'trust-source-account-other': [
    { why: 'another account', change: condition('StringEquals', 'aws:SourceAccount', '999988887777') },
  ],
  'trust-request-tag-other': [
    {
      why: 'another namespace',
      change: condition('StringEquals', 'aws:RequestTag/kubernetes-namespace', 'orders'),
    },
  ],
  'trust-request-tag-without-session-tags': [
    {
      why: 'tags asked for, and tags off',
      change: condition('StringEquals', 'aws:RequestTag/kubernetes-namespace', 'carts'),
      input: { sessionTags: false },
    },
  ],
  'trust-condition-unmet': [
    {
      why: 'a vendor and the pods behind an external id',
      change: trusting({
        ...usual,
        Principal: { Service: 'pods.eks.amazonaws.com', AWS: '123456789012' },
        Condition: { StringEquals: { 'sts:ExternalId': "it's $(secret)" } },
      }),
    },
  ],
  'trust-explicit-deny': [
    {
      why: 'a Deny without MFA',
      change: trusting(usual, {
        Effect: 'Deny',
        Principal: '*',
        Action: 'sts:AssumeRole',
        Condition: { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } },
      }),
    },
  ],
  'trust-document-invalid': [
    {
      why: 'a trust policy that podid cannot read',
      change: trusting({ ...usual, Novelty: 'x' }),
      looks: true,
    },
  ],
  'target-trust-missing': [
    {
      why: 'a target role that does not trust ours',
      change: (world) => {
        const target = world.aws.state.addRole({
          name: 'target',
          trust: {
            Version: '2012-10-17',
            Statement: [
              {
                ...usual,
                Principal: { AWS: '123456789012' },
                Condition: { StringEquals: { 'sts:ExternalId': 'x' } },
              },
            ],
          },
          inline: { all: policy(granting('dynamodb:*', '*')) },
        })
        workshopRole(world).inline.set(
          'assume',
          policy(granting(['sts:AssumeRole', 'sts:TagSession'], target.arn)),
        )
      },
      input: { targetRole: 'arn:aws:iam::123456789012:role/target' },
    },
  ],
  'permission-missing': [
    { why: 'no grant on the index', scenario: 'policy-without-index' },
    {
      why: 'no room for an inline policy',
      scenario: 'policy-without-index',
      change: (world) => {
        const long = Array.from({ length: 180 }, (_, at) => `arn:aws:s3:::carts-images-of-long-ago-${at}/*`)
        workshopRole(world).inline.set('long', policy(granting('s3:GetObject', long)))
        workshopRole(world).inline.set(
          'filler',
          policy(granting('s3:GetObject', `arn:aws:s3:::${'a'.repeat(2600)}/*`)),
        )
      },
    },
  ],
  'permission-in-non-default-version': [
    { why: 'a mended version not in force', scenario: 'policy-fixed-not-default' },
  ],
  'permission-boundary-blocks': [
    {
      why: 'a boundary',
      change: (world) => {
        const { arn } = world.aws.state.addPolicy({
          name: 'limits',
          versions: [policy(granting('s3:*', '*'))],
        })
        workshopRole(world).boundary = arn
      },
    },
    {
      why: 'a boundary of its own',
      change: (world) => {
        const name = `limits-${workshopRole(world).name}`
        const { arn } = world.aws.state.addPolicy({ name, versions: [policy(granting('s3:*', '*'))] })
        workshopRole(world).boundary = arn
      },
    },
  ],
  'permission-session-policy-blocks': [
    {
      why: 'a session policy',
      change: (world) =>
        associated({
          disableSessionTags: true,
          policy: policy(granting('dynamodb:GetItem', tableArn(world.aws.state))),
        })(world),
      input: { sessionTags: false },
    },
  ],
  'second-opinion-disagrees': [
    {
      why: 'an opinion that differs',
      looks: true,
      findings: ({ aws }) => {
        const about = { action: 'dynamodb:Query', resource: tableArn(aws.state) }
        return compareOpinions(
          { name: 'carts', arn: roleArn(aws.state) },
          [
            {
              ...about,
              role: 'carts',
              granted: true,
              decision: 'allowed',
              layers: [],
              by: [],
              missingKeys: [],
            },
          ],
          {
            opinions: [{ ...about, decision: 'implicitDeny', missingKeys: [], blockedByOrganization: false }],
          },
        )
      },
    },
  ],
} satisfies Rows
