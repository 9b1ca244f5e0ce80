import type { CronJob, Deployment, Job, ObjectMeta, Pod, PodSpec } from '../../core/kubernetes.ts'
import type { PodOwner } from '../../core/workload/others.ts'
import { together } from '../concurrently.ts'
import type { Connection } from './connection.ts'
import { explaining, type Unseen } from './explain.ts'

/** Every pod of a namespace, or of all of them, and what makes them, as far as it can be listed in short time. */
export const podsAndOwners = async (
  connection: Connection,
  namespace: string | undefined,
  signal?: AbortSignal,
): Promise<{ owners: PodOwner[]; pods: Pod[]; unseen: Unseen[] }> => {
  const { answer, unseen } = await explaining(signal, (ask) => {
    const list = <T>(version: string, resource: string) =>
      ask(resource, async (limit) => {
        const { items } = await connection.request<{ items: T[] }>({
          verb: 'list',
          version,
          resource,
          ...(namespace === undefined ? {} : { namespace }),
          signal: limit,
        })
        return items
      })
    const owners = async <T extends { metadata?: ObjectMeta }>(
      kind: string,
      version: string,
      resource: string,
      templateOf: (object: T) => PodSpec | undefined,
    ): Promise<PodOwner[]> =>
      ((await list<T>(version, resource)) ?? []).map((object) => ({
        kind,
        ...(object.metadata && { metadata: object.metadata }),
        template: templateOf(object),
        ended: hasEnded(object),
      }))
    const ofWorkload = ({ spec }: Pick<Deployment, 'spec'>) => spec?.template.spec
    return together([
      list<Pod>('v1', 'pods'),
      owners<Deployment>('Deployment', 'apps/v1', 'deployments', ofWorkload),
      owners<Deployment>('DaemonSet', 'apps/v1', 'daemonsets', ofWorkload),
      owners<Deployment>('StatefulSet', 'apps/v1', 'statefulsets', ofWorkload),
      owners<Deployment>('ReplicaSet', 'apps/v1', 'replicasets', () => undefined),
      owners<Job>('Job', 'batch/v1', 'jobs', ({ spec }) => spec?.template.spec),
      owners<CronJob>('CronJob', 'batch/v1', 'cronjobs', ({ spec }) => spec?.jobTemplate.spec?.template.spec),
    ])
  })
  const [pods, ...owners] = answer
  return { pods: pods ?? [], owners: owners.flat(), unseen }
}

/** https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-termination-and-cleanup */
const hasEnded = (object: { metadata?: ObjectMeta }): boolean =>
  ((object as Job).status?.conditions ?? []).some(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  )
