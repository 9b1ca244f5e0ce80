import { describe, expect, it } from 'vitest'
import { sentContext, sentToSts } from '../../../core/role/trust/sent.ts'

// The role check and the stand-in for EKS read one table of what is sent to STS, so that neither can find the
// other wrong. What AWS's pages show of such requests is written here once more, apart from that table.
const cluster = { name: 'prod', arn: 'arn:aws:eks:us-east-1:111122223333:cluster/prod' }
const facts = {
  cluster,
  account: '111122223333',
  namespace: 'default',
  serviceAccount: 'pod-id-tester',
  sessionTags: true,
  pod: { name: 'tester-7d4', uid: '1f0c5a2e-0000-4000-8000-000000000000' },
  sessionName: 'eks-prod-tester-7d4-1f0c',
}

/** The tags and their transitive keys: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html */
const documentedTags = {
  'eks-cluster-arn': cluster.arn,
  'eks-cluster-name': 'prod',
  'kubernetes-namespace': 'default',
  'kubernetes-service-account': 'pod-id-tester',
  'kubernetes-pod-name': facts.pod.name,
  'kubernetes-pod-uid': facts.pod.uid,
}

describe('what EKS sends to STS', () => {
  it('carries the six documented tags, all of them transitive', () => {
    const context = sentContext('service', facts, [])
    for (const [name, value] of Object.entries(documentedTags))
      expect(context[`aws:RequestTag/${name}`]).toBe(value)
    for (const key of ['aws:TagKeys', 'sts:TransitiveTagKeys'])
      expect([...(context[key] ?? [])].toSorted()).toEqual(Object.keys(documentedTags).toSorted())
  })

  it('names the cluster and its account as the source', () => {
    expect(sentContext('service', facts, [])).toMatchObject({
      'aws:SourceArn': cluster.arn,
      'aws:SourceAccount': '111122223333',
    })
  })

  it('carries nothing else that a policy could ask about', () => {
    const asked = [
      'aws:PrincipalOrgID',
      'aws:RequestedRegion',
      'aws:MultiFactorAuthPresent',
      'sts:ExternalId',
      'aws:PrincipalTag/team',
    ]
    const context = sentContext('service', facts, asked)
    for (const key of asked) expect(context[key]).toBeNull()
  })

  it('leaves open what only the request shows', () => {
    const { pod: _pod, sessionName: _name, ...before } = facts
    const context = sentContext('service', before, ['aws:SourceOrgID', 'aws:SourceIp', 'aws:CurrentTime'])
    const open = [
      'aws:RequestTag/kubernetes-pod-name',
      'aws:RequestTag/kubernetes-pod-uid',
      'sts:RoleSessionName',
      'aws:SourceOrgID',
      'aws:SourceIp',
      'aws:CurrentTime',
    ]
    for (const key of open) expect(context[key]).toBeUndefined()
  })

  it('has no tags where the association switches them off', () => {
    const context = sentContext('service', { ...facts, sessionTags: false }, [])
    for (const key of ['aws:RequestTag/kubernetes-namespace', 'aws:TagKeys', 'sts:TransitiveTagKeys'])
      expect(context[key]).toBeNull()
  })

  /** https://docs.aws.amazon.com/eks/latest/userguide/pod-id-assign-target-role.html */
  it('carries tags to the target role, or the external id in their place', () => {
    const role = { arn: 'arn:aws:iam::111122223333:role/pods', tags: {} }
    const tagged = sentContext('role', { ...facts, role }, ['aws:PrincipalTag/team'])
    expect(tagged).toMatchObject({
      'aws:RequestTag/kubernetes-namespace': 'default',
      'aws:PrincipalTag/kubernetes-namespace': 'default',
      'aws:PrincipalArn': role.arn,
      'sts:ExternalId': null,
      'aws:PrincipalTag/team': null,
    })
    const untagged = sentContext('role', { ...facts, role, sessionTags: false }, [])
    expect(untagged).toMatchObject({
      'aws:RequestTag/kubernetes-namespace': null,
      'sts:ExternalId': 'us-east-1/111122223333/prod/default/pod-id-tester',
    })
  })

  it('says of every row where it is written', () => {
    for (const { source } of sentToSts) expect(source).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//)
  })
})
