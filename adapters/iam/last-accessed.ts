import {
  GenerateServiceLastAccessedDetailsCommand,
  GetServiceLastAccessedDetailsCommand,
  type ServiceLastAccessed,
} from '@aws-sdk/client-iam'
import { Transient } from '../../core/errors.ts'
import type { ServiceUse } from '../../core/role/observed.ts'
import { restateAwsError } from '../aws-errors.ts'
import { callOptions, type Source } from './source.ts'

/** IAM makes the report in the background; it takes seconds, and is not waited for longer than this. */
const patience = { looks: 20, betweenMs: 1000 }

/**
 * The services that a role has tried within 400 days, and of management actions which: refused attempts count too,
 * and the latest four hours may be missing.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
 */
export const lastAccessed = async (source: Source, roleArn: string): Promise<ServiceUse[]> => {
  const { client, clock, signal } = source
  try {
    const { JobId } = await client.send(
      new GenerateServiceLastAccessedDetailsCommand({ Arn: roleArn, Granularity: 'ACTION_LEVEL' }),
      callOptions(source),
    )
    const found: ServiceLastAccessed[] = []
    let Marker: string | undefined
    for (let look = 0; look < patience.looks; ) {
      const page = await client.send(
        new GetServiceLastAccessedDetailsCommand({ JobId, ...(Marker === undefined ? {} : { Marker }) }),
        callOptions(source),
      )
      if (page.JobStatus === 'FAILED')
        throw new Transient(`IAM could not make it: ${page.Error?.Message ?? 'it does not say why'}`)
      if (page.JobStatus === 'IN_PROGRESS') {
        look++
        await clock.sleep(patience.betweenMs, signal)
        continue
      }
      found.push(...(page.ServicesLastAccessed ?? []))
      if (!page.IsTruncated) return found.flatMap(readUse)
      Marker = page.Marker
    }
    throw new Transient(`IAM did not finish it within ${patience.looks} s`)
  } catch (error) {
    if (error instanceof Transient) throw error
    throw restateAwsError(error, `asking what role ${roleArn} used last`)
  }
}

const readUse = (service: ServiceLastAccessed): ServiceUse[] =>
  service.LastAuthenticated && service.ServiceNamespace
    ? [
        {
          service: service.ServiceNamespace,
          at: service.LastAuthenticated.toISOString(),
          actions: (service.TrackedActionsLastAccessed ?? []).flatMap(({ ActionName, LastAccessedTime }) =>
            ActionName && LastAccessedTime
              ? [{ action: `${service.ServiceNamespace}:${ActionName}`, at: LastAccessedTime.toISOString() }]
              : [],
          ),
        },
      ]
    : []
