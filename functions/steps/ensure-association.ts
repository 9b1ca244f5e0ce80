import * as z from 'zod'
import { type Eks, eks } from '../../adapters/eks/eks.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { type Association, decideAssociation, runTag } from '../../core/association.ts'
import { Conflict, Refused } from '../../core/errors.ts'
import { type Finding, remedyLines } from '../../core/findings.ts'
import { Request } from '../../core/request.ts'
import type { AssociationStep } from '../../core/steps/answers.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { wantedAssociation } from '../support/inputs.ts'
import { lambda } from '../support/lambda.ts'

const Input = z.strictObject({ request: Request })

type Associations = Pick<Eks, 'findAssociation' | 'createAssociation' | 'repointAssociation'>

/** Leaves the service account with one association to the wanted role, or refuses. */
export const ensureAssociation =
  (clusters: (region: string) => Associations) =>
  async ({ request }: z.output<typeof Input>): Promise<AssociationStep> => {
    const associations = clusters(request.region)
    const wanted = wantedAssociation(request)
    const act = async (): Promise<Omit<AssociationStep, 'message'>> => {
      const existing = await associations.findAssociation(wanted)
      const decision = decideAssociation(wanted, existing)
      switch (decision.action) {
        case 'create':
          return { action: 'created', association: await associations.createAssociation(wanted, request.run) }
        case 'repoint': {
          const association = await associations.repointAssociation(request.cluster, {
            id: decision.id,
            roleArn: request.role,
            targetRoleArn: request.targetRole ?? null,
            disableSessionTags: !request.sessionTags,
          })
          return { action: 'repointed', association }
        }
        case 'keep':
          // Ours from an attempt whose answer was lost counts as created, so that the report says so.
          return {
            action: existing?.tags[runTag] === request.run ? 'created' : 'kept',
            association: existing as Association,
          }
        case 'refuse':
          throw new Refused(refusal(decision.finding))
      }
    }
    const acted = await act().catch((error: unknown) => {
      // Somebody else's creation came between our look and our write: what they made decides.
      if (error instanceof Conflict) return act()
      throw error
    })
    return { ...acted, message: `${acted.association.id} ${acted.action}` }
  }

/** What was found, and what to do about it. */
const refusal = ({ found, remedy }: Finding): string =>
  [`${found}.`, ...(remedy ? remedyLines(remedy) : [])].join('\n')

export const create = (runtime: Runtime) =>
  makeHandler(
    runtime,
    { name: 'EnsureAssociation', input: Input },
    ensureAssociation((region) => eks(runtime, region)),
  )

export const handler = create(lambda)
