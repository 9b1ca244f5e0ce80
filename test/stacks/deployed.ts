import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CreateAccessEntryCommand, EKSClient } from '@aws-sdk/client-eks'
import { parse, parseAllDocuments } from 'yaml'
import type { Runtime } from '../../adapters/runtime.ts'
import type { AccessEntry } from '../../core/cluster.ts'
import { liveAlias } from '../../core/names.ts'
import type { Execution } from '../../local/aws/index.ts'
import { resources } from '../../local/kubernetes/store/resources.ts'
import { type SlackStandIn, startSlack } from '../../local/slack/index.ts'
import { invoker, localDefinition } from '../../stage/execution.ts'
import { startWorkshop, type Workshop } from '../support/run.ts'
import { fullPages, type TestWorldOptions } from '../support/servers/small-pages.ts'
import { everything, type FunctionRole, root, type SynthesizedStage, webhookSecrets } from './support.ts'

/** How an execution ended. */
export interface ExecutionEnd extends Pick<Execution, 'status' | 'error' | 'cause'> {
  output: unknown
}

/** The workshop's account with a synthesized stage in it: every function signs in as its own role. */
export interface Deployed extends Workshop {
  slack: SlackStandIn
  machineArn: string
  /** Of rollouts in waves. */
  rolloutMachineArn: string
  /** The surroundings of a function, by its name: `followRun`. */
  runtime(name: string): Runtime
  /** Starts an execution by hand, as the console does, and waits for its end. */
  execute(
    input: Record<string, unknown>,
  ): Promise<{ status: string; output: unknown; cause?: string | undefined }>
}

/** @param time `real` where processes ask, which a clock that jumps does not wait for */
export const deployStage = async (
  stage: SynthesizedStage,
  { time = 'jump' }: Pick<TestWorldOptions, 'time'> = {},
): Promise<Deployed & AsyncDisposable> => {
  // What is asked is counted here.
  const world = await startWorkshop({ account: '111122223333', region: 'us-west-2', time, ...fullPages })
  const { aws, clock } = world
  const slack = await startSlack({ clock })
  for (const role of stage.roles) addRole(world, role)
  await letIn(world, stage.outputs.accessEntries as AccessEntry[])
  applyManifests(world)
  aws.tables.add('podid-dev-records', 'id')
  aws.topics.add('podid-dev-notifications')
  aws.parameters.put('/podid/dev/slack-bot-token', slack.botToken)
  aws.parameters.put('/podid/dev/slack-signing-secret', slack.people.signingSecret)
  aws.parameters.put('/podid/dev/webhook-secrets', webhookSecrets)

  const runtimes = new Map<string, Runtime>()
  const runtime = (name: string): Runtime => {
    const made = runtimes.get(name) ?? runtimeOf(world, stage, slack, name)
    runtimes.set(name, made)
    return made
  }
  aws.buckets.add('podid-dev-rollouts-111122223333')
  const { versions } = aws.stateMachines
  const add = (name: string, definition: string): string => {
    const task = invoker({ runtime: (step: string) => runtime(step), work: clock.work })
    const machine = aws.stateMachines.add({ name, definition, task })
    const now = new Date(clock.now())
    versions.addAlias(liveAlias, versions.publish(machine, now).arn, now)
    return machine.arn
  }
  const machineArn = add('podid-dev-enable', localDefinition(aws.account, aws.region))
  const rolloutMachineArn = add(
    'podid-dev-rollout',
    localDefinition(aws.account, aws.region, 'rollout').replaceAll(
      ':stateMachine:podid-local-enable',
      `:stateMachine:podid-dev-enable:${liveAlias}`,
    ),
  )
  let runs = 0
  return {
    ...world,
    slack,
    machineArn,
    rolloutMachineArn,
    runtime,
    execute: async (input) => {
      const { arn } = aws.stateMachines.start(
        `${machineArn}:${liveAlias}`,
        JSON.stringify(input),
        `by-hand-${++runs}`,
      )
      const { output, ...ending } = await aws.stateMachines.closed(arn)
      return { ...ending, output: JSON.parse(output ?? 'null') }
    },
    [Symbol.asyncDispose]: async () => {
      await world.close()
      await slack.close()
    },
  }
}

/** The stand-in has the default bus alone. */
const ownBus = 'event-bus/podid-dev-events'
const defaultBus = 'event-bus/default'

const addRole = ({ aws }: Workshop, { name, trust, document }: FunctionRole): void => {
  aws.state.addRole({
    name,
    trust: { Version: '2012-10-17', Statement: trust },
    inline: { inline: JSON.stringify(document).replaceAll(ownBus, defaultBus) },
  })
}

/** What docs/deploy.md does on each cluster. */
const letIn = async ({ aws }: Workshop, entries: AccessEntry[]): Promise<void> => {
  const eks = new EKSClient({ endpoint: aws.url, region: aws.region, credentials: aws.credentials })
  for (const entry of entries) {
    await eks.send(new CreateAccessEntryCommand({ clusterName: 'eks-workshop', ...entry }))
  }
  eks.destroy()
}

/** An object of manifests/: RBAC, but for what manifests/admission has. */
export interface Manifest {
  kind: string
  metadata: { name: string; namespace?: string }
  rules?: { apiGroups: string[]; resources: string[]; verbs: string[] }[]
  roleRef?: { kind: string; name: string }
  subjects?: { kind: string; name: string }[]
}

const kinds = {
  ValidatingAdmissionPolicy: resources.validatingadmissionpolicies,
  ValidatingAdmissionPolicyBinding: resources.validatingadmissionpolicybindings,
  ClusterRole: resources.clusterroles,
  ClusterRoleBinding: resources.clusterrolebindings,
  Role: resources.roles,
  RoleBinding: resources.rolebindings,
}

/** Read once, for all stages of a test file. */
let manifests: Manifest[] | undefined

/** What `kubectl apply -k manifests` does, with the optional component that holds podid to its word. */
const applyManifests = ({ cluster: { store } }: Workshop): void => {
  manifests ??= [...manifestsOf('manifests'), ...manifestsOf('manifests/admission')]
  for (const manifest of manifests) {
    const kind = kinds[manifest.kind as keyof typeof kinds]
    if (!kind) throw new Error(`manifests/ holds a ${manifest.kind}, which is neither RBAC nor admission`)
    store.create(kind as typeof resources.roles, manifest as never)
  }
}

/** The objects of a kustomization, as far as ours go: resources and a namespace. */
export const manifestsOf = (folder: string): Manifest[] => {
  const read = (file: string) => readFileSync(join(root, folder, file), 'utf8')
  const { resources: parts, namespace } = parse(read('kustomization.yaml')) as {
    resources: string[]
    namespace?: string
  }
  const found = parts.flatMap((part) =>
    part.endsWith('.yaml')
      ? parseAllDocuments(read(part)).map((document) => document.toJS() as Manifest)
      : manifestsOf(join(folder, part)),
  )
  return found.map((manifest) =>
    namespace ? { ...manifest, metadata: { ...manifest.metadata, namespace } } : manifest,
  )
}

/** A function as it is deployed: its role's session, and the environment that its stack gives it. */
const runtimeOf = (
  { aws, clock }: Workshop,
  stage: SynthesizedStage,
  slack: SlackStandIn,
  name: string,
): Runtime => {
  const logicalName = `${name.charAt(0).toUpperCase()}${name.slice(1)}Function`
  const { inputs } = stage.the('aws:lambda/function:Function', logicalName)
  const credentials = aws.sessionFor(String(inputs.role), { sessionName: name })
  const { variables } = inputs.environment as { variables: Record<string, string> }
  return {
    aws: { endpoint: aws.url, credentials: async () => credentials },
    clock,
    log: { info: () => {}, warn: () => {}, error: () => {} },
    progress: () => {},
    env: environment(variables, slack),
  }
}

/** The variables of the deployed function, with what lies elsewhere here. */
/** Parsed once: every function that is called asks for it. */
let settings: string | undefined
const settingsText = (): string => {
  settings ??= JSON.stringify(parse(readFileSync(join(root, everything.settings ?? ''), 'utf8')))
  return settings
}

const environment = (deployed: Record<string, string>, slack: SlackStandIn): Record<string, string> => {
  const here: Record<string, string> = {
    PODID_CONFIG: settingsText(),
    PODID_EVENT_BUS_ARN: String(deployed.PODID_EVENT_BUS_ARN).replace(ownBus, defaultBus),
  }
  return {
    ...deployed,
    ...Object.fromEntries(Object.entries(here).filter(([name]) => name in deployed)),
    SLACK_API_URL: slack.apiUrl,
  }
}
