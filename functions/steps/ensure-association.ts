import * as z from 'zod'
import { type Eks, eks } from '../../adapters/eks/eks.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { type Association, changedSince, decideWrite, runTag, settingsOf } from '../../core/association.ts'
import { Conflict, Refused } from '../../core/errors.ts'
import { AssociationBefore, Request } from '../../core/request.ts'
import type { AssociationStep } from '../../core/steps/answers.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { wantedAssociation } from '../support/inputs.ts'
import { lambda } from '../support/lambda.ts'

const Input = z.strictObject({
  request: Request,
  /** What CheckAssociation saw, and a person approved where that was asked for. */
  expected: AssociationBefore.nullable(),
})

type Associations = Pick<
  Eks,
  'findAssociation' | 'describeAssociation' | 'createAssociation' | 'markAssociation' | 'repointAssociation'
>

/**
 * Leaves the service account with one association to the wanted role, if what is there is still what the run has
 * seen. EKS has no compare-and-set: docs/adr/0013-no-compare-and-set.md.
 */
export const ensureAssociation =
  (clusters: (region: string) => Associations) =>
  async ({ request, expected }: z.output<typeof Input>): Promise<AssociationStep> => {
    const associations = clusters(request.region)
    const { cluster, run } = request
    const wanted = wantedAssociation(request)
    const decide = (found: Association | undefined) => {
      const decision = decideWrite(wanted, run, expected, found)
      if (decision.action === 'refuse') throw new Refused(decision.why)
      return decision
    }
    /** The write by its id again: the list may not show it yet, and somebody may have come after it. */
    const seen = async (written: Association): Promise<Association> => {
      const after = await associations.describeAssociation(cluster, written.id)
      // An id that is answered and not found yet is one that is still on its way.
      if (!after) return written
      const decision = decideWrite(wanted, run, expected, after)
      if (decision.action === 'none' && decision.ours) return after
      throw new Refused(changedSince(wanted, { ...settingsOf(written), run }, after))
    }
    const act = async (): Promise<Omit<AssociationStep, 'message'>> => {
      const decision = decide(await associations.findAssociation(wanted))
      switch (decision.action) {
        case 'create':
          return {
            action: 'created',
            association: await seen(await associations.createAssociation(wanted, run)),
          }
        case 'repoint': {
          const { found } = decision
          if (found.tags[runTag] !== run) {
            await associations.markAssociation(found, run)
            // The last look before the write, at what is marked by now.
            const marked = await associations.describeAssociation(cluster, found.id)
            if (decide(marked).action !== 'repoint') throw new Refused(changedSince(wanted, expected, marked))
          }
          const to = {
            id: found.id,
            roleArn: request.role,
            targetRoleArn: request.targetRole ?? null,
            disableSessionTags: !request.sessionTags,
            policy: request.sessionPolicy ?? null,
          }
          const written = await associations.repointAssociation(cluster, to, run)
          return { action: 'repointed', association: await seen(written) }
        }
        case 'none':
          return {
            action: !decision.ours ? 'kept' : expected ? 'repointed' : 'created',
            association: decision.found,
          }
      }
    }
    const acted = await act().catch((error: unknown) => {
      // Somebody else's creation came between our look and our write: what they made decides.
      if (error instanceof Conflict) return act()
      throw error
    })
    return { ...acted, message: `${acted.association.id} ${acted.action}` }
  }

export const create = (runtime: Runtime) =>
  makeHandler(
    runtime,
    { name: 'EnsureAssociation', input: Input },
    ensureAssociation((region) => eks(runtime, region)),
  )

export const handler = create(lambda)
