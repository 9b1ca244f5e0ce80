import { expect, it } from 'vitest'
import { accessEntries, clusterGroups, deployedName, kebab } from '../../../core/fleet/access.ts'

/** Every function that talks to clusters; no other one gets into one. */
const groups = {
  checkAgent: ['podid:agent', 'podid:workload'],
  verifyWorkload: ['podid:workload', 'podid:environment', 'podid:diagnosis', 'podid:probe'],
  sweep: ['podid:workload', 'podid:environment', 'podid:diagnosis', 'podid:probe', 'podid:names'],
}

it('lets into clusters the functions that talk to them, each in its groups', () => {
  expect(clusterGroups).toMatchObject(groups)
  expect(Object.keys(clusterGroups)).toEqual([
    'checkAgent',
    'verifyWorkload',
    'ensureAgent',
    'awaitInjection',
    'restartWorkload',
    'watchRollout',
    'verifyCredentials',
    'finishMigration',
    'takeStock',
    'undo',
    'awaitUndo',
    'sweep',
  ])
})

it('has an access entry for the role of each, in the partition of the region', () => {
  const entries = accessEntries({ account: '111122223333', region: 'cn-north-1' }, (name) =>
    deployedName('production', name),
  )
  const role = (name: string) => `arn:aws-cn:iam::111122223333:role/podid-production-${name}`
  expect(entries).toHaveLength(Object.keys(clusterGroups).length)
  expect(
    entries.filter(({ principalArn }) => /-(?:check-agent|verify-workload|sweep)$/.test(principalArn)),
  ).toEqual([
    { principalArn: role('check-agent'), kubernetesGroups: groups.checkAgent },
    { principalArn: role('verify-workload'), kubernetesGroups: groups.verifyWorkload },
    { principalArn: role('sweep'), kubernetesGroups: groups.sweep },
  ])
})

it.each([
  ['verifyRole', 'verify-role'],
  ['sweep', 'sweep'],
  ['useHTTPNow', 'use-httpnow'],
])('calls %s %s', (name, kebabbed) => {
  expect(kebab(name)).toBe(kebabbed)
})
