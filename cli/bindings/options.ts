import { InvalidArgumentError, Option } from 'commander'

/** A field of a request, and the flag of the command line that sets it. */
export interface BindingOption {
  field: string
  flags: string
  text: string
  /** May be given more than once. */
  many?: true
  /** From the flag's text, while the command line is read. @throws InvalidArgumentError */
  parse?: (text: string) => unknown
  /** What the field is where the flag, which has no value of its own, is given; true unless told. */
  sets?: string
  /** How the flag's text becomes the field's value, where it is not the value itself. */
  reads?: 'json' | 'needs'
}

/** Takes a number of seconds, a part of one too. @throws InvalidArgumentError */
export const seconds = (text: string): number => {
  const number = text.trim() === '' ? Number.NaN : Number(text)
  if (!Number.isFinite(number) || number < 0) throw new InvalidArgumentError('Give a number of seconds.')
  return number
}

/** Every field of a request that a person may set, with its flag; `mode` is the command, `before` an undo's own. */
export const bindingOptions: readonly BindingOption[] = [
  {
    field: 'cluster',
    flags: '--cluster <name>',
    text: "the EKS cluster (the kubeconfig's); of a file of several bindings, those for it",
  },
  {
    field: 'region',
    flags: '--region <region>',
    text: 'where it is (that of the kubeconfig, or AWS_REGION)',
  },
  { field: 'namespace', flags: '-n, --namespace <name>', text: "the workload's namespace" },
  {
    field: 'serviceAccount',
    flags: '--service-account <name>',
    text: "the ServiceAccount its pods run under (the workload's)",
  },
  { field: 'role', flags: '--role <role>', text: 'the IAM role the pods get: its ARN, or its name' },
  {
    field: 'targetRole',
    flags: '--target-role <arn>',
    text: 'a role elsewhere that the role assumes for the pods',
  },
  {
    field: 'workload',
    flags: '--workload <kind/name>',
    text: 'deployment/NAME, daemonset/NAME or statefulset/NAME, or NAME where only one has it',
  },
  {
    field: 'needs',
    flags: '--need <actions@resources>',
    text: 'what the workload must be able to do; may be repeated; observed unless given',
    many: true,
    reads: 'needs',
  },
  {
    field: 'sessionTags',
    flags: '--no-session-tags',
    text: 'switch the session tags of the association off',
  },
  {
    field: 'sessionPolicy',
    flags: '--session-policy <json>',
    text: 'a policy that narrows the role for these pods; with --no-session-tags',
    reads: 'json',
  },
  { field: 'replace', flags: '--replace', text: 'change an association that grants another role' },
  {
    field: 'installAgent',
    flags: '--install-agent',
    text: 'install the Pod Identity agent if it is missing',
  },
  {
    field: 'agentVersion',
    flags: '--agent-version <version>',
    text: 'of the add-on that --install-agent installs',
  },
  {
    field: 'agentConfiguration',
    flags: '--agent-configuration <json>',
    text: 'configuration values of that add-on, such as tolerations',
    reads: 'json',
  },
  {
    field: 'formerRoles',
    flags: '--former-role <arn>',
    text: 'a role that --replace may find in place, and an undo gives back; may be given more than once',
    many: true,
  },
  {
    field: 'createRole',
    flags: '--create-role',
    text: 'make the role if it is missing, for these pods and their needs alone',
  },
  {
    field: 'manageTrust',
    flags: '--manage-trust',
    text: "let the run add its statement to the role's trust policy, beside what is there",
  },
  {
    field: 'migrate',
    flags: '--migrate <from>',
    text: 'irsa: the pods have the role by IRSA today; see podid migrate',
  },
  {
    field: 'finish',
    flags: '--finish',
    text: 'of a migration: take the annotation for IRSA away, once all pods live by the association',
  },
  {
    field: 'removeOidcTrust',
    flags: '--remove-oidc-trust',
    text: "with --finish and --manage-trust: take this ServiceAccount's OIDC statement out of the role's trust too",
  },
  {
    field: 'permissionsBoundary',
    flags: '--boundary <arn>',
    text: 'the permissions boundary that a role made by podid is to have',
  },
  {
    field: 'accessAnalyzer',
    flags: '--access-analyzer',
    text: 'ask IAM Access Analyzer about the role before it is made; AWS charges each call',
  },
  {
    field: 'access',
    flags: '--create-access',
    text: 'let a deployed stage make the access entries that its functions lack',
    sets: 'create',
  },
  {
    field: 'ifWorkloadMissing',
    flags: '--if-workload-missing <how>',
    text: 'associate: make the association all the same; fail unless given',
  },
  { field: 'allowZero', flags: '--allow-zero', text: 'accept a workload that is scaled to zero' },
  {
    field: 'proof',
    flags: '--proof <how>',
    text: 'required: fail unless every pod is seen to be handed credentials',
  },
  {
    field: 'waitAnyway',
    flags: '--wait-anyway',
    text: 'wait for a rollout whose pods cannot succeed by waiting',
  },
  {
    field: 'onFailure',
    flags: '--keep',
    text: 'keep what was changed when the run fails later',
    sets: 'keep',
  },
  {
    field: 'approval',
    flags: '--approval',
    text: 'ask a person before anything is changed',
    sets: 'required',
  },
  {
    field: 'approvalTimeoutSeconds',
    flags: '--approval-timeout <seconds>',
    text: 'how long that person may take',
    parse: seconds,
  },
  {
    field: 'clusterTimeoutSeconds',
    flags: '--cluster-timeout <seconds>',
    text: 'how long the cluster may take to become active',
    parse: seconds,
  },
  {
    field: 'rolloutTimeoutSeconds',
    flags: '--timeout <seconds>',
    text: 'how long the rollout may take',
    parse: seconds,
  },
]

/** Adds up a flag that may be repeated. */
export const collect = (value: string, values: string[] = []): string[] => [...values, value]

/** The option as commander takes it. */
export const commanderOption = ({ flags, text, many, parse }: BindingOption): Option => {
  const option = new Option(flags, text)
  if (many) return option.argParser(collect)
  return parse ? option.argParser(parse) : option
}
