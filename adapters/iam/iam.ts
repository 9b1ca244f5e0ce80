import { IAMClient } from '@aws-sdk/client-iam'
import type { RolePlan } from '../../core/role/make.ts'
import type { RoleFacts } from '../../core/role/role.ts'
import { clientOptions, onlyAnswersOfAws } from '../aws-client.ts'
import { perRuntime } from '../per-runtime.ts'
import { lastAccessed } from './last-accessed.ts'
import { createRole, deleteRole, deleteRolePolicy, makeWholeRole, putRolePolicies } from './make-role.ts'
import { outlineRole, readBoundary, readOtherVersions, readRole } from './read-role.ts'
import { type OpinionQuestion, simulate } from './simulate.ts'
import type { Source } from './source.ts'
import { readTrust, writeTrust } from './trust.ts'

export type { OpinionQuestion } from './simulate.ts'

/** Simulations and lists of a thousand policies take their time. */
const answerWithinMs = 8000

const client = perRuntime((runtime, region) =>
  onlyAnswersOfAws(new IAMClient(clientOptions(runtime, region, answerWithinMs))),
)

/** Where IAM is asked. @param region any region of the partition: IAM is one for all of them */
export const iamSource = (runtime: Parameters<typeof client>[0], region: string): Source => ({
  client: client(runtime, region),
  clock: runtime.clock,
  signal: runtime.signal,
})

/** IAM in the project's words. Every failure comes in the names of `core/errors.ts`. */
export type Iam = ReturnType<typeof iam>

/** @param region any region of the partition: IAM is one for all of them */
export const iam = (runtime: Parameters<typeof client>[0], region: string) => {
  const source = iamSource(runtime, region)
  return {
    readRole: (role: string, waiting?: (forMs: number) => void) => readRole(source, role, waiting),
    outlineRole: (role: string) => outlineRole(source, role),
    readTrust: (role: string) => readTrust(source, role),
    writeTrust: (role: string, text: string) => writeTrust(source, role, text),
    readBoundary: (arn: string) => readBoundary(source, arn),
    createRole: (plan: RolePlan) => createRole(source, plan),
    putRolePolicies: (role: string, policies: RolePlan['policies']) =>
      putRolePolicies(source, role, policies),
    deleteRolePolicy: (role: string, name: string) => deleteRolePolicy(source, role, name),
    deleteRole: (role: string) => deleteRole(source, role),
    makeWholeRole: (plan: RolePlan, tag: string) =>
      makeWholeRole(
        source,
        plan,
        async (name) => (await readRole(source, name))?.tags?.[tag] === plan.tags[tag],
      ),
    readOtherVersions: (role: RoleFacts) => readOtherVersions(source, role),
    lastAccessed: (roleArn: string) => lastAccessed(source, roleArn),
    simulate: (question: OpinionQuestion) => simulate(source, question),
  }
}
