import { describe, expect, it } from 'vitest'
import { clusterGroups } from '../../stacks/cluster-access.ts'
import { manifestsOf } from './deployed.ts'

const manifests = manifestsOf('manifests')
/** What a namespace's overlay may add. */
const optional = manifestsOf('manifests/pod-deletion')
const rules = manifests.flatMap(({ rules = [] }) => rules)
const bindings = manifests.filter(({ roleRef }) => roleRef)

describe('what a cluster lets podid do', () => {
  it('never is to read secrets, to run in pods, or to widen its own rights', () => {
    const resources = new Set(rules.flatMap((rule) => rule.resources))
    for (const forbidden of ['secrets', 'pods/exec', 'pods/attach', 'serviceaccounts/token', '*'])
      expect(resources).not.toContain(forbidden)
    expect(rules.flatMap(({ apiGroups }) => apiGroups)).not.toContain('rbac.authorization.k8s.io')
  })

  it('has no wildcard, and deletes nothing', () => {
    const words = rules.flatMap(({ apiGroups, resources, verbs }) => [...apiGroups, ...resources, ...verbs])
    for (const word of ['*', 'delete', 'deletecollection', 'update', 'escalate', 'bind', 'impersonate'])
      expect(words).not.toContain(word)
  })

  it('is to delete pods only where a namespace adds that, and nothing else with it', () => {
    expect(optional.flatMap(({ rules = [] }) => rules)).toEqual([
      { apiGroups: [''], resources: ['pods'], verbs: ['delete'] },
    ])
    expect(optional.map(({ kind }) => kind)).toEqual(['Role', 'RoleBinding'])
  })

  it('is bound in namespaces, but for the list of nodes and the one registration of a webhook', () => {
    const clusterWide = bindings.filter(({ kind }) => kind === 'ClusterRoleBinding')
    expect(clusterWide.map(({ metadata }) => metadata.name)).toEqual(['podid-nodes', 'podid-webhook'])
    expect(bindings.every(({ kind, metadata }) => kind === 'ClusterRoleBinding' || metadata.namespace)).toBe(
      true,
    )
  })

  it('is bound to the groups of the access entries, all of them and no other', () => {
    const bound = new Set(
      [...bindings, ...optional].flatMap(({ subjects = [] }) => subjects.map(({ name }) => name)),
    )
    expect(bound).toEqual(new Set(Object.values(clusterGroups).flat()))
  })

  it('refers to roles that are there', () => {
    const roles = manifests.filter((one) => one.rules).map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    for (const { roleRef } of bindings) expect(roles).toContain(`${roleRef?.kind} ${roleRef?.name}`)
  })
})
