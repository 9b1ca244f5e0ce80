const carts =
  '--cluster eks-workshop --namespace carts --workload deployment/carts --role eks-workshop-carts-dynamo'

/** Command lines that are shown below the flags of each command, each after what it is for. */
const examples: Readonly<Record<string, readonly (readonly [what: string, line: string])[]>> = {
  plan: [
    ['what enable would do for one workload', `podid plan ${carts}`],
    ['for every binding of podid.yaml', 'podid plan --file podid.yaml --all'],
  ],
  enable: [
    ['one workload', `podid enable ${carts}`],
    ['a binding of podid.yaml, without a question', 'podid enable --file podid.yaml --binding carts --yes'],
    ['for a script: the last event', 'podid enable --file carts.yaml --json | tail -1'],
  ],
  migrate: [
    [
      'what a move from IRSA would do',
      'podid migrate --namespace carts --workload deployment/carts --manage-trust',
    ],
    ['do it', 'podid migrate --namespace carts --workload deployment/carts --manage-trust --approve'],
    [
      'some days later: take away what IRSA needs',
      'podid migrate --namespace carts --workload deployment/carts --manage-trust --finish --remove-oidc-trust --approve',
    ],
  ],
  rollout: [
    ['every binding of podid.yaml, wave by wave', 'podid rollout --file podid.yaml'],
    ['which waves there would be', 'podid rollout --file podid.yaml --plan'],
    ['put back its second wave', 'podid rollout --undo rollout-20261126t120000-1a2b --wave 2'],
  ],
  role: [
    [
      'the commands that make the role for the binding’s needs',
      'podid role --file podid.yaml --binding carts',
    ],
    ['make it', 'podid role --file podid.yaml --binding carts --create'],
  ],
  verify: [
    ['every binding of podid.yaml', 'podid verify --file podid.yaml --all'],
    ['whether EKS has assumed the role for each pod', 'podid verify --file carts.yaml --cloudtrail'],
  ],
  status: [
    ['what is bound on a cluster', 'podid status --cluster eks-workshop'],
    ['until you stop it', 'podid status --cluster eks-workshop --watch'],
  ],
  inventory: [
    ['what one cluster’s workloads use today', 'podid inventory --cluster eks-workshop'],
    [
      'all clusters of two regions, for a spreadsheet',
      'podid inventory --all-clusters --region us-west-2 --region eu-central-1 --output csv',
    ],
    ['a podid.yaml to begin with', 'podid inventory --cluster eks-workshop --draft podid.yaml'],
  ],
  bindings: [
    ['what podid.yaml comes to on the clusters that there are', 'podid bindings'],
    ['on one cluster, with where each comes from', 'podid bindings --cluster eks-workshop --output wide'],
  ],
  needs: [
    ['by the role’s policies, and by what it used last', 'podid needs --role eks-workshop-carts-dynamo'],
    [
      'by the workload’s logs as well',
      'podid needs --role eks-workshop-carts-dynamo --cluster eks-workshop --namespace carts --workload deployment/carts',
    ],
  ],
  undo: [
    ['the latest run of this machine', 'podid undo'],
    ['a run by its name, which each run prints', 'podid undo podid-20261125T101500-3f2a'],
    ['the latest run of a binding', 'podid undo --file podid.yaml --binding carts'],
  ],
  runs: [
    ['the latest runs of this machine', 'podid runs'],
    ['those of a deployed stage as well', 'podid runs --remote production'],
  ],
  'runs show': [['a run of this machine', 'podid runs show podid-20261125T101500-3f2a']],
  'runs watch': [
    [
      'a run of a deployed stage',
      'podid runs watch slack-eks-workshop-carts-2af5b2de9d83c92c0e0c --remote production',
    ],
  ],
  doctor: [
    ['before a deployment, and after it', 'podid doctor --stage production'],
    ['what is not right, for a script', 'podid doctor --stage production --output name'],
  ],
  redrive: [
    ['what is there, why, and where it would go', 'podid redrive --stage production'],
    ['send all of it', 'podid redrive --stage production --yes'],
  ],
  approve: [
    [
      'after a question with what it would change',
      'podid approve slack-eks-workshop-carts-2af5b2de9d83c92c0e0c --remote production',
    ],
  ],
  decline: [
    [
      'a run that nobody wants',
      'podid decline slack-eks-workshop-carts-2af5b2de9d83c92c0e0c --remote production',
    ],
  ],
  console: [
    ['the runs of this machine', 'podid console'],
    ['those of a deployed stage as well', 'podid console --remote production'],
    ['a run as a file, for a ticket', 'podid console --export podid-20261125T101500-3f2a > run.html'],
  ],
  demo: [['the events, one a line', 'podid demo --json']],
  local: [
    [
      'the workshop, with a role that does not trust pods',
      'podid local --scenario trust-without-tag-session',
    ],
    ['your own bindings', 'podid local --settings podid.yaml'],
  ],
  completion: [['for this shell', 'source <(podid completion bash)']],
}

/** As many columns as the narrowest screen has. */
const narrowest = 60

/** A command in lines that fit, each of which a shell goes on with. */
const folded = (line: string): string => {
  const lines: string[] = []
  for (const part of line.split(/ (?=--)/)) {
    const last = lines.at(-1)
    const longer = last === undefined ? part : `${last} ${part}`
    if (last !== undefined && longer.length + ' \\'.length + 2 > narrowest) lines.push(`  ${part}`)
    else lines.splice(-1, 1, longer)
  }
  return lines.map((one) => `  ${one}`).join(' \\\n')
}

/** The examples of a command as its help shows them; empty for one that has none. @param command `runs show` */
export const exampleText = (command: string): string => {
  const texts = (examples[command] ?? []).map(([what, line]) => `  # ${what}\n${folded(line)}`)
  return texts.length === 0 ? '' : `\nExamples:\n${texts.join('\n\n')}`
}
