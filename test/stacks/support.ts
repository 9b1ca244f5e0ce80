import { join } from 'node:path'
import type { Resource, Synthesis, SynthesisOptions } from '../../stacks/synth/synth.ts'
import { synthesizeOnce } from './synthesis.ts'

export { everything, fleetOf1000 } from './synthesis.ts'

export const root = join(import.meta.dirname, '../..')

/** A synthesized stage with ways to find things in it. */
export interface SynthesizedStage extends Synthesis {
  /** The resources of a Pulumi type. */
  all(type: string): Resource[]
  /** The one resource of a type with a logical name. */
  the(type: string, name: string): Resource
  roles: FunctionRole[]
}

export interface PolicyStatement {
  Effect: string
  Action: string[]
  Resource: string[]
  Condition?: Record<string, Record<string, string[]>>
}

/** A role with its documents parsed and every single value made a list. */
export interface FunctionRole {
  /** The logical name without its end: `EnsureAssociation`. */
  of: string
  /** The physical name. */
  name: string
  arn: string
  trust: { Effect: string; Principal: Record<string, string>; Action: string }[]
  statements: PolicyStatement[]
  managed: unknown
  document: unknown
}

const account = '111122223333'

/** What an operator puts into a stage's parameters for them. */
export const webhookSecrets = `ci=whsec_${Buffer.from('a secret of twenty-four bytes').toString('base64')}`

export const synthesizeStage = async (
  stage: string,
  options?: SynthesisOptions,
): Promise<SynthesizedStage> => {
  const synthesis = await synthesizeOnce(root, stage, options)
  const all = (type: string) => synthesis.resources.filter((resource) => resource.type === type)
  return {
    ...synthesis,
    all,
    the: (type, name) => {
      const found = all(type).find((resource) => resource.name === name)
      if (!found) throw new Error(`${stage} has no ${type} ${name}`)
      return found
    },
    roles: all('aws:iam/role:Role').map((role) => roleOf(role, all('aws:iam/policy:Policy'))),
  }
}

const roleOf = ({ name, inputs }: Resource, managed: Resource[]): FunctionRole => {
  const attached = ((inputs.managedPolicyArns ?? []) as string[]).flatMap((arn) =>
    managed.filter((policy) => arn.endsWith(`:policy/${policy.inputs.name}`)),
  )
  const policies = [
    ...((inputs.inlinePolicies ?? []) as { policy: string }[]),
    ...attached.map(({ inputs }) => ({ policy: String(inputs.policy) })),
  ]
  const documents = policies.map(({ policy }) => JSON.parse(policy) as { Statement: PolicyStatement[] })
  return {
    of: name.replace(/Role$/, ''),
    name: String(inputs.name),
    arn: `arn:aws:iam::${account}:role/${String(inputs.name)}`,
    trust: (JSON.parse(String(inputs.assumeRolePolicy)) as { Statement: FunctionRole['trust'] }).Statement,
    statements: documents.flatMap(({ Statement }) =>
      Statement.map((statement) => ({
        ...statement,
        Action: [statement.Action].flat(),
        Resource: [statement.Resource].flat(),
      })),
    ),
    managed: inputs.managedPolicyArns ?? [],
    document: documents[0],
  }
}
