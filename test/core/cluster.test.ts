import { expect, it } from 'vitest'
import {
  AccessEntry,
  Cluster,
  type ClusterDecision,
  decideCluster,
  isBeingMade,
  isReachable,
  notChecked,
  regionNotChecked,
} from '../../core/cluster.ts'

const cluster: Cluster = {
  name: 'shop',
  arn: 'arn:aws:eks:us-west-2:123456789012:cluster/shop',
  status: 'ACTIVE',
  version: '1.34',
  autoMode: false,
}
const asked = { name: 'shop 1', region: 'us-west-2', timeoutSeconds: 1801 }
const unusable = (status: string): ClusterDecision => ({
  state: 'failed',
  message: `its status is ${status}, which waiting does not change`,
  findings: [
    {
      code: 'cluster-unusable',
      severity: 'blocking',
      subject: 'cluster shop 1',
      found: `its status is ${status}, which waiting does not change`,
      remedy: {
        advice: 'See what EKS says about it.',
        command:
          "aws eks describe-cluster --name 'shop 1' --region us-west-2 --query 'cluster.{status:status,health:health}'",
        looks: true,
      },
    },
  ],
})
it.each([
  ['CREATING', true],
  ['PENDING', true],
  ['ACTIVE', false],
  ['UPDATING', false],
  ['DELETING', false],
  ['FAILED', false],
])('a cluster that is %s is still being made: %s', (status, making) => {
  expect(isBeingMade({ ...cluster, status })).toBe(making)
})

const waits = 'which takes a new cluster 8 to 16 minutes; it is looked at every 15 s, for 31 min at most'

it.each<[why: string, cluster: Cluster | undefined, decision: ClusterDecision]>([
  ['it answers', cluster, { state: 'ready', message: '1.34, ACTIVE', findings: [] }],
  [
    'its API server answers through an update',
    { ...cluster, status: 'UPDATING' },
    { state: 'ready', message: '1.34, UPDATING', findings: [] },
  ],
  [
    'it is being created',
    { ...cluster, status: 'CREATING', createdAt: '2026-11-23T06:00:00.123Z' },
    { state: 'waiting', message: `CREATING since 2026-11-23T06:00:00Z, ${waits}`, findings: [] },
  ],
  [
    'it is about to be, since when EKS does not say',
    { ...cluster, status: 'PENDING' },
    { state: 'waiting', message: `PENDING, ${waits}`, findings: [] },
  ],
  ['it is being deleted', { ...cluster, status: 'DELETING' }, unusable('DELETING')],
  ['it could not be made', { ...cluster, status: 'FAILED' }, unusable('FAILED')],
  [
    'there is none',
    undefined,
    {
      state: 'failed',
      message: 'there is no cluster shop 1 in us-west-2',
      findings: [
        {
          code: 'cluster-missing',
          severity: 'blocking',
          subject: 'cluster shop 1',
          found: 'there is no cluster shop 1 in us-west-2',
          remedy: {
            advice: 'See which clusters there are.',
            command: 'aws eks list-clusters --region us-west-2',
            looks: true,
          },
        },
      ],
    },
  ],
])('whether a run goes on with a cluster: %s', (_why, found, decision) => {
  expect(decideCluster(found, asked)).toEqual(decision)
})

const known = { endpoint: 'https://shop', certificateAuthority: 'Q0E=' }

it.each<[why: string, cluster: Cluster, reachable: boolean]>([
  ['active', { ...cluster, ...known }, true],
  ['updating', { ...cluster, ...known, status: 'UPDATING' }, true],
  ['being created', { ...cluster, ...known, status: 'CREATING' }, false],
  ['without its endpoint', { ...cluster, certificateAuthority: 'Q0E=' }, false],
  ['without its CA', { ...cluster, endpoint: 'https://shop' }, false],
])('whether its API server may be asked: %s', (_why, found, reachable) => {
  expect(isReachable(found)).toBe(reachable)
})

it('says why a sweep passed a cluster, or a region', () => {
  const error = { name: 'AccessDenied', message: 'no' }
  expect(notChecked(asked, error)).toEqual({
    code: 'cluster-not-checked',
    severity: 'warning',
    subject: 'cluster shop 1',
    found: 'it could not be checked: AccessDenied: no',
    remedy: {
      advice: 'See who may reach its API server.',
      command:
        "aws eks describe-cluster --name 'shop 1' --region us-west-2 --query cluster.resourcesVpcConfig",
      looks: true,
    },
  })
  expect(regionNotChecked('us-west-2', error)).toEqual({
    code: 'region-not-checked',
    severity: 'warning',
    subject: 'region us-west-2',
    found: 'no cluster of it could be checked: AccessDenied: no',
  })
})

it('takes of a cluster and of an access entry what it knows, and nothing else', () => {
  const whole = { ...cluster, ...known, ipFamily: 'ipv6', createdAt: 'c', oidcIssuer: 'o' }
  expect(Cluster.parse(whole)).toEqual(whole)
  expect(Cluster.parse({ ...cluster, ipFamily: 'ipv4' }).ipFamily).toBe('ipv4')
  expect(Cluster.safeParse({ ...cluster, ipFamily: 'ipx' }).success).toBe(false)
  expect(Cluster.safeParse({ ...cluster, more: 1 }).success).toBe(false)
  const entry = { principalArn: 'arn', kubernetesGroups: ['podid:agent'] }
  expect(AccessEntry.parse(entry)).toEqual(entry)
  expect(AccessEntry.safeParse({ ...entry, more: 1 }).success).toBe(false)
})
