import { type Eks, eks } from '../../adapters/eks/eks.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import {
  type Association,
  type AssociationDecision,
  associationBefore,
  decideAssociation,
  giveBackFindings,
  migrationNotBegun,
  runTag,
} from '../../core/association.ts'
import type { Finding } from '../../core/findings.ts'
import type { AssociationCheck } from '../../core/steps/answers.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { OnCluster, wantedAssociation } from '../support/inputs.ts'
import { lambda } from '../support/lambda.ts'

/** What association is there, and what the run would do with it. */
export const checkAssociation =
  (clusters: (region: string) => Pick<Eks, 'findAssociation'>) =>
  async ({ request }: OnCluster): Promise<AssociationCheck> => {
    const wanted = wantedAssociation(request)
    const existing = await clusters(request.region).findAssociation(wanted)
    const decision = decideAssociation(wanted, existing)
    return {
      action: decision.action,
      message: messageOf(decision.action, existing),
      before: associationBefore(existing),
      findings:
        decision.action !== 'refuse' && request.finish && decision.action !== 'keep'
          ? [migrationNotBegun(wanted, existing)]
          : findingsOf(decision, existing, request.formerRoles),
    }
  }

const findingsOf = (
  decision: AssociationDecision,
  existing: Association | undefined,
  formerRoles: readonly string[] | undefined,
): Finding[] => {
  if (decision.action === 'refuse') return [decision.finding]
  return decision.action === 'repoint' && existing ? giveBackFindings(existing, formerRoles) : []
}

const messageOf = (action: AssociationCheck['action'], existing: Association | undefined): string => {
  if (!existing) return 'none is there; one is to be created'
  const { id, role } = existing
  if (action === 'keep') return `${id} is as it should be${ofRun(existing)}`
  return `${id} grants ${role} and ${action === 'repoint' ? 'is to' : 'may not'} be changed`
}

/** A run takes what an earlier one has left, also one that was killed, for what is there. */
const ofRun = ({ tags: { [runTag]: run } }: Association): string =>
  run === undefined
    ? ''
    : `; the run ${run} made or changed it, by its tag, and undoing that run is what takes it back`

export const create = (runtime: Runtime) =>
  makeHandler(
    runtime,
    { name: 'CheckAssociation', input: OnCluster },
    checkAssociation((region) => eks(runtime, region)),
  )

export const handler = create(lambda)
