import { type Association, describeFound, isAsBefore, isSamePolicy, runTag } from './association.ts'
import { type AssociationBefore, type Before, type Request, wholeSeconds } from './request.ts'
import { command, words } from './text/shell.ts'
import { restartAnnotation } from './workload/restart.ts'
import { formatWorkloadRef, irsaAnnotation } from './workload/workload.ts'

/** How often a run may restart a workload: once, and once more for each pod the Pod Identity webhook missed, up to this. */
const mostRestarts = 3

/** The restart annotation of a run's attempt, counted from 0: one second later each, so that no two are the same. */
export const restartValue = (restartedAt: string, attempt: number): string =>
  wholeSeconds(Date.parse(restartedAt) + attempt * 1000).replace(
    'Z',
    `${restartedAt.match(/\.\d+/)?.[0] ?? ''}Z`,
  )

/** Every value that a run may have given the restart annotation. */
export const restartValues = (restartedAt: string): string[] =>
  Array.from({ length: mostRestarts }, (_, attempt) => restartValue(restartedAt, attempt))

/** What has to be put back. `none` where the run left no mark, or somebody has changed it since. */
export interface UndoDecision {
  association:
    | { action: 'none' }
    | { action: 'delete'; id: string }
    | { action: 'repoint'; to: AssociationBefore }
    /** Somebody has changed it since, in these words. */
    | { action: 'keep'; why: string }
  /** Whose mark the association gets back, where it bears the run's and stays. */
  mark: { id: string; arn: string; run: string | null } | null
  /** Whether the pod template gets its former annotation back. `stays` where the run's is there, and its pods are needed. */
  annotation: 'none' | 'restore' | 'stays'
}

/** What is there now, as undo finds it. */
export interface UndoFacts {
  association: Association | undefined
  /** The restart annotation of the workload's template; undefined where there is none, or no workload. */
  restartedAt: string | undefined
  /** What IRSA would give the pods without the association, where they had it from there; absent where that does not matter. */
  irsa?: IrsaNow | undefined
}

/** What is there of IRSA now. */
export interface IrsaNow {
  /** The ServiceAccount's annotation. */
  annotation: string | null
  /** Whether the role's trust still lets the ServiceAccount in by OIDC; null where nobody could look. */
  trusted: boolean | null
}

/**
 * Compares what is there with what was there before the run, and undoes only what bears the run's mark and is still
 * as the run left it: an association with its role, target role, session tags and policy, and the restart annotation.
 */
export const decideUndo = (
  before: Before,
  request: Pick<Request, 'role' | 'targetRole' | 'sessionTags' | 'sessionPolicy'>,
  facts: UndoFacts,
): UndoDecision => {
  const association = undoAssociation(before, request, facts.association)
  const needed = association.action === 'delete' ? whyNeeded(before, facts.irsa) : undefined
  return {
    association: needed === undefined ? association : { action: 'keep', why: needed },
    mark:
      facts.association && before.association && facts.association.tags[runTag] === before.run
        ? { id: facts.association.id, arn: facts.association.arn, run: before.association.run }
        : null,
    // With the association the pods stay, as an earlier template would be made of the same credentials.
    annotation: !isOurs(before, facts.restartedAt) ? 'none' : needed === undefined ? 'restore' : 'stays',
  }
}

/**
 * What is as it was before the run, of what it may have changed: where an attempt to undo gave no answer, that attempt may
 * have put it back.
 */
export const alreadyAsBefore = (
  before: Before,
  { namespace, serviceAccount, workload }: Pick<Request, 'namespace' | 'serviceAccount' | 'workload'>,
  { association, restartedAt }: Pick<UndoFacts, 'association' | 'restartedAt'>,
): { kind: 'association' | 'association-tag' | 'restart'; what: string }[] => {
  const was = before.association
  const put = association && was && isAsBefore(association, was)
  return [
    ...(!was && !association
      ? [
          {
            kind: 'association' as const,
            what: `there is no association of ${namespace}/${serviceAccount}, as before`,
          },
        ]
      : []),
    ...(put
      ? [{ kind: 'association' as const, what: `the association ${was.id} grants ${was.roleArn}` }]
      : []),
    ...(put && was.run !== before.run && (association.tags[runTag] ?? null) === was.run
      ? [{ kind: 'association-tag' as const, what: `the association ${was.id} is marked as before` }]
      : []),
    ...(workload && before.workload && restartedAt === (before.workload.restartedAt ?? undefined)
      ? [{ kind: 'restart' as const, what: `${formatWorkloadRef(workload)} has its earlier template` }]
      : []),
  ]
}

/** Pods that had their role by IRSA would have none, where IRSA was taken away since: whoever did that puts it back first. */
const whyNeeded = ({ annotation }: Before, now: IrsaNow | undefined): string | undefined => {
  if (!now || !annotation?.role) return undefined
  const rest = 'its pods would have no role without it. Undo the run that finished the migration first'
  if (now.annotation !== annotation.role)
    return `the association stays: the ServiceAccount is ${now.annotation === null ? 'no longer annotated' : `annotated with ${now.annotation} and no longer`} with ${annotation.role} for IRSA, and ${rest}`
  return now.trusted === false
    ? `the association stays: the role's trust no longer has what IRSA needs, and ${rest}`
    : undefined
}

const undoAssociation = (
  before: Before,
  request: Pick<Request, 'role' | 'targetRole' | 'sessionTags' | 'sessionPolicy'>,
  found: Association | undefined,
): UndoDecision['association'] => {
  const { association: was, run } = before
  if (!found)
    return was ? { action: 'keep', why: `the association ${was.id} was deleted since` } : { action: 'none' }
  const ours = found.tags[runTag] === run
  const left =
    found.role === request.role &&
    (found.targetRole ?? null) === (request.targetRole ?? null) &&
    found.sessionTags === request.sessionTags &&
    isSamePolicy(found.policy, request.sessionPolicy ?? was?.policy)
  const changed = { action: 'keep', why: `${describeFound(found)}: changed since by somebody else` } as const
  if (!was) {
    if (!ours) return { action: 'none' }
    return left ? { action: 'delete', id: found.id } : changed
  }
  if (isAsBefore(found, was)) return { action: 'none' }
  return ours && left && found.id === was.id ? { action: 'repoint', to: was } : changed
}

const isOurs = (before: Before, restartedAt: string | undefined): boolean =>
  restartedAt !== before.workload?.restartedAt &&
  restartValues(before.restartedAt).some((value) => value === restartedAt)

type Place = Pick<Request, 'cluster' | 'region' | 'namespace' | 'serviceAccount' | 'workload'>

/** The commands that undo by hand, where they can be pasted unchanged. */
export const undoCommands = {
  deleteAssociation: ({ cluster, region }: Place, id: string): string =>
    command`aws eks delete-pod-identity-association --cluster-name ${cluster} --region ${region} --association-id ${id}`,
  repointAssociation: ({ cluster, region }: Place, to: AssociationBefore): string =>
    command`aws eks update-pod-identity-association --cluster-name ${cluster} --region ${region} --association-id ${to.id} --role-arn ${to.roleArn} ${to.targetRoleArn ? words`--target-role-arn ${to.targetRoleArn}` : undefined} ${to.disableSessionTags ? '--disable-session-tags' : '--no-disable-session-tags'} ${to.policy === null ? undefined : words`--policy ${to.policy}`}`,
  restoreTrust: ({ role }: Pick<Request, 'role'>, text: string): string =>
    command`aws iam update-assume-role-policy --role-name ${role.split('/').at(-1)} --policy-document ${text}`,
  annotateForIrsa: (
    { namespace, serviceAccount }: Pick<Request, 'namespace' | 'serviceAccount'>,
    role: string,
  ): string =>
    command`kubectl annotate serviceaccount ${serviceAccount} -n ${namespace} ${`${irsaAnnotation}=${role}`}`,
  markAssociation: ({ region }: Place, { arn, run }: { arn: string; run: string | null }): string =>
    run === null
      ? command`aws eks untag-resource --region ${region} --resource-arn ${arn} --tag-keys ${runTag}`
      : command`aws eks tag-resource --region ${region} --resource-arn ${arn} --tags ${`${runTag}=${run}`}`,
  restoreAnnotation: ({ namespace, workload }: Place, before: Before): string =>
    workload
      ? command`kubectl -n ${namespace} patch ${formatWorkloadRef(workload)} --type merge -p ${JSON.stringify(
          {
            spec: {
              template: {
                metadata: {
                  annotations: {
                    [restartAnnotation]: before.workload?.restartedAt ?? null,
                  },
                },
              },
            },
          },
        )}`
      : '',
}
