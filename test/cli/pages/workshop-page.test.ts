import { CreatePodIdentityAssociationCommand, EKSClient } from '@aws-sdk/client-eks'
import { GetPolicyVersionCommand, GetRoleCommand, IAMClient } from '@aws-sdk/client-iam'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { needing, type Pointed } from '../../support/command-line.ts'
import { type LocalHere, startStageless } from '../../support/commands/here.ts'

const exhaustive = process.env.PODID_EXHAUSTIVE === '1'
const { skipped, note } = needing('kubectl', ...(exhaustive ? ['aws', 'jq'] : []))

// Each call of the AWS CLI takes most of a second of a core, so that `npm test` sends what it would send: it makes a role
// in test/scenarios/remedies, a cluster, an execution and events are in test/cli/local.test.ts, and its token in
// test/local/aws/cli.test.ts. What the page greps for is in test/local/kubernetes/kubectl.
describe.skipIf(skipped)(`the workshop's page, with its programs${note}`, () => {
  let local: LocalHere<Pointed>
  beforeAll(async () => {
    local = await startStageless({ propagationMs: [0], startMs: 0, readyAfterMs: 400 })
  })
  afterAll(() => local[Symbol.asyncDispose]())

  const account = '123456789012'
  const roleArn = `arn:aws:iam::${account}:role/eks-workshop-carts-dynamo`
  const client = () => {
    const { awsEndpoint: endpoint, region, accessKeyId, secretAccessKey } = local.ready
    return { endpoint, region, credentials: { accessKeyId, secretAccessKey } }
  }
  const logs = () => local.bash('kubectl -n carts logs -l app.kubernetes.io/component=service --tail=-1')

  it('shows the agent on every node', async () => {
    const daemonSet = rows(await local.bash('kubectl -n kube-system get daemonset eks-pod-identity-agent'))
    expect(daemonSet).toEqual([
      ['NAME', 'DESIRED', 'CURRENT', 'READY', 'UP-TO-DATE', 'AVAILABLE', 'NODE SELECTOR', 'AGE'],
      ['eks-pod-identity-agent', '3', '3', '3', '3', '3', '<none>', '3d21h'],
    ])
    const [heading, ...pods] = rows(
      await local.bash('kubectl -n kube-system get pods -l app.kubernetes.io/name=eks-pod-identity-agent'),
    )
    expect(heading).toEqual(['NAME', 'READY', 'STATUS', 'RESTARTS', 'AGE'])
    const name = expect.stringMatching(/^eks-pod-identity-agent-[a-z0-9]{5}$/)
    expect(pods).toEqual(Array(3).fill([name, '1/1', 'Running', '0', '3d21h']))
  })

  it('shows why carts crashes: it calls as the role of its node', async () => {
    expect(await logs()).toMatch(
      new RegExp(
        `User: arn:aws:sts::${account}:assumed-role/eksctl-eks-workshop-nodegroup-\\S+ is not authorized to perform: dynamodb:Query`,
      ),
    )
  })

  it("shows the role's policy and trust", async () => {
    const iam = new IAMClient(client())
    const named = { VersionId: 'v1', PolicyArn: `arn:aws:iam::${account}:policy/eks-workshop-carts-dynamo` }
    const { PolicyVersion: version } = await iam.send(new GetPolicyVersionCommand(named))
    const document = JSON.parse(decodeURIComponent(version?.Document ?? ''))
    const policy = exhaustive
      ? await local.bash(
          `aws iam get-policy-version --version-id v1 --policy-arn arn:aws:iam::\${AWS_ACCOUNT_ID}:policy/\${EKS_CLUSTER_NAME}-carts-dynamo --query 'PolicyVersion.Document' | jq .`,
        )
      : `${JSON.stringify(document, null, 2)}\n`
    const { Role: role } = await iam.send(new GetRoleCommand({ RoleName: 'eks-workshop-carts-dynamo' }))
    const table = `arn:aws:dynamodb:us-west-2:${account}:table/eks-workshop-carts`
    // As text, since the order of the keys is the page's.
    expect(policy).toBe(
      `${JSON.stringify(
        {
          Statement: [
            {
              Action: 'dynamodb:*',
              Effect: 'Allow',
              Resource: [table, `${table}/index/*`],
              Sid: 'AllAPIActionsOnCart',
            },
          ],
          Version: '2012-10-17',
        },
        null,
        2,
      )}\n`,
    )
    expect(JSON.parse(decodeURIComponent(role?.AssumeRolePolicyDocument ?? ''))).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'pods.eks.amazonaws.com' },
          Action: ['sts:AssumeRole', 'sts:TagSession'],
        },
      ],
    })
  })

  it('heals carts by an association and a restart', async () => {
    const { association: { associationId: id = '', ...association } = {} } = await new EKSClient(
      client(),
    ).send(
      new CreatePodIdentityAssociationCommand({
        clusterName: 'eks-workshop',
        roleArn,
        namespace: 'carts',
        serviceAccount: 'carts',
      }),
    )
    expect(id).toMatch(/^a-[a-z0-9]{17}$/)
    expect(association).toEqual({
      clusterName: 'eks-workshop',
      namespace: 'carts',
      serviceAccount: 'carts',
      roleArn,
      associationArn: `arn:aws:eks:us-west-2:${account}:podidentityassociation/eks-workshop/${id}`,
      tags: {},
      createdAt: expect.any(Date),
      modifiedAt: expect.any(Date),
    })
    expect(await local.bash('kubectl -n carts rollout restart deployment/carts')).toBe(
      'deployment.apps/carts restarted\n',
    )
    const status = (await local.bash('kubectl -n carts rollout status deployment/carts'))
      .trimEnd()
      .split('\n')
    expect(status.pop()).toBe('deployment "carts" successfully rolled out')
    // Which of them kubectl is in time to see depends on the machine.
    for (const line of status) expect(line).toMatch(/^Waiting for deployment/)
    expect(await logs()).toContain(
      `carts: connected to table eks-workshop-carts as arn:aws:sts::${account}:assumed-role/eks-workshop-carts-dynamo/`,
    )
  })
})

/** A table as kubectl prints it: at least two spaces between columns. */
const rows = (text: string): string[][] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd().split(/ {2,}/))
