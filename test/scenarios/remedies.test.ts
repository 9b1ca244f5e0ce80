import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Finding } from '../../core/findings.ts'
import type { Deployment, StatefulSet } from '../../core/kubernetes.ts'
import type { RequestInput } from '../../core/request.ts'
import { resources } from '../../local/kubernetes/store/resources.ts'
import { podIdentityTrust } from '../../local/scenarios/workshop/account.ts'
import { roleArn, tableArn, workshop } from '../../local/scenarios/workshop/index.ts'
import type { VariantName } from '../../local/scenarios/workshop/variants.ts'
import { missing, plainEnv } from '../support/command-line.ts'
import { startWorkshop, type Workshop } from '../support/run.ts'

type Change = (world: Workshop) => void

/** A situation, and the finding whose remedy is pasted there. */
interface Row {
  why: string
  code: string
  scenario?: VariantName
  change?: Change
  input?: Partial<RequestInput>
}

const role = ({ aws }: Workshop) => {
  const found = aws.state.roles.get(workshop.role)
  if (!found) throw new Error('the workshop has no role')
  return found
}
const carts =
  (change: (spec: NonNullable<Deployment['spec']>) => void): Change =>
  ({ cluster: { store } }) =>
    void store.mutate(resources.deployments, workshop.namespace, 'carts', (draft) => {
      if (draft.spec) change(draft.spec)
      return draft
    })
const trusting =
  (...statements: object[]): Change =>
  (world) => {
    role(world).trust = JSON.stringify({ Version: '2012-10-17', Statement: statements })
  }
const [usual = {}] = podIdentityTrust.Statement as object[]
const allow = (actions: unknown, on: unknown) => ({ Effect: 'Allow', Action: actions, Resource: on })
const policy = (...statements: object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements })
const associated =
  (more: object): Change =>
  (world) =>
    void world.aws.state.addAssociation({
      clusterName: workshop.cluster,
      namespace: workshop.namespace,
      serviceAccount: workshop.serviceAccount,
      roleArn: roleArn(world.aws.state),
      ...more,
    })

/** Remedies that mend: afterwards the finding is gone. */
const mends: Row[] = [
  { why: 'no agent', scenario: 'agent-missing', code: 'agent-missing' },
  { why: 'a degraded agent', scenario: 'agent-degraded', code: 'agent-unhealthy' },
  { why: 'no role', scenario: 'role-missing', code: 'role-missing' },
  { why: 'no TagSession', scenario: 'trust-without-tag-session', code: 'trust-tag-session-missing' },
  {
    why: 'a trust in another cluster',
    scenario: 'trust-other-cluster',
    code: 'trust-source-arn-other-cluster',
  },
  {
    why: 'a vendor and the pods behind an external id',
    code: 'trust-condition-unmet',
    change: trusting({
      ...usual,
      Principal: { Service: 'pods.eks.amazonaws.com', AWS: '123456789012' },
      Condition: { StringEquals: { 'sts:ExternalId': "it's $(secret)" } },
    }),
  },
  {
    why: 'a Deny without MFA',
    code: 'trust-explicit-deny',
    change: trusting(usual, {
      Effect: 'Deny',
      Principal: '*',
      Action: 'sts:AssumeRole',
      Condition: { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } },
    }),
  },
  { why: 'no grant on the index', scenario: 'policy-without-index', code: 'permission-missing' },
  {
    why: 'a mended version not in force',
    scenario: 'policy-fixed-not-default',
    code: 'permission-in-non-default-version',
  },
  {
    why: 'a boundary',
    code: 'permission-boundary-blocks',
    change: (world) => {
      const { arn } = world.aws.state.addPolicy({ name: 'limits', versions: [policy(allow('s3:*', '*'))] })
      role(world).boundary = arn
    },
  },
  {
    why: 'a session policy',
    code: 'permission-session-policy-blocks',
    change: (world) =>
      associated({
        disableSessionTags: true,
        policy: policy(allow('dynamodb:GetItem', tableArn(world.aws.state))),
      })?.(world),
    input: { sessionTags: false },
  },
  {
    why: 'an association with another role',
    scenario: 'association-other-role',
    code: 'association-differs',
  },
  {
    why: 'an association without session tags',
    code: 'association-differs',
    change: associated({ disableSessionTags: true }),
  },
  {
    why: 'an association with a target role',
    code: 'association-target-role-stays',
    change: associated({ targetRoleArn: 'arn:aws:iam::999988887777:role/target' }),
    input: { replace: true },
  },
  { why: 'an add-on’s association', scenario: 'association-of-addon', code: 'association-owned-by-addon' },
  {
    why: 'a target role that does not trust ours',
    code: 'target-trust-missing',
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
        inline: { all: policy(allow('dynamodb:*', '*')) },
      })
      role(world).inline.set('assume', policy(allow(['sts:AssumeRole', 'sts:TagSession'], target.arn)))
    },
    input: { targetRole: 'arn:aws:iam::123456789012:role/target' },
  },
  {
    why: 'another ServiceAccount',
    scenario: 'other-service-account',
    code: 'workload-service-account-differs',
  },
  { why: 'no ServiceAccount', scenario: 'service-account-missing', code: 'service-account-missing' },
  {
    why: 'an IRSA annotation',
    code: 'irsa-annotation',
    change: ({ cluster: { store } }) =>
      void store.mutate(resources.serviceaccounts, workshop.namespace, workshop.serviceAccount, (draft) => ({
        ...draft,
        metadata: {
          ...draft.metadata,
          annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::123456789012:role/irsa' },
        },
      })),
  },
  { why: 'static keys', scenario: 'static-keys', code: 'credentials-outranked' },
  { why: 'static keys in a ConfigMap', scenario: 'static-keys-in-configmap', code: 'credentials-outranked' },
  { why: 'a paused Deployment', scenario: 'workload-paused', code: 'workload-paused' },
  {
    why: 'no replicas',
    code: 'workload-scaled-to-zero',
    change: carts((spec) => {
      spec.replicas = 0
    }),
  },
  {
    why: 'all containers left out',
    code: 'injection-skipped',
    change: carts(({ template }) => {
      const names = template.spec?.containers.map(({ name }) => name) ?? []
      template.metadata = {
        ...template.metadata,
        annotations: { 'eks.amazonaws.com/skip-containers': names.join(',') },
      }
    }),
  },
]

const statefulSet =
  (strategy: StatefulSetStrategy): Change =>
  ({ cluster: { store } }) => {
    const template = store.read(resources.deployments, workshop.namespace, 'carts').spec?.template
    if (!template) throw new Error('carts has no template')
    store.create(resources.statefulsets, {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'carts-db', namespace: workshop.namespace },
      spec: {
        serviceName: 'carts-db',
        selector: { matchLabels: template.metadata?.labels ?? {} },
        template,
        updateStrategy: strategy,
      },
    })
  }
type StatefulSetStrategy = NonNullable<NonNullable<StatefulSet['spec']>['updateStrategy']>
mends.push(
  {
    why: 'pods that are replaced by hand',
    code: 'workload-on-delete',
    change: statefulSet({ type: 'OnDelete' }),
    input: { workload: 'statefulset/carts-db' },
  },
  {
    why: 'pods that a partition leaves out',
    code: 'workload-partitioned',
    change: statefulSet({ type: 'RollingUpdate', rollingUpdate: { partition: 2 } }),
    input: { workload: 'statefulset/carts-db' },
  },
)

/** Remedies that only show more, and say so: they run, and change nothing. */
const looks: Row[] = [
  { why: 'no cluster', code: 'cluster-missing', input: { cluster: 'eks-other' } },
  { why: 'a failed cluster', scenario: 'cluster-failed', code: 'cluster-unusable' },
  { why: 'a node without agent', scenario: 'agent-incomplete', code: 'agent-incomplete' },
  { why: 'no workload', scenario: 'workload-missing', code: 'workload-missing' },
  {
    why: 'a Secret in the environment',
    code: 'secret-not-read',
    change: (world) => {
      world.cluster.store.create(resources.secrets, {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'settings', namespace: workshop.namespace },
        data: { COLOUR: 'Ymx1ZQ==' },
      })
      carts(({ template }) => {
        const [container] = template.spec?.containers ?? []
        if (container) container.envFrom = [{ secretRef: { name: 'settings' } }]
      })(world)
    },
  },
  {
    why: 'a trust policy that podid cannot read',
    code: 'trust-document-invalid',
    change: trusting({ ...usual, Novelty: 'x' }),
  },
]

// Starting the AWS CLI takes most of a second of computing, so that `npm test` pastes those remedies that are made
// in different ways, and `npm run test:exhaustive` all of them.
const often = new Set([
  'agent-missing',
  'role-missing',
  'trust-explicit-deny',
  'permission-missing',
  'association-owned-by-addon',
  'workload-missing',
])
const pasted = (rows: readonly Row[]): Row[] =>
  process.env.PODID_EXHAUSTIVE === '1' ? [...rows] : rows.filter(({ code }) => often.has(code))

const lacking = missing('aws', 'kubectl', 'bash')

describe.skipIf(lacking.length > 0)(
  `a remedy that is pasted${lacking.length > 0 ? ` (skipped: no ${lacking.join(', ')} on this machine)` : ''}`,
  () => {
    let folder: string
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'podid-remedies-'))
    })
    afterAll(() => rmSync(folder, { recursive: true, force: true }))

    /** Runs a command as a person would who pasted it; fails where any part of it fails. */
    const paste = async ({ aws, cluster }: Workshop, command: string): Promise<string> => {
      const kubeconfig = join(folder, 'kubeconfig')
      writeFileSync(kubeconfig, cluster.kubeconfig, { mode: 0o600 })
      const env = {
        ...plainEnv(),
        AWS_ENDPOINT_URL: aws.url,
        AWS_REGION: aws.region,
        AWS_DEFAULT_REGION: aws.region,
        AWS_ACCESS_KEY_ID: aws.credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: aws.credentials.secretAccessKey,
        AWS_PAGER: '',
        KUBECONFIG: kubeconfig,
        KUBECACHEDIR: join(folder, 'kubectl-cache'),
      }
      const { stdout } = await promisify(execFile)('bash', ['-e', '-o', 'pipefail', '-c', command], { env })
      return stdout
    }

    const found = async (world: Workshop, { code, input = {} }: Row): Promise<Finding | undefined> => {
      const { report } = await world.enable({ mode: 'plan', ...input })
      return report?.findings.find((finding) => finding.code === code)
    }

    const situation = async ({ scenario, change }: Row): Promise<Workshop & AsyncDisposable> => {
      const world = await startWorkshop(scenario ? { scenario } : {})
      change?.(world)
      return world
    }

    it.each(pasted(mends))('mends: $why ($code)', async (row) => {
      await using world = await situation(row)
      const before = await found(world, row)
      expect(before?.remedy).toEqual({ advice: expect.any(String), command: expect.any(String) })
      await paste(world, before?.remedy?.command ?? '')
      await world.clock.work?.(async () => {})
      expect(await found(world, row)).toBeUndefined()
    })

    it.each(pasted(looks))('is called a look: $why ($code)', async (row) => {
      await using world = await situation(row)
      const before = await found(world, row)
      expect(before?.remedy).toMatchObject({
        looks: true,
        advice: expect.stringMatching(/\b(?:[Ss]ee|shows)\b/),
      })
      await paste(world, before?.remedy?.command ?? '')
    })
  },
)
