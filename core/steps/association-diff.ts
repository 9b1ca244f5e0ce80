import { isSamePolicy } from '../association.ts'
import type { Diff } from '../changes.ts'
import type { AssociationBefore, Request } from '../request.ts'

/** What a run sets of an association: what differs from the one that is there, or all of it that is not usual. */
export const associationFields = (
  { role, targetRole, sessionTags, sessionPolicy }: Request,
  former: AssociationBefore | null | undefined,
): Diff['fields'] => {
  const field = (name: string, from: string | undefined, to: string, usual = 'none'): Diff['fields'] =>
    to === (former ? from : usual) ? [] : [{ name, from: former ? (from ?? 'none') : null, to }]
  const tags = (off: boolean | undefined) => (off ? 'off' : 'on')
  return [
    ...field('role', former?.roleArn, role),
    ...field('target role', former?.targetRoleArn ?? 'none', targetRole ?? 'none'),
    ...field('session tags', tags(former?.disableSessionTags), tags(!sessionTags), 'on'),
    ...(sessionPolicy === undefined || isSamePolicy(former?.policy, sessionPolicy)
      ? []
      : field('session policy', former?.policy ? 'another one' : 'none', "the request's")),
  ]
}

/** What a run sets besides the role, as the end of a sentence. */
export const settingsBesides = ({ targetRole, sessionTags, sessionPolicy }: Request): string =>
  `${targetRole ? `, target role ${targetRole}` : ''}${sessionTags ? '' : ', session tags off'}${sessionPolicy ? ', a session policy' : ''}`
