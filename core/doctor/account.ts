import type { Config } from '../config.ts'
import { mendWith } from '../findings.ts'
import { partitionOf } from '../partitions/partitions.ts'
import { command } from '../text/shell.ts'
import { type Check, right, wrong } from './check.ts'

/** A trail that gets the region's events. */
export interface LoggingTrail {
  name: string
  logging: boolean
  /** Whether it logs management events that write. */
  writes: boolean
}

/** Whether EventBridge gets CreateCluster: it does through a trail that logs management events that write. */
export const checkTrails = (
  { account, region, triggers }: Config,
  trails: readonly LoggingTrail[],
): Check => {
  const about = 'CloudTrail trail'
  if (!triggers.clusterCreated) return right(about, 'none is needed: triggers.clusterCreated is false')
  const good = trails.find(({ logging, writes }) => logging && writes)
  if (good) return right(about, `${good.name} logs management events, CreateCluster among them`)
  const still = trails.find(({ writes }) => writes)
  if (still)
    return wrong(
      about,
      `${still.name} does not log now, so that a new cluster starts no run`,
      mendWith(
        'Have it log again.',
        command`aws cloudtrail start-logging --name ${still.name} --region ${region}`,
      ),
    )
  const partial = trails[0]
  if (partial)
    return wrong(
      about,
      `${partial.name} logs no management events that write, CreateCluster among them`,
      mendWith(
        'Have it log them; what it logs besides stays only where it is in the command, so look first (get-event-selectors).',
        command`aws cloudtrail put-event-selectors --trail-name ${partial.name} --region ${region} --event-selectors ReadWriteType=WriteOnly,IncludeManagementEvents=true`,
      ),
    )
  const bucket = `podid-trail-${account}-${region}`
  const partition = partitionOf(region)
  const policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'cloudtrail.amazonaws.com' },
        Action: 's3:GetBucketAcl',
        Resource: `arn:${partition}:s3:::${bucket}`,
      },
      {
        Effect: 'Allow',
        Principal: { Service: 'cloudtrail.amazonaws.com' },
        Action: 's3:PutObject',
        Resource: `arn:${partition}:s3:::${bucket}/AWSLogs/${account}/*`,
        Condition: { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' } },
      },
    ],
  })
  return wrong(
    about,
    `there is none for ${region}, so that EventBridge gets no CreateCluster, and a new cluster starts no run`,
    mendWith(
      'Make one with a bucket of its own (the first copy of management events costs nothing, the bucket does), or set triggers.clusterCreated to false.',
      region === 'us-east-1'
        ? command`aws s3api create-bucket --bucket ${bucket} --region ${region}`
        : command`aws s3api create-bucket --bucket ${bucket} --region ${region} --create-bucket-configuration ${`LocationConstraint=${region}`}`,
      command`aws s3api put-bucket-policy --bucket ${bucket} --region ${region} --policy ${policy}`,
      command`aws cloudtrail create-trail --name podid --s3-bucket-name ${bucket} --is-multi-region-trail --region ${region}`,
      command`aws cloudtrail start-logging --name podid --region ${region}`,
    ),
  )
}

/** Lambda's concurrent executions in the region. */
export interface Concurrency {
  limit: number
  /** What no function has reserved. */
  unreserved: number
}

/** Lambda leaves so many to the functions that reserve none: https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html */
const leftFree = 100

/**
 * Whether the stage fits into the account's concurrency. `deployed`: what the URL's function reserves is reserved already.
 */
export const checkConcurrency = (
  { region, urlConcurrency }: Pick<Config, 'region' | 'urlConcurrency'>,
  { limit, unreserved }: Concurrency,
  deployed: boolean,
): Check => {
  const about = 'Lambda: concurrent executions'
  const increase = (to: number) =>
    command`aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value ${to} --region ${region}`
  const needed = leftFree + (urlConcurrency ?? 0)
  if (urlConcurrency !== undefined && !deployed && unreserved < needed)
    return wrong(
      about,
      `${unreserved} of ${limit} are unreserved, and Lambda reserves ${urlConcurrency} (urlConcurrency) only where ${leftFree} are left: the deployment would fail`,
      mendWith(
        'Leave urlConcurrency out of podid.yaml, or have the limit raised, which AWS decides.',
        increase(Math.max(1000, limit + needed - unreserved)),
      ),
    )
  return right(about, `${limit} in ${region}, ${unreserved} of them unreserved`)
}

/** The stage's table as DynamoDB has it. */
export interface RecordsTable {
  name: string
}

/** Whether a deployment can make its table: one that an earlier deployment left has its name. */
export const checkTable = (
  stage: string,
  name: string,
  table: RecordsTable | undefined,
  deployed: boolean,
): Check => {
  const about = `table ${name}`
  if (!table && deployed)
    return wrong(
      about,
      'it is gone, and the stage is deployed: no run can take its turn',
      mendWith(
        'Have the deployment see that, and make it again.',
        command`npx sst refresh --stage ${stage}`,
        command`npx sst deploy --stage ${stage}`,
      ),
    )
  if (!table) return right(about, 'there is none yet: the deployment makes it')
  if (deployed) return right(about, 'is there')
  return wrong(
    about,
    'an earlier deployment of the stage has left it, and DynamoDB takes no second one of that name: the deployment would fail',
    mendWith(
      'Have the deployment take it over with what is in it; this once is enough.',
      command`PODID_ADOPT_TABLE=1 npx sst deploy --stage ${stage}`,
    ),
  )
}

/** A parameter of Systems Manager, without its value. */
export interface Parameter {
  type: string
}

/** Whether a secret is where the functions read it. */
export const checkParameter = (
  { region }: Pick<Config, 'region'>,
  { name, put }: SecretParameter,
  parameter: Parameter | undefined,
): Check => {
  const about = `parameter ${name}`
  const mend = mendWith(
    'Put it there; the variable holds what Slack’s page of the app shows.',
    `${put} --region ${region}`,
  )
  if (!parameter) return wrong(about, `Systems Manager has none in ${region}`, mend)
  if (parameter.type !== 'SecureString')
    return wrong(
      about,
      `is a ${parameter.type}, so that whoever may read the list of parameters reads the secret`,
      mend,
    )
  return right(about, 'is there, encrypted')
}

export interface SecretParameter {
  name: string
  /** The command that puts it there. */
  put: string
}

/** The parameters that a stage's settings ask for. */
export const secretParameters = (stage: string, { channels, triggers }: Config): SecretParameter[] => {
  const at = (name: string, value: string): SecretParameter => ({
    name: `/podid/${stage}/${name}`,
    put: `printf %s "${value}" | ${command`aws ssm put-parameter --overwrite --type SecureString --name ${`/podid/${stage}/${name}`} --value file:///dev/stdin`}`,
  })
  return [
    ...(channels.slack
      ? [at('slack-bot-token', '$SLACK_BOT_TOKEN'), at('slack-signing-secret', '$SLACK_SIGNING_SECRET')]
      : []),
    ...(triggers.webhook ? [at('webhook-secrets', 'ci=whsec_$(openssl rand -base64 24)')] : []),
  ]
}
