/** What a function may do inside clusters, as the groups that manifests/ binds to roles there. */
export type ClusterGroup =
  | 'podid:agent' // the agent's DaemonSets and pods, and the nodes
  | 'podid:agent-log' // the logs of the agent's pods, which say to whom credentials were handed out
  | 'podid:workload' // the workload, its revisions and its pods
  | 'podid:environment' // the ServiceAccount, and the ConfigMaps its pods read
  | 'podid:rollout' // watching the workload
  | 'podid:diagnosis' // events, and the logs of pods, which say why they fail
  | 'podid:probe' // creating pods, which is only ever done as a dry run
  | 'podid:webhook' // the registration of the Pod Identity webhook, which says why it injects nothing
  | 'podid:names' // which namespaces and ServiceAccounts there are, for bindings by pattern
  | 'podid:restart' // changing the workload's restart annotation
  | 'podid:service-account' // taking the IRSA annotation of a ServiceAccount away, and putting it back
  | 'podid:pod-deletion' // deleting pods that only a deletion frees, where a cluster allows it

/** What is known of a step besides its code. */
interface Step {
  /** What it is for, in a sentence that a list of functions shows. */
  description: string
  /** The states of the definition that run it, each with what people call it; null for the workflow's own business. */
  states: Readonly<Record<string, string | null>>
  /** Whether it changes anything in the account or in a cluster. podid's own records and events do not count. */
  writes: boolean
  clusterGroups: readonly ClusterGroup[]
  /** Which Retry its states have, by its anchor in the definition. */
  retry: 'withoutCalls' | 'withCalls' | 'untilShown' | 'untilAnswered'
  /** What bench/bundles.ts showed to be enough. */
  memoryMb: 256 | 512
  /** How long its answer may be, in bytes of JSON, where that is not `usualAnswerBytes`. */
  answerBytes?: number
}

/**
 * How long an answer may be, in bytes of JSON. Report gets all answers and the request together, and an input may
 * have 262,144 bytes: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
const usualAnswerBytes = 5000

/**
 * Every step of the workflow, by its function's name: the placeholder in the definition, and in kebab-case the
 * file in functions/steps/. Functions, grants, access, labels and the report are held to these names by types, the
 * definition by test/workflows.
 */
export const steps = {
  resolveRequest: {
    description: 'Parses the input of any trigger into one request',
    states: { ResolveRequest: null },
    writes: false,
    clusterGroups: [],
    retry: 'withoutCalls',
    memoryMb: 512,
  },
  takeTurn: {
    description: 'Lets one run at a time work on a binding',
    states: { TakeTurn: null },
    writes: false,
    clusterGroups: [],
    retry: 'withCalls',
    memoryMb: 512,
  },
  awaitCluster: {
    description: 'Looks whether the cluster is active',
    states: { AwaitCluster: 'Cluster' },
    writes: false,
    clusterGroups: [],
    retry: 'withCalls',
    memoryMb: 512,
  },
  ensureAccess: {
    description: 'Lets the other functions into a cluster, where the settings allow it',
    states: { EnsureAccess: 'Access' },
    writes: true,
    clusterGroups: [],
    retry: 'untilShown',
    memoryMb: 512,
  },
  checkAgent: {
    description: 'Checks the Pod Identity agent',
    states: { CheckAgent: 'Agent' },
    writes: false,
    clusterGroups: ['podid:agent', 'podid:workload'],
    retry: 'withCalls',
    memoryMb: 512,
    answerBytes: 10_000,
  },
  verifyRole: {
    description: "Checks the role's trust and permissions",
    states: { VerifyRole: 'Role' },
    writes: false,
    clusterGroups: [],
    retry: 'withCalls',
    memoryMb: 512,
    answerBytes: 48_000,
  },
  verifyWorkload: {
    description: 'Checks workload and ServiceAccount',
    states: { VerifyWorkload: 'Workload' },
    writes: false,
    clusterGroups: ['podid:workload', 'podid:environment', 'podid:diagnosis', 'podid:probe'],
    retry: 'withCalls',
    memoryMb: 512,
    answerBytes: 22_000,
  },
  checkAssociation: {
    description: 'Looks what association is there',
    states: { CheckAssociation: 'Association' },
    writes: false,
    clusterGroups: [],
    retry: 'withCalls',
    memoryMb: 512,
  },
  requestApproval: {
    description: 'Asks a person to approve',
    states: { AwaitApproval: 'Approval' },
    writes: false,
    clusterGroups: [],
    retry: 'untilAnswered',
    memoryMb: 512,
  },
  confirmPlan: {
    description: 'Compares the plan with the one that was approved',
    states: { ConfirmPlan: null },
    writes: false,
    clusterGroups: [],
    retry: 'withoutCalls',
    memoryMb: 512,
  },
  ensureAgent: {
    description: "Installs the agent's add-on",
    states: { EnsureAgent: 'Install agent' },
    writes: true,
    clusterGroups: ['podid:agent', 'podid:workload'],
    retry: 'untilShown',
    memoryMb: 512,
  },
  ensureRole: {
    description: 'Makes the role, where the request allows it and there is none',
    states: { EnsureRole: 'Make role' },
    writes: true,
    clusterGroups: [],
    retry: 'untilShown',
    memoryMb: 512,
  },
  ensureTrust: {
    description:
      "Adds a statement to the role's trust policy, where the request allows it and one is missing",
    states: { EnsureTrust: 'Extend trust' },
    writes: true,
    clusterGroups: [],
    retry: 'untilShown',
    memoryMb: 512,
    answerBytes: 2000,
  },
  ensureAssociation: {
    description: 'Creates, keeps or repoints the association',
    states: { EnsureAssociation: 'Associate' },
    writes: true,
    clusterGroups: [],
    retry: 'withCalls',
    memoryMb: 512,
  },
  awaitInjection: {
    description: 'Waits until new pods get the credentials',
    states: { AwaitInjection: 'Propagation' },
    writes: false,
    clusterGroups: ['podid:workload', 'podid:probe', 'podid:webhook'],
    retry: 'withCalls',
    memoryMb: 512,
  },
  restartWorkload: {
    description: 'Restarts the workload',
    states: { RestartWorkload: 'Restart' },
    writes: true,
    clusterGroups: ['podid:workload', 'podid:restart'],
    retry: 'withCalls',
    memoryMb: 512,
  },
  watchRollout: {
    description: 'Watches the rollout',
    states: { WatchRollout: 'Rollout' },
    writes: false,
    clusterGroups: ['podid:workload', 'podid:rollout', 'podid:diagnosis', 'podid:agent'],
    retry: 'withCalls',
    // Billed for as long as the watch is held, which takes no computing.
    memoryMb: 256,
    answerBytes: 14_000,
  },
  verifyCredentials: {
    description: 'Looks which credentials every new pod was handed',
    states: { VerifyCredentials: 'Credentials' },
    writes: false,
    clusterGroups: ['podid:workload', 'podid:environment', 'podid:agent', 'podid:agent-log'],
    retry: 'withCalls',
    memoryMb: 512,
    answerBytes: 22_000,
  },
  finishMigration: {
    description: 'Takes away what IRSA needs, once every pod lives by the association',
    states: { FinishMigration: 'Finish' },
    writes: true,
    clusterGroups: [
      'podid:workload',
      'podid:environment',
      'podid:agent',
      'podid:agent-log',
      'podid:service-account',
    ],
    retry: 'untilShown',
    memoryMb: 512,
    answerBytes: 4000,
  },
  takeStock: {
    description: 'Looks what became of a write whose answer was lost',
    states: { TakeStock: 'Taking stock', TakeStockAfterUndo: 'Taking stock' },
    writes: false,
    clusterGroups: ['podid:workload', 'podid:environment'],
    retry: 'withCalls',
    memoryMb: 512,
  },
  undo: {
    description: 'Puts back what a failed run changed',
    states: { Undo: 'Undo' },
    writes: true,
    clusterGroups: [
      'podid:workload',
      'podid:environment',
      'podid:probe',
      'podid:restart',
      'podid:service-account',
    ],
    retry: 'withCalls',
    memoryMb: 512,
  },
  awaitUndo: {
    description:
      'Looks whether the workload runs as it did before, and deletes the pods that only a deletion frees',
    states: { AwaitUndo: 'Rollout back' },
    writes: true,
    clusterGroups: ['podid:workload', 'podid:probe', 'podid:diagnosis', 'podid:pod-deletion'],
    retry: 'withCalls',
    memoryMb: 256,
  },
  report: {
    description: 'Writes the report of the run',
    states: { Report: null },
    writes: false,
    clusterGroups: [],
    retry: 'withoutCalls',
    memoryMb: 512,
    answerBytes: 180_000,
  },
} as const satisfies Readonly<Record<string, Step>>

export type StepName = keyof typeof steps

/** The steps with their names, in the order of the workflow. */
export const stepEntries = Object.entries(steps) as [StepName, Step][]

/** How long the answer of the step of a state may be; undefined where no step is of that state. */
export const answerBytesOf = (state: string): number | undefined => {
  const found = stepEntries.find(([, { states }]) => Object.hasOwn(states, state))
  return found && (found[1].answerBytes ?? usualAnswerBytes)
}

/** The states that change something in the account or in a cluster. */
export const writingStates: ReadonlySet<string> = new Set(
  stepEntries.flatMap(([, { states, writes }]) => (writes ? Object.keys(states) : [])),
)

/** The states a person follows, and what they are called. */
export const stepLabels: Readonly<Record<string, string>> = Object.fromEntries(
  stepEntries.flatMap(([, { states }]) =>
    Object.entries(states).filter((entry): entry is [string, string] => entry[1] !== null),
  ),
)
