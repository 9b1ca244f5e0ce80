import type {
  GenerateServiceLastAccessedDetailsRequest,
  GenerateServiceLastAccessedDetailsResponse,
  GetServiceLastAccessedDetailsRequest,
  GetServiceLastAccessedDetailsResponse,
  ServiceLastAccessed,
} from '@aws-sdk/client-iam'
import { setBounded } from '../../bounded.ts'
import type { Account } from '../account/account.ts'
import type { PolicyAuthorizer } from '../authorization.ts'
import { type Operations, operation } from '../operation.ts'
import { iamPage, noSuchEntity } from './support.ts'

/**
 * IAM tells of management actions which was used when, and of data actions only that their service was. These
 * are of the services that the workshop's role uses.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed-action-last-accessed.html
 */
const trackedActions = new Set([
  'dynamodb:CreateTable',
  'dynamodb:DeleteTable',
  'dynamodb:DescribeTable',
  'dynamodb:ListTables',
  'dynamodb:UpdateTable',
  'eks:DescribeCluster',
  'eks:ListClusters',
  's3:CreateBucket',
  's3:ListAllMyBuckets',
])

const MOST_JOBS = 100

interface Job {
  arn: string
  actions: boolean
  createdAt: Date
  /** A report is made in the background: the first look finds it unfinished. */
  looks: number
}

/** Reports of the services and actions that a role has tried, refused attempts too, as far as this account knows. */
export const lastAccessedOperations = (account: Account, authorizer: PolicyAuthorizer): Operations => {
  const jobs = new Map<string, Job>()
  return {
    GenerateServiceLastAccessedDetails: operation<
      GenerateServiceLastAccessedDetailsRequest,
      GenerateServiceLastAccessedDetailsResponse
    >()({
      reads: ['Arn', 'Granularity'],
      resource: ({ Arn }) => Arn,
      subject: ({ Arn }) => Arn,
      handle: ({ Arn, Granularity }) => {
        if (!account.roleByArn(Arn)) throw noSuchEntity(`ARN ${Arn} not found.`)
        const JobId = crypto.randomUUID()
        const job = {
          arn: Arn,
          actions: Granularity === 'ACTION_LEVEL',
          createdAt: account.now(),
          looks: 0,
        }
        setBounded(jobs, JobId, job, MOST_JOBS)
        return { JobId }
      },
    }),
    GetServiceLastAccessedDetails: operation<
      GetServiceLastAccessedDetailsRequest,
      GetServiceLastAccessedDetailsResponse
    >()({
      reads: ['JobId', 'MaxItems', 'Marker'],
      resource: () => '*',
      handle: ({ JobId, ...page }) => {
        const job = jobs.get(JobId)
        if (!job) throw noSuchEntity(`Job ${JobId} not found.`)
        const head = {
          JobType: job.actions ? ('ACTION_LEVEL' as const) : ('SERVICE_LEVEL' as const),
          JobCreationDate: job.createdAt,
        }
        job.looks++
        if (job.looks === 1)
          return { ...head, JobStatus: 'IN_PROGRESS', ServicesLastAccessed: [], JobCompletionDate: undefined }
        const used = authorizer.lastUse.get(job.arn) ?? new Map<string, Date>()
        const services = Map.groupBy(used, ([action]) => action.split(':')[0] ?? '')
        const { items, more } = iamPage(
          [...services].map(([namespace, uses]) => serviceReport(job, namespace, uses, account)),
          page,
        )
        return {
          ...head,
          JobStatus: 'COMPLETED',
          JobCompletionDate: job.createdAt,
          ServicesLastAccessed: items,
          ...more,
        }
      },
    }),
  }
}

const serviceReport = (
  { arn, actions }: Job,
  namespace: string,
  uses: [action: string, at: Date][],
  { region }: Account,
): ServiceLastAccessed => ({
  ServiceName: namespace,
  ServiceNamespace: namespace,
  LastAuthenticated: new Date(Math.max(...uses.map(([, at]) => at.getTime()))),
  LastAuthenticatedEntity: arn,
  LastAuthenticatedRegion: region,
  TotalAuthenticatedEntities: 1,
  ...(actions && {
    TrackedActionsLastAccessed: uses
      .filter(([action]) => trackedActions.has(action))
      .map(([action, at]) => ({
        ActionName: action.split(':')[1],
        LastAccessedEntity: arn,
        LastAccessedTime: at,
        LastAccessedRegion: region,
      })),
  }),
})
