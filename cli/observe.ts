import { stringify } from 'yaml'
import { eks } from '../adapters/eks/eks.ts'
import { iam } from '../adapters/iam/iam.ts'
import { diagnosisFactsNow, serviceAccount } from '../adapters/kubernetes/inspect.ts'
import type { Runtime } from '../adapters/runtime.ts'
import { isReachable } from '../core/cluster.ts'
import { Need } from '../core/role/need.ts'
import { type ObservedNeeds, observedNeeds } from '../core/role/observed.ts'
import type { LogTail } from '../core/workload/diagnosis/facts.ts'
import { irsaAnnotation, type WorkloadRef } from '../core/workload/workload.ts'
import { clusterApi } from '../functions/support/kubernetes.ts'

/** Where a workload is looked at; without a workload its logs are not. */
export interface WhereToLook {
  region: string
  /** The binding's role: its ARN, or its name. */
  role: string
  cluster?: string | undefined
  namespace?: string | undefined
  serviceAccount?: string | undefined
  workload?: WorkloadRef | undefined
}

/** What was observed, and whether anything was there to be looked at. */
export interface Looked extends ObservedNeeds {
  lookedAt: boolean
}

/**
 * The needs that a workload and its role show, with the caller's own permissions: by the logs of its containers, by
 * the role's policies, and by what IAM says its role of today used last. What could not be looked at is told.
 */
export const observe = async (runtime: Runtime, place: WhereToLook): Promise<Looked> => {
  const roles = iam(runtime, place.region)
  const left: string[] = []
  const tried = async <Answer>(what: string, ask: () => Promise<Answer>): Promise<Answer | undefined> => {
    try {
      return await ask()
    } catch (error) {
      left.push(`${what} could not be looked at: ${(error as Error).message}`)
      return undefined
    }
  }
  const [role, inCluster] = await Promise.all([
    tried(`role ${place.role}`, () => roles.readRole(place.role)),
    tried('the cluster', () => lookInCluster(runtime, place)),
  ])
  const today = inCluster?.role ?? role?.arn
  const services = today && (await tried(`what role ${today} used last`, () => roles.lastAccessed(today)))
  const observed = observedNeeds({
    logs: inCluster?.logs ?? [],
    role,
    ...(today && services ? { used: { role: today.split('/').at(-1) ?? today, services } } : {}),
  })
  const usable = observed.needs.filter(
    ({ actions, resources }) => Need.safeParse({ actions, resources }).success,
  )
  const unusable = observed.needs.filter((need) => !usable.includes(need))
  return {
    needs: usable,
    left: [
      ...observed.left,
      ...unusable.map(({ source }) => `${source}: it has actions or resources that no need can have`),
      ...left,
    ],
    lookedAt: role !== undefined || services !== undefined || inCluster !== undefined,
  }
}

/** The workload's last words, and the role that it uses today: by IRSA, or by the association that is there. */
const lookInCluster = async (
  runtime: Runtime,
  { region, cluster: name, namespace, serviceAccount: account, workload }: WhereToLook,
): Promise<{ logs: readonly LogTail[]; role: string | undefined } | undefined> => {
  if (!name || !namespace) return undefined
  const clusters = eks(runtime, region)
  const cluster = await clusters.describeCluster(name)
  if (!cluster || !isReachable(cluster)) return undefined
  const connection = clusterApi(runtime, cluster)
  const [facts, object, association] = await Promise.all([
    workload && diagnosisFactsNow(connection, workload, namespace),
    account ? serviceAccount(connection, namespace, account) : undefined,
    account ? clusters.findAssociation({ cluster: name, namespace, serviceAccount: account }) : undefined,
  ])
  return {
    logs: facts?.logs ?? [],
    role: association?.role ?? object?.metadata?.annotations?.[irsaAnnotation],
  }
}

/** Observed needs as YAML to keep, each with where it was seen. */
export const needsYaml = (looked: Looked): string => needsLines(looked).join('\n')

/** The same, line by line. */
export const needsLines = ({ needs, left, lookedAt }: Looked): string[] => [
  needs.length > 0 ? 'needs:' : lookedAt ? 'needs: []' : '# no needs: nothing could be looked at',
  ...needs.flatMap(({ source, ...need }) => [
    `  ${yamlComment(source)}`,
    ...stringify([need])
      .trimEnd()
      .split('\n')
      .map((line) => `  ${line}`),
  ]),
  ...left.map((line) => yamlComment(`not taken: ${line}`)),
]

/** A comment of one line: what others wrote must not end it. YAML 1.2, 5.4, and what older readers take for a line break */
export const yamlComment = (text: string): string => `# ${text.replaceAll(/[\r\n\u0085\u2028\u2029]+/g, ' ')}`
