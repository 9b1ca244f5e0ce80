import { type StepName, steps } from '../../core/steps/table.ts'

/** What each step asks and decides with, besides its own file: where a reader goes on. */
const readers: Readonly<Record<StepName, { decides: string[]; asks: string[] }>> = {
  resolveRequest: { decides: ['core/request.ts'], asks: [] },
  awaitCluster: { decides: ['core/cluster.ts'], asks: ['adapters/eks/eks.ts'] },
  ensureAccess: { decides: [], asks: ['adapters/eks/eks.ts'] },
  checkAgent: { decides: ['core/agent.ts'], asks: ['adapters/eks/eks.ts', 'adapters/kubernetes/inspect.ts'] },
  verifyRole: { decides: ['core/role/report.ts'], asks: ['adapters/iam/iam.ts'] },
  verifyWorkload: {
    decides: ['core/workload/workload.ts', 'core/workload/diagnosis.ts'],
    asks: ['adapters/kubernetes/inspect.ts'],
  },
  checkAssociation: { decides: ['core/association.ts'], asks: ['adapters/eks/eks.ts'] },
  requestApproval: { decides: [], asks: ['adapters/records/approvals.ts', 'adapters/events.ts'] },
  ensureAgent: { decides: ['core/agent.ts'], asks: ['adapters/eks/eks.ts'] },
  ensureAssociation: { decides: ['core/association.ts'], asks: ['adapters/eks/eks.ts'] },
  awaitInjection: { decides: [], asks: ['adapters/kubernetes/probe.ts'] },
  restartWorkload: { decides: ['core/workload/restart.ts'], asks: ['adapters/kubernetes/workloads.ts'] },
  watchRollout: {
    decides: ['core/workload/rollout.ts', 'core/workload/diagnosis.ts'],
    asks: ['adapters/kubernetes/watch.ts'],
  },
  verifyCredentials: { decides: ['core/workload/injection.ts'], asks: ['adapters/kubernetes/pods.ts'] },
  takeStock: {
    decides: ['core/steps/ledger.ts'],
    asks: ['adapters/eks/eks.ts', 'adapters/kubernetes/workloads.ts'],
  },
  undo: { decides: ['core/undo.ts'], asks: ['adapters/eks/eks.ts', 'adapters/kubernetes/workloads.ts'] },
  report: { decides: ['core/report.ts', 'core/steps/ledger.ts'], asks: [] },
}

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

const link = (file: string): string => `[${file.split('/').at(-1)}](../${file})`

/** Every file that the table of steps names, for the test that looks whether it is there. */
export const filesOfSteps = (): string[] =>
  Object.entries(readers).flatMap(([name, { decides, asks }]) => [
    `functions/steps/${kebab(name)}.ts`,
    ...decides,
    ...asks,
  ])

/** The steps as a table: what each is for, and the files in which a reader finds it. */
export const stepsTable = (): string =>
  [
    '| step | what it is for | its file | decides by | asks through | writes |',
    '|---|---|---|---|---|---|',
    ...(Object.keys(steps) as StepName[]).map((name) => {
      const { description, writes, states } = steps[name]
      const { decides, asks } = readers[name]
      return `| ${Object.keys(states).join(', ')} | ${description} | ${link(`functions/steps/${kebab(name)}.ts`)} | ${decides.map(link).join(', ')} | ${asks.map(link).join(', ')} | ${writes ? 'yes' : ''} |`
    }),
  ].join('\n')
