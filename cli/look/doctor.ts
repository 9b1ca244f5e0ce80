import { concurrently } from '../../adapters/concurrently.ts'
import { isAllowed } from '../../adapters/deployed/access-review.ts'
import { stageAccount } from '../../adapters/deployed/account.ts'
import { clusters, type KnownCluster } from '../../adapters/eks/clusters.ts'
import { eks } from '../../adapters/eks/eks.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { readSecret } from '../../adapters/secrets.ts'
import { SlackRefused, slack } from '../../adapters/slack.ts'
import { isReachable, type ReachableCluster } from '../../core/cluster.ts'
import { type Config, fits } from '../../core/config.ts'
import {
  checkConcurrency,
  checkParameter,
  checkTable,
  checkTrails,
  secretParameters,
} from '../../core/doctor/account.ts'
import { type Check, right, unseen, wrong } from '../../core/doctor/check.ts'
import {
  type AccessQuestion,
  accessQuestions,
  type ClusterAccessMode,
  checkEntries,
  checkMode,
  checkRbac,
} from '../../core/doctor/cluster.ts'
import { AccessDenied, PodidError } from '../../core/errors.ts'
import { lookWith, mendWith } from '../../core/findings.ts'
import { accessEntries, deployedName } from '../../core/fleet/access.ts'
import { bindingsOn, byPatternOn } from '../../core/fleet/expand/of-stage.ts'
import { clusterPatterns } from '../../core/fleet/scope.ts'
import { partitionOf } from '../../core/partitions/partitions.ts'
import { excerpt } from '../../core/text/redact.ts'
import { command } from '../../core/text/shell.ts'
import { clusterApi } from '../../functions/support/kubernetes.ts'
import { messageHere } from '../direct.ts'

/** The stage, its settings, and where Slack's Web API is. */
export interface Examined {
  stage: string
  config: Config
  slackUrl: string
}

/** Looks at something; what fails is said, and not called right. */
const looking = async (about: string, look: () => Promise<Check | Check[]>): Promise<Check[]> => {
  try {
    return [await look()].flat()
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const said = error instanceof PodidError ? messageHere(error) : `${error.name}: ${error.message}`
    return [unseen(about, `not looked at: ${excerpt(said)}`)]
  }
}

/** Everything of an account, its clusters and Slack that a stage depends on, in the order in which it is needed. It changes nothing. */
export const examine = async (runtime: Runtime, { stage, config, slackUrl }: Examined): Promise<Check[]> => {
  const { account, region } = config
  const here = stageAccount(runtime, region)
  const named = (name: string) => deployedName(stage, name)
  const machine = `arn:${partitionOf(region)}:states:${region}:${account}:stateMachine:${named('enable')}`
  const state = await here.hasStateMachine(machine).catch((error: Error) => error)
  const deployed = state instanceof Error ? undefined : state
  const parts = await Promise.all([
    [deployment(stage, named('enable'), state)],
    looking('CloudTrail trail', async () =>
      checkTrails(config, config.triggers.clusterCreated ? await here.trails() : []),
    ),
    config.triggers.clusterCreated && deployed
      ? looking('rule for new clusters', async () =>
          checkRule(stage, region, await here.ruleState(named('ClusterCreated'))),
        )
      : [],
    looking('Lambda: concurrent executions', async () =>
      checkConcurrency(config, await here.concurrency(), deployed === true),
    ),
    // Whether a table is in the way depends on whose it is.
    deployed === undefined
      ? [unseen(`table ${named('records')}`, notKnown)]
      : looking(`table ${named('records')}`, async () =>
          checkTable(stage, named('records'), await here.table(named('records')), deployed),
        ),
    ...secretParameters(stage, config).map((secret) =>
      looking(`parameter ${secret.name}`, async () =>
        checkParameter(config, secret, await here.parameter(secret.name)),
      ),
    ),
    config.channels.slack
      ? looking('Slack’s token', () => checkSlack(runtime, { stage, config, slackUrl }))
      : [],
    config.channels.slack || config.triggers.webhook
      ? looking('function URL', async () =>
          checkUrl(deployed, await (deployed ? here.functionUrl(named('http')) : undefined), stage, region),
        )
      : [],
    clustersOf(runtime, stage, config, deployed),
  ])
  return parts.flat()
}

const notKnown = 'not looked at: whether the stage is deployed is not known'

const deployment = (stage: string, machine: string, state: boolean | Error): Check => {
  const about = `stage ${stage}`
  if (state instanceof Error) return unseen(about, `not looked at: ${excerpt(messageHere(state))}`)
  return state
    ? right(about, `is deployed: the state machine ${machine} is there`)
    : right(about, `is not deployed yet: there is no state machine ${machine}`)
}

const deployAgain = (stage: string) =>
  mendWith(
    'Deploy the stage again.',
    command`npx sst refresh --stage ${stage}`,
    command`npx sst deploy --stage ${stage}`,
  )

/** CreateCluster writes; a rule on read-only events of CloudTrail would need the state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS. */
const checkRule = (stage: string, region: string, state: string | undefined): Check => {
  const name = deployedName(stage, 'ClusterCreated')
  const about = `rule ${name}`
  if (state?.startsWith('ENABLED')) return right(about, state)
  if (state === undefined) return wrong(about, 'there is none on the default bus', deployAgain(stage))
  return wrong(
    about,
    `${state}, so that a new cluster starts no run`,
    mendWith('Enable it.', command`aws events enable-rule --name ${name} --region ${region}`),
  )
}

const checkSlack = async (runtime: Runtime, { stage, config, slackUrl }: Examined): Promise<Check> => {
  const about = 'Slack’s token'
  const { account, region } = config
  const arn = `arn:${partitionOf(region)}:ssm:${region}:${account}:parameter/podid/${stage}/slack-bot-token`
  try {
    const { team, user } = await slack(runtime, {
      url: slackUrl,
      token: () => readSecret(runtime, arn),
    }).whoAmI()
    return right(about, `is accepted: ${user} in ${team} (auth.test)`)
  } catch (error) {
    if (!(error instanceof SlackRefused)) throw error
    const put = secretParameters(stage, config)[0]?.put ?? ''
    return wrong(
      about,
      `Slack does not accept it: ${error.reason} (auth.test)`,
      mendWith(
        'Put the app’s bot token there; functions use it a minute later.',
        `${put} --region ${region}`,
      ),
    )
  }
}

/** How long a function URL may take, a cold start included. */
const urlWithinMs = 15_000

const checkUrl = async (
  deployed: boolean | undefined,
  url: string | undefined,
  stage: string,
  region: string,
): Promise<Check> => {
  const name = deployedName(stage, 'http')
  const about = 'function URL'
  if (!deployed)
    return unseen(about, deployed === undefined ? notKnown : 'not looked at: the stage is not deployed')
  if (!url) return wrong(about, `${name} has none`, deployAgain(stage))
  const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(urlWithinMs) }).catch(
    (error: Error) => error,
  )
  if (answer instanceof Error)
    return wrong(
      about,
      `${url} cannot be reached from this machine: ${excerpt((answer.cause as Error | undefined)?.message || answer.message)}`,
      lookWith('See what stands between: a proxy, a firewall, a name server.', command`curl -sS ${url}`),
    )
  await answer.body?.cancel()
  // The function itself answers so where there is nothing.
  if (answer.status === 404) return right(about, `${url} answers, and refuses what it does not know`)
  return wrong(
    about,
    `${url} answers ${answer.status}, and the function would say 404 to a request for nothing`,
    lookWith(
      answer.status === 403
        ? 'Lambda does not let everybody call it: see what its policy says; a service control policy may forbid such URLs.'
        : 'See the function’s log.',
      answer.status === 403
        ? command`aws lambda get-policy --function-name ${name} --region ${region}`
        : command`aws logs tail ${`/aws/lambda/${name}`} --since 10m --region ${region}`,
    ),
  )
}

const clustersAtOnce = 4

/** The clusters that the settings name, or that fit their patterns. */
const clustersOf = async (
  runtime: Runtime,
  stage: string,
  config: Config,
  deployed: boolean | undefined,
): Promise<Check[]> => {
  const patterns = clusterPatterns(config)
  const byRegion = [...Map.groupBy(patterns, ({ region }) => region)]
  const found = await concurrently(byRegion, clustersAtOnce, async ([region, wanted]) =>
    looking(`clusters in ${region}`, async () => {
      const names = await clusters(runtime, region).list()
      const checks = await concurrently(wanted, clustersAtOnce, async ({ pattern }) => {
        const fitting = names.filter((name) => fits(pattern, name))
        if (fitting.length > 0)
          return (
            await concurrently(fitting, clustersAtOnce, (name) =>
              clusterChecks(runtime, { stage, config, deployed }, name, region),
            )
          ).flat()
        return /[*?]/.test(pattern)
          ? [right(`clusters ${pattern}`, `none in ${region} yet`)]
          : [
              wrong(
                `cluster ${pattern}`,
                `there is none in ${region}; its bindings wait until there is`,
                lookWith(
                  'See which there are, and correct podid.yaml.',
                  command`aws eks list-clusters --region ${region}`,
                ),
              ),
            ]
      })
      return checks.flat()
    }),
  )
  // A cluster may fit several patterns.
  const once = new Map(found.flat().map((check) => [check.about, check]))
  return [...once.values()]
}

interface Stage {
  stage: string
  config: Config
  /** Undefined where it is not known. */
  deployed: boolean | undefined
}

const clusterChecks = async (
  runtime: Runtime,
  { stage, config, deployed }: Stage,
  name: string,
  region: string,
): Promise<Check[]> => {
  const about = (what: string) => `cluster ${name}: ${what}`
  let asked: ReturnType<ReturnType<typeof stageAccount>['accessMode']> | undefined
  const accessMode = () => {
    asked ??= stageAccount(runtime, region).accessMode(name)
    return asked
  }
  const mode = await looking(about('authentication mode'), async () => {
    const access = await accessMode()
    return access
      ? checkMode(access)
      : unseen(about('authentication mode'), 'not looked at: the cluster is gone')
  })
  const entries = await looking(about('access entries'), async () => {
    const access = await accessMode()
    if (deployed === undefined) return unseen(about('access entries'), notKnown)
    if (!deployed && !config.clusters.createAccessEntries)
      return unseen(
        about('access entries'),
        'not looked at: they come after the first deployment, which makes their roles',
      )
    if (!access || access.mode === 'CONFIG_MAP')
      return unseen(
        about('access entries'),
        'not looked at: there are none as long as the authentication mode is CONFIG_MAP',
      )
    const wanted = accessEntries(config, (one) => deployedName(stage, one))
    const api = eks(runtime, region)
    const found = await concurrently(
      wanted,
      clustersAtOnce,
      async ({ principalArn }) => [principalArn, await api.describeAccessEntry(name, principalArn)] as const,
    )
    return checkEntries(access, wanted, new Map(found), { ...config.clusters, mode: access.mode })
  })
  const rbac = await looking(about('RBAC'), async () => {
    const found = await clusters(runtime, region).describe(name)
    if (!found || !isReachable(found.cluster))
      return unseen(
        about('RBAC'),
        `not looked at: the cluster is ${found ? `${found.cluster.status}, without an endpoint` : 'gone'}`,
      )
    return checkAccess(runtime, found.cluster, found.known, { stage, config, deployed })
  })
  return [...mode, ...entries, ...rbac]
}

const questionsAtOnce = 8

const checkAccess = async (
  runtime: Runtime,
  cluster: ReachableCluster,
  known: KnownCluster,
  { stage, config }: Stage,
): Promise<Check> => {
  const place: Pick<ClusterAccessMode, 'cluster' | 'region'> = { cluster: known.name, region: known.region }
  const { bindings } = bindingsOn(config, known)
  const namespaces = [
    ...new Set(
      bindings.flatMap(({ binding }) => (binding.workload === undefined ? [] : [binding.namespace])),
    ),
  ]
  const byPattern = byPatternOn(config, known).length
  const asked = accessQuestions(namespaces)
  const connection = clusterApi(runtime, cluster)
  const ask = async (question: AccessQuestion): Promise<boolean> => {
    const { group, right: _role, ...attributes } = question
    // As EKS calls a session of one of podid's roles; RBAC decides by the group.
    const user = `arn:${partitionOf(config.region)}:sts::${config.account}:assumed-role/${deployedName(stage, 'doctor')}/doctor`
    return isAllowed(connection, { user, groups: [group, 'system:authenticated'], ...attributes })
  }
  try {
    const answers = await concurrently(asked, questionsAtOnce, ask)
    return checkRbac(
      place,
      asked,
      asked.filter((_, at) => !answers[at]),
      byPattern,
    )
  } catch (error) {
    if (!(error instanceof AccessDenied)) throw error
    return unseen(
      `cluster ${place.cluster}: RBAC`,
      `not looked at: ${excerpt(messageHere(error))}`,
      'It takes an access entry for you with leave to create SubjectAccessReviews: AmazonEKSClusterAdminPolicy has it.',
    )
  }
}
