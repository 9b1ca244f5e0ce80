import { type Association, runTag } from './association.ts'
import { type AssociationBefore, type Before, type Request, wholeSeconds } from './request.ts'
import { command, words } from './shell.ts'
import { restartAnnotation } from './workload/restart.ts'
import { formatWorkloadRef } from './workload/workload.ts'

/** How often a run may restart a workload: once, and once more for each pod the webhook missed, up to this. */
export const mostRestarts = 3

/** The restart annotation of a run's attempt, counted from 0: one second later each, so that no two are the same. */
export const restartValue = (restartedAt: string, attempt: number): string =>
  wholeSeconds(Date.parse(restartedAt) + attempt * 1000)

/** Every value that a run may have given the restart annotation. */
export const restartValues = (restartedAt: string): string[] =>
  Array.from({ length: mostRestarts }, (_, attempt) => restartValue(restartedAt, attempt))

/** What has to be put back. `none` where the run left no mark, or somebody has changed it since. */
export interface UndoDecision {
  association:
    | { action: 'none' }
    | { action: 'delete'; id: string }
    | { action: 'repoint'; to: AssociationBefore }
  /** Whether the pod template gets its former annotation back. */
  annotation: 'none' | 'restore'
}

/** What is there now, as undo finds it. */
export interface UndoFacts {
  association: Association | undefined
  /** The restart annotation of the workload's template; undefined where there is none, or no workload. */
  restartedAt: string | undefined
}

/**
 * Compares what is there with what was there before the run, and undoes only what bears the run's mark: the tag
 * on an association it created, the role it pointed one to, the value it gave the restart annotation.
 */
export const decideUndo = (
  before: Before,
  request: Pick<Request, 'role'>,
  facts: UndoFacts,
): UndoDecision => ({
  association: undoAssociation(before, request, facts.association),
  annotation: isOurs(before, facts.restartedAt) ? 'restore' : 'none',
})

const undoAssociation = (
  before: Before,
  request: Pick<Request, 'role'>,
  found: Association | undefined,
): UndoDecision['association'] => {
  if (!found) return { action: 'none' }
  if (!before.association) {
    return found.tags[runTag] === before.run ? { action: 'delete', id: found.id } : { action: 'none' }
  }
  const same = found.id === before.association.id
  const differs =
    found.role !== before.association.roleArn ||
    (found.targetRole ?? null) !== before.association.targetRoleArn ||
    found.sessionTags === before.association.disableSessionTags
  return same && differs && found.role === request.role
    ? { action: 'repoint', to: before.association }
    : { action: 'none' }
}

const isOurs = (before: Before, restartedAt: string | undefined): boolean =>
  restartedAt !== undefined &&
  restartedAt !== before.workload?.restartedAt &&
  restartValues(before.restartedAt).includes(restartedAt)

type Place = Pick<Request, 'cluster' | 'region' | 'namespace' | 'serviceAccount' | 'workload'>

/** The commands that undo by hand, where they can be pasted unchanged. */
export const undoCommands = {
  deleteAssociation: ({ cluster, region }: Place, id: string): string =>
    command`aws eks delete-pod-identity-association --cluster-name ${cluster} --region ${region} --association-id ${id}`,
  repointAssociation: ({ cluster, region }: Place, to: AssociationBefore): string =>
    command`aws eks update-pod-identity-association --cluster-name ${cluster} --region ${region} --association-id ${to.id} --role-arn ${to.roleArn} ${to.targetRoleArn ? words`--target-role-arn ${to.targetRoleArn}` : undefined} ${to.disableSessionTags ? '--disable-session-tags' : '--no-disable-session-tags'}`,
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
