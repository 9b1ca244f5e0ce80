import type { Change } from '../changes.ts'
import { isChangeMade, type TrustChange } from '../role/trust/change.ts'
import { undoCommands } from '../undo.ts'
import { irsaAnnotation } from '../workload/workload.ts'
import type { RunState } from './answers.ts'
import { afterUndo, change, type Known, known, knownBy, planned, type Write } from './write.ts'

type Request = RunState['request']
interface Planned {
  request: Request
  role: Pick<NonNullable<RunState['role']>, 'action'> | null
  before?: RunState['before']
}

const roleName = ({ role }: Request): string => role.split('/').at(-1) ?? role

const trustWrite = (request: Request, { what, found }: TrustChange): Write => {
  const name = roleName(request)
  const rest = `the trust policy of role ${name}: ${what.join('; ')}`
  return {
    kind: 'trust',
    subject: request.role,
    words: [`change ${rest}`, `changed ${rest}`],
    diff: {
      sign: '~',
      what: [`trust policy of role ${name}`, `trust policy of role ${name}`],
      fields: what.map((line) => ({ name: 'statement', from: null, to: line })),
    },
    command: undoCommands.restoreTrust(request, found),
  }
}

const annotationWrite = (request: Request, role: string): Write => {
  const { serviceAccount } = request
  const rest = `the annotation ${irsaAnnotation} of serviceaccount/${serviceAccount}`
  return {
    kind: 'annotation',
    subject: `serviceaccount/${serviceAccount}`,
    words: [`take away ${rest}`, `took away ${rest}`],
    diff: {
      sign: '~',
      what: [`serviceaccount/${serviceAccount}`, `serviceaccount/${serviceAccount}`],
      fields: [{ name: irsaAnnotation, from: role, to: 'none' }],
    },
    command: undoCommands.annotateForIrsa(request, role),
  }
}

const annotatedRole = ({ before }: Planned): string | undefined =>
  (before?.annotation?.goes && before.annotation.role) || undefined

/** What a run would write of its role's trust, before it associates the role. */
export const plannedTrustWrites = ({ request, role, before }: Planned): Change[] =>
  role?.action === 'trust' && before?.trust ? [planned(trustWrite(request, before.trust))] : []

/** What the second act of a migration would write, at its end. */
export const plannedFinishWrites = (state: Planned): Change[] => {
  const { request, before } = state
  if (!request.finish) return []
  const annotated = annotatedRole(state)
  return [
    ...(annotated === undefined ? [] : [planned(annotationWrite(request, annotated))]),
    ...(before?.trust ? [planned(trustWrite(request, before.trust))] : []),
  ]
}

/** What a run has written of its role's trust, or has tried to, before it associated the role. */
export const trustWrites = (state: RunState): Change[] => {
  const { request, before, trustWritten, tried, stock } = state
  const trust = before?.trust
  if (!trust) return []
  if (trustWritten)
    return trustWritten.action === 'kept' ? [] : [change(trustWrite(request, trust), known.done)]
  if (tried !== 'ensureTrust') return []
  return [change(trustWrite(request, trust), afterUndo(knownBy(stock?.trust, isIn(trust)), state, 'trust'))]
}

const isIn =
  (trust: TrustChange) =>
  (seen: string | null): boolean =>
    seen !== null && isChangeMade(trust, seen)

/** What the second act of a migration has written, or has tried to. */
export const finishWrites = (state: RunState): Change[] => {
  const { request, before, finished, tried, stock } = state
  const trust = before?.trust
  if (!request.finish || (!finished && tried !== 'finishMigration')) return []
  const annotated = annotatedRole(state)
  const became = (kind: 'trust' | 'annotation', seen: Known): Known => afterUndo(seen, state, kind)
  return [
    ...(annotated === undefined || finished?.annotation === 'absent'
      ? []
      : [
          change(
            annotationWrite(request, annotated),
            finished
              ? known.done
              : became(
                  'annotation',
                  knownBy(stock?.annotation, (seen) => seen === null),
                ),
          ),
        ]),
    ...(!trust || finished?.trust === 'kept'
      ? []
      : [
          change(
            trustWrite(request, trust),
            finished ? known.done : became('trust', knownBy(stock?.trust, isIn(trust))),
          ),
        ]),
  ]
}
