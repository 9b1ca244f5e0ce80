import type { ExitCode } from '../exit.ts'
import { type EnableFlags, enable } from './enable.ts'

/** The flags of `podid migrate`: those of enable, and two by which people know eksctl's command. */
export type MigrateFlags = EnableFlags & {
  approve?: boolean
  removeOidcProviderTrustRelationship?: boolean
}

/**
 * `podid migrate`: what enable does with `migrate: irsa`, the second act with `--finish`. Without `--approve` it is a plan, as with
 * `eksctl utils migrate-to-pod-identity`.
 */
export const migrate = ({
  approve = false,
  removeOidcProviderTrustRelationship: removes = false,
  ...flags
}: MigrateFlags): Promise<ExitCode> =>
  enable(approve ? 'enable' : 'plan', {
    ...flags,
    migrate: 'irsa',
    ...(removes ? { removeOidcTrust: true } : {}),
  })
