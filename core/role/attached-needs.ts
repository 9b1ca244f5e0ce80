import { asList, isFields } from '../policy/document.ts'
import type { RoleFacts } from './role.ts'

/** What a statement of a policy grants, as needs could be written, and where it stands. */
export interface AttachedNeed {
  actions: string[]
  resources: string[]
  source: string
}

/**
 * The needs that a role's policies are made for, statement by statement: a draft to keep what is used of it.
 * `left` are the statements that say no need, because they deny, exclude, or grant everything.
 */
export const needsFromPolicies = (
  role: Pick<RoleFacts, 'policies'>,
): { needs: AttachedNeed[]; left: string[] } => {
  const needs: AttachedNeed[] = []
  const left: string[] = []
  for (const { name, document } of role.policies) {
    for (const [at, statement] of asList(isFields(document) ? document.Statement : undefined).entries()) {
      if (!isFields(statement)) continue
      const source = `policy ${name}, statement ${typeof statement.Sid === 'string' ? statement.Sid : `#${at + 1}`}`
      const actions = texts(statement.Action)
      const resources = texts(statement.Resource)
      const why =
        statement.Effect !== 'Allow'
          ? 'it denies'
          : actions.length === 0 || resources.length === 0
            ? 'it names what it excludes'
            : actions.includes('*')
              ? 'it grants every action'
              : undefined
      if (why === undefined) needs.push({ actions, resources, source })
      else left.push(`${source}: ${why}`)
    }
  }
  return { needs, left }
}

const texts = (value: unknown): string[] => asList(value).filter((item) => typeof item === 'string')
