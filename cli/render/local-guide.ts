import type { SingleBinding } from '../../core/fleet/expand/binding.ts'
import { command } from '../../core/text/shell.ts'
import type { World } from '../../local/world.ts'
import type { Stage } from '../../stage/stage.ts'
import { invokedAs } from '../invoked.ts'
import { wrapped } from './screen.ts'

/** What a program needs to reach the stand-ins, and to start a run in each way. */
export interface LocalStage {
  awsEndpoint: string
  region: string
  account: string
  accessKeyId: string
  secretAccessKey: string
  kubeconfig: string
  stateMachineArn: string
  slackUrl: string
  webhookUrl: string
  webhookSecret: string
}

export const localStage = ({ aws }: World, stage: Stage, kubeconfig: string): LocalStage => ({
  awsEndpoint: aws.url,
  region: aws.region,
  account: aws.account,
  accessKeyId: aws.credentials.accessKeyId,
  secretAccessKey: aws.credentials.secretAccessKey,
  stateMachineArn: stage.stateMachineArn,
  slackUrl: stage.slack.url,
  webhookUrl: `${stage.integrations.functionUrl.url}/hooks`,
  webhookSecret: stage.webhookSecret,
  kubeconfig,
})

/** What of podid.yaml the guide's examples are made of. */
export interface Examples {
  /** A binding that needs no look into a cluster, on the cluster that it names. */
  declared: { name: string; binding: SingleBinding } | undefined
  /** Who may ask for runs in Slack. */
  users: readonly string[]
  /** Who may ask for runs by signed messages. */
  callers: readonly string[]
  /** The name of a cluster that is not there, and that a binding is for. */
  newCluster: string | undefined
}

/** What `podid local` prints for a person: how to reach the stand-ins, and how to start a run in each way. Each command can be pasted. */
export const guide = (
  ready: LocalStage,
  { clusters }: Pick<World, 'clusters'>,
  { declared, users, callers, newCluster }: Examples,
  width: number,
): string => {
  const { awsEndpoint, region, account, accessKeyId, secretAccessKey, kubeconfig } = ready
  const [cluster = ''] = clusters.keys()
  const ways = [
    ...(declared
      ? [slackWay(declared, users), executionWay(ready, declared.binding), remoteWay(declared.binding)]
      : []),
    ...(newCluster === undefined ? [] : [newClusterWay(newCluster, account)]),
    sweepWay,
    ...(declared ? [webhookWay(ready, declared.name, callers)] : []),
  ]
  const sentence = (text: string) => wrapped(text, width).join('\n')
  const shown = ({ words, lines = [] }: Way) =>
    [...words.map(sentence), ...lines.map((line) => `  ${line}`)].map((line) => `${line}\n`).join('')
  return `${sentence('The stand-ins are up. In another terminal, point the AWS CLI, kubectl and podid at them:')}

  unset AWS_PROFILE AWS_SESSION_TOKEN
  export AWS_ENDPOINT_URL=${awsEndpoint} AWS_REGION=${region} AWS_DEFAULT_REGION=${region} AWS_DISABLE_HOST_PREFIX_INJECTION=true
  export AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey} AWS_ACCOUNT_ID=${account}
  export KUBECONFIG=${kubeconfig} KUBECACHEDIR=${kubeconfig}-cache EKS_CLUSTER_NAME=${cluster}

${sentence(`Then ${invokedAs()} plan and ${invokedAs()} enable find them (--help has examples), and each of these starts a run of the stage, which Slack's stand-in shows: ${ready.slackUrl}`)}

${ways.map(shown).join('\n')}
Stop with Ctrl-C.
`
}

/** One way to start a run: what to read, and the commands, which are pasted as they are. Without INTERACTIVE_COMMENTS, as it comes, zsh takes a comment for a command. */
interface Way {
  words: string[]
  lines?: string[]
}

const slackWay = (
  { name, binding }: NonNullable<Examples['declared']>,
  [asking, approving]: readonly string[],
): Way => {
  if (asking === undefined)
    return {
      words: [
        `Slack: no grant in podid.yaml names a user; with this one, U0000LOCAL can write "enable ${name}" on that page:`,
        'access: [{ users: [U0000LOCAL], may: [enable, plan] }]',
      ],
    }
  const approval = binding.approval === 'required' ? 'then approves it' : 'can approve what asks for approval'
  return {
    words: [
      `Slack: on that page write "enable ${name}" as ${asking}${approving === undefined ? '' : `; ${approving} ${approval}`}`,
    ],
  }
}

const executionWay = ({ stateMachineArn }: LocalStage, binding: SingleBinding): Way => {
  const { cluster, namespace, serviceAccount, role, workload } = binding
  const place = { cluster, namespace, serviceAccount, role }
  const input = { ...place, ...(workload ? { workload } : {}), mode: 'plan' }
  return {
    words: ['Step Functions: an execution by hand'],
    lines: [
      command`aws stepfunctions start-execution --state-machine-arn ${stateMachineArn} --input ${JSON.stringify(input)}`,
    ],
  }
}

const remoteWay = ({ cluster, namespace, serviceAccount, role, workload }: SingleBinding): Way => ({
  words: ['The same from the command line, followed to its end'],
  lines: [
    `${invokedAs()} ${command`plan --cluster ${cluster} --namespace ${namespace} --service-account ${serviceAccount} --role ${role}`}${workload ? command` --workload ${workload}` : ''} --remote local`,
  ],
})

const newClusterWay = (name: string, account: string): Way => ({
  words: ['EventBridge: a cluster is created, which takes some seconds here'],
  lines: [
    command`aws eks create-cluster --name ${name} --role-arn ${`arn:aws:iam::${account}:role/cluster`} --resources-vpc-config subnetIds=subnet-1,subnet-2 --access-config authenticationMode=API`,
  ],
})

const sweepWay: Way = {
  words: ['The sweep: within a minute, and each minute from then on'],
  lines: ["aws events put-rule --name podid-Sweep --schedule-expression 'rate(1 minute)'"],
}

const webhookWay = (
  { webhookUrl, webhookSecret }: LocalStage,
  binding: string,
  callers: readonly string[],
): Way => ({
  words: callers.includes('local')
    ? ['The webhook: a signed message from the caller "local"']
    : [
        'The webhook: a signed message from the caller "local". It is refused, as no grant in podid.yaml names that caller; with this one it starts a run:',
        'access: [{ callers: [local], may: [enable, plan] }]',
      ],
  lines: [
    `WEBHOOK_URL=${webhookUrl} SECRET=${webhookSecret}`,
    `id=msg_$RANDOM timestamp=$(date +%s) body='${JSON.stringify({ type: 'run.start', data: { binding, mode: 'plan' } })}'`,
    String.raw`key=$(printf %s "${'$'}{SECRET#whsec_}" | base64 -d | od -An -tx1 | tr -d ' \n')`,
    'signature=$(printf %s "$id.$timestamp.$body" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | base64)',
    `curl -sS -w '\\n' -H 'content-type: application/json' -H "webhook-id: $id" -H "webhook-timestamp: $timestamp" \\`,
    '  -H "webhook-signature: v1,$signature" -d "$body" "$WEBHOOK_URL"',
  ],
})
