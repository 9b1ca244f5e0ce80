import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { requestFields } from '../../core/request-input.ts'

/**
 * For each field of a request, a test that fails where the field does nothing: the run would act in another place, or go
 * about it in another way. A new field comes with its row.
 */
const held: Record<string, [file: string, test: string]> = {
  cluster: ['functions/steps/region.test.ts', 'cluster'],
  region: ['functions/steps/region.test.ts', 'the region of the request'],
  namespace: ['scenarios/proof/proof.test.ts', 'carts'],
  serviceAccount: ['scenarios/proof/proof.test.ts', 'serviceAccount'],
  role: ['scenarios/sizes.test.ts', 'role: arn'],
  formerRoles: ['core/association.test.ts', 'formerRoles'],
  targetRole: ['functions/steps/preflight/verify-role.test.ts', 'targetRole'],
  sessionTags: ['scenarios/create-role.test.ts', 'sessionTags'],
  sessionPolicy: ['scenarios/create-role.test.ts', 'sessionPolicy'],
  workload: ['scenarios/undo/after-undo.test.ts', 'statefulset'],
  needs: ['scenarios/variants.test.ts', 'permission-missing'],
  mode: ['scenarios/create-role.test.ts', "mode: 'plan'"],
  replace: ['scenarios/variants.test.ts', 'replace: true'],
  installAgent: ['scenarios/proof/placement.test.ts', 'installAgent: true'],
  agentVersion: ['scenarios/proof/placement.test.ts', 'agentVersion'],
  agentConfiguration: ['scenarios/proof/placement.test.ts', 'agentConfiguration'],
  createRole: ['scenarios/create-role.test.ts', 'createRole'],
  manageTrust: ['scenarios/migration/migration.test.ts', 'manageTrust'],
  migrate: ['scenarios/migration/migration.test.ts', 'migrate'],
  finish: ['scenarios/migration/migration.test.ts', 'finish'],
  removeOidcTrust: ['scenarios/migration/migration.test.ts', 'removeOidcTrust'],
  permissionsBoundary: ['scenarios/create-role.test.ts', 'permissionsBoundary'],
  accessAnalyzer: ['scenarios/create-role.test.ts', 'accessAnalyzer'],
  access: ['stacks/least-privilege.test.ts', "access: 'create'"],
  ifWorkloadMissing: ['scenarios/variants.test.ts', "ifWorkloadMissing: 'associate'"],
  allowZero: ['functions/steps/watch-rollout.test.ts', 'allowZero'],
  proof: ['scenarios/proof/proof.test.ts', "proof: 'required'"],
  waitAnyway: ['functions/steps/watch-rollout.test.ts', 'waitAnyway: true'],
  onFailure: ['workflows/passed-on.test.ts', "onFailure('keep')"],
  approval: ['workflows/deadline.test.ts', "approval: 'required'"],
  approvalTimeoutSeconds: ['workflows/deadline.test.ts', 'approvalTimeoutSeconds'],
  clusterTimeoutSeconds: ['workflows/deadline.test.ts', 'clusterTimeoutSeconds'],
  rolloutTimeoutSeconds: ['workflows/deadline.test.ts', 'rolloutTimeoutSeconds'],
  before: ['scenarios/undo/undo.test.ts', 'not over a newer one'],
}

it('every field of a request is named with a test that would be hurt if it did nothing', () => {
  expect(Object.keys(held).toSorted()).toEqual(requestFields().toSorted())
  const absent = Object.entries(held).filter(
    ([, [file, test]]) => !readFileSync(join(import.meta.dirname, '..', file), 'utf8').includes(test),
  )
  expect(absent).toEqual([])
})
