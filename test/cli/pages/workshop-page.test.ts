import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { needing } from '../../support/command-line.ts'
import { type LocalHere, startLocalHere } from '../../support/commands/here.ts'

const { skipped, note } = needing('aws', 'kubectl', 'jq')

// Each call of the AWS CLI takes half a second of a core, so that there are few of them.
describe.skipIf(skipped)(`the workshop's page, with the AWS CLI, kubectl and jq${note}`, () => {
  let local: LocalHere
  beforeAll(async () => {
    local = await startLocalHere({ propagationMs: [300], readyAfterMs: 400 })
  })
  afterAll(() => local[Symbol.asyncDispose]())

  const account = '123456789012'
  const roleArn = `arn:aws:iam::${account}:role/eks-workshop-carts-dynamo`
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
    expect(await local.bash('kubectl -n carts get pods')).toMatch(/^carts-\S+ +0\/1 +CrashLoopBackOff /m)
  })

  it("shows the role's policy and trust", async () => {
    const [policy, trust] = await Promise.all([
      local.bash(
        `aws iam get-policy-version --version-id v1 --policy-arn arn:aws:iam::\${AWS_ACCOUNT_ID}:policy/\${EKS_CLUSTER_NAME}-carts-dynamo --query 'PolicyVersion.Document' | jq .`,
      ),
      local.bash(
        `aws iam get-role --query 'Role.AssumeRolePolicyDocument' --role-name \${EKS_CLUSTER_NAME}-carts-dynamo | jq .`,
      ),
    ])
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
    expect(JSON.parse(trust)).toEqual({
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
    const answer = JSON.parse(
      await local.bash(`aws eks create-pod-identity-association --cluster-name \${EKS_CLUSTER_NAME} \\
        --role-arn arn:aws:iam::\${AWS_ACCOUNT_ID}:role/\${EKS_CLUSTER_NAME}-carts-dynamo \\
        --namespace carts --service-account carts`),
    ) as { association: { associationId: string } }
    const id = answer.association.associationId
    expect(id).toMatch(/^a-[a-z0-9]{17}$/)
    expect(answer).toEqual({
      association: {
        clusterName: 'eks-workshop',
        namespace: 'carts',
        serviceAccount: 'carts',
        roleArn,
        associationArn: `arn:aws:eks:us-west-2:${account}:podidentityassociation/eks-workshop/${id}`,
        associationId: id,
        tags: {},
        // Version 1 of the AWS CLI prints numbers, version 2 text.
        createdAt: expect.anything(),
        modifiedAt: expect.anything(),
      },
    })
    expect(await local.bash("kubectl -n carts describe deployment carts | grep 'Service Account'")).toBe(
      '  Service Account:  carts\n',
    )
    await propagated()
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

  it('lets kubectl in by a token of the AWS CLI', async () => {
    const pods = await local.bash(
      'export KUBECONFIG=$PWD/by-token; aws eks update-kubeconfig --name $EKS_CLUSTER_NAME >/dev/null && kubectl -n carts get deployment carts -o name',
    )
    expect(pods).toBe('deployment.apps/carts\n')
  })

  it('runs the workflow as an execution of Step Functions, and finds nothing left to do', async () => {
    const input = JSON.stringify({
      cluster: 'eks-workshop',
      namespace: 'carts',
      serviceAccount: 'carts',
      role: roleArn,
      workload: 'deployment/carts',
    })
    const arn = (
      await local.bash(
        `aws stepfunctions start-execution --state-machine-arn ${local.ready.stateMachineArn} --name by-hand --input '${input}' --query executionArn --output text`,
      )
    ).trim()
    expect(arn).toBe(`arn:aws:states:us-west-2:${account}:execution:podid-enable:by-hand`)
    await local.world.aws.stateMachines.closed(arn)
    const [described, types] = await Promise.all([
      local.bash(`aws stepfunctions describe-execution --execution-arn ${arn}`),
      local.bash(
        `aws stepfunctions get-execution-history --execution-arn ${arn} --query 'events[].type' --output json`,
      ),
    ])
    const execution = JSON.parse(described) as { status: string; output: string }
    expect(execution.status).toBe('SUCCEEDED')
    expect(JSON.parse(execution.output)).toMatchObject({ outcome: 'unchanged' })
    expect(JSON.parse(types)).toEqual(expect.arrayContaining(['ExecutionStarted', 'ExecutionSucceeded']))
  })

  /** What the page waits 30 s for: dry-run pods get the credentials. */
  const propagated = () =>
    vi.waitUntil(
      async () =>
        (
          await local.bash(
            `kubectl -n carts run probe --image probe --dry-run=server -o yaml --overrides '{"spec":{"serviceAccountName":"carts"}}'`,
          )
        ).includes('AWS_CONTAINER_CREDENTIALS_FULL_URI'),
      { timeout: 120_000, interval: 200 },
    )
})

/** A table as kubectl prints it: at least two spaces between columns. */
const rows = (text: string): string[][] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd().split(/ {2,}/))
