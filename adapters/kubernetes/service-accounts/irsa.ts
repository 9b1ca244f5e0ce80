import { Conflict } from '../../../core/errors.ts'
import type { ServiceAccount } from '../../../core/kubernetes.ts'
import { fieldManager } from '../../../core/workload/restart.ts'
import { irsaAnnotation } from '../../../core/workload/workload.ts'
import type { Connection } from '../connection.ts'
import { serviceAccount } from '../inspect.ts'

/** What a ServiceAccount's IRSA annotation was, and whether it was changed; undefined where there is no such ServiceAccount. */
export type Annotated = { changed: boolean; previous: string | undefined } | undefined

/**
 * Gives a ServiceAccount's IRSA annotation another value, or takes it away, only where it is `from`: the API server itself holds the write to that, by
 * resourceVersion. Otherwise `changed` is false and `previous` what is there.
 */
export const changeIrsaAnnotation = async (
  connection: Connection,
  { namespace, name }: { namespace: string; name: string },
  { from, to }: { from: string | undefined; to: string | undefined },
  signal?: AbortSignal,
): Promise<Annotated> => {
  const found = await serviceAccount(connection, namespace, name, signal)
  if (!found) return undefined
  const previous = irsaRoleOf(found)
  // Where there is nothing to take away, no permission to write is needed either.
  if (previous !== from || from === to) return { changed: false, previous }
  try {
    const patched = await connection.find<ServiceAccount>({
      verb: 'patch',
      version: 'v1',
      resource: 'serviceaccounts',
      namespace,
      name,
      query: { fieldManager },
      body: {
        contentType: 'application/merge-patch+json',
        content: {
          metadata: {
            resourceVersion: found.metadata?.resourceVersion,
            annotations: { [irsaAnnotation]: to ?? null },
          },
        },
      },
      signal,
    })
    if (!patched && (await serviceAccount(connection, namespace, name, signal)))
      throw new Conflict(
        `the API server answers the PATCH of ServiceAccount ${namespace}/${name} with 404, and shows that it is there`,
      )
    return patched && { changed: true, previous }
  } catch (error) {
    // Any write since our look conflicts; only one of the annotation is an answer, all others are worth a retry.
    const now =
      error instanceof Conflict ? await serviceAccount(connection, namespace, name, signal) : undefined
    if (now && irsaRoleOf(now) !== from) return { changed: false, previous: irsaRoleOf(now) }
    throw error
  }
}

/** The role that a ServiceAccount is annotated with for IRSA. */
export const irsaRoleOf = ({ metadata }: ServiceAccount): string | undefined =>
  metadata?.annotations?.[irsaAnnotation]
