import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LineCounter, parseAllDocuments, type YAMLMap } from 'yaml'
import { clusterRights, grantedBy, lackingRule, ruleText } from '../../../core/steps/cluster-rights.ts'

interface Manifest {
  kind: string
  metadata: { name: string }
  rules?: { apiGroups: string[]; resources: string[]; verbs: string[] }[]
  roleRef?: { name: string }
  subjects?: { name: string }[]
}

const root = join(import.meta.dirname, '../../..')
/** The documents of a file, with the lines at which their rules begin. */
const manifestsIn = (file: string): [Manifest, number[]][] => {
  const lineCounter = new LineCounter()
  return parseAllDocuments(readFileSync(join(root, file), 'utf8'), { lineCounter }).map((document) => {
    const rules = (document.get('rules') as { items?: YAMLMap[] } | undefined)?.items ?? []
    // The dash before the first key is on its line.
    const lines = rules.map(({ range }) => lineCounter.linePos(range?.[0] ?? 0).line)
    return [document.toJS() as Manifest, lines]
  })
}
const files = [...new Set(clusterRights.map(({ file }) => file))]

it.each(files)('knows the rules of %s as they are, and their lines', (file) => {
  const inFile = manifestsIn(file)
    .filter(([{ rules }]) => rules !== undefined)
    .map(([{ metadata, rules = [] }, lines]) => ({
      role: metadata.name,
      grants: rules
        .flatMap(({ apiGroups, resources, verbs }, at) =>
          apiGroups.flatMap((group) =>
            resources.flatMap((resource) =>
              verbs.map((verb) => `${group}/${resource} ${verb}, line ${lines[at]}`),
            ),
          ),
        )
        .sort(),
    }))
  const known = clusterRights
    .filter((right) => right.file === file)
    .map(({ role, lines }) => ({
      role,
      grants: [...lines].map(([grant, line]) => `${grant}, line ${line}`).sort(),
    }))
  expect(known).toEqual(inFile)
})

it('knows the group that each role is bound to', () => {
  const bindings = [...files, 'manifests/namespace/bindings.yaml', 'manifests/pod-deletion/binding.yaml']
  const bound = bindings
    .flatMap(manifestsIn)
    .flatMap(([{ roleRef, subjects }]) =>
      roleRef ? [[roleRef.name, subjects?.map(({ name }) => name).join()]] : [],
    )
  expect(Object.fromEntries(clusterRights.map(({ role, group }) => [role, group]))).toEqual(
    Object.fromEntries(bound),
  )
})

it('knows where each role counts', () => {
  const of = (scope: string) => clusterRights.filter((right) => right.scope === scope).map(({ role }) => role)
  expect(of('cluster')).toEqual(['podid-nodes', 'podid-webhook', 'podid-names'])
  expect(of('kube-system')).toEqual(['podid-agent', 'podid-agent-log'])
  expect(of('workloads')).toEqual([
    'podid-workload',
    'podid-environment',
    'podid-rollout',
    'podid-diagnosis',
    'podid-probe',
    'podid-restart',
    'podid-service-account',
    'podid-pod-deletion',
  ])
})

it('reads a rule whole', () => {
  const cannot = 'User "x" cannot get resource "pods/log" in API group'
  expect(lackingRule(`${cannot} "apps" in the namespace "shop"`)).toEqual({
    user: 'x',
    verb: 'get',
    resource: 'pods/log',
    apiGroup: 'apps',
    namespace: 'shop',
  })
  expect(lackingRule(`${cannot} "" at the cluster scope`)).toEqual({
    user: 'x',
    verb: 'get',
    resource: 'pods/log',
    apiGroup: '',
    namespace: undefined,
  })
  // As Go quotes a name, and where there is none.
  const listing = 'cannot list resource "pods" in API group "" at the cluster scope'
  expect(lackingRule(`User "a \\"b\\"" ${listing}`)?.user).toBe('a \\"b\\"')
  expect(lackingRule(`User "" ${listing}`)?.user).toBe('')
  // Where no role counts there, the first that grants it is named.
  expect(grantedBy({ verb: 'list', resource: 'pods', apiGroup: '', namespace: 'shop' })).toEqual({
    role: 'podid-workload',
    group: 'podid:workload',
    at: expect.stringMatching(/^manifests\/base\/roles\.yaml:\d+$/),
  })
  expect(grantedBy({ verb: 'create', resource: 'pods', apiGroup: '', namespace: 'kube-system' })?.role).toBe(
    'podid-probe',
  )
})

describe('a refusal of the API server', () => {
  const refusal = (what: string) => `x is forbidden: User "arn:aws:iam::1:role/r" cannot ${what}`
  it.each<[why: string, message: string, role: string | undefined, rule: string | undefined]>([
    [
      'in the namespace of a workload',
      refusal('get resource "deployments" in API group "apps" in the namespace "carts"'),
      'podid-workload',
      '{ apiGroups: [apps], resources: [deployments], verbs: [get] }',
    ],
    [
      'the same list is another role’s where the agent is',
      refusal('list resource "pods" in API group "" in the namespace "kube-system"'),
      'podid-agent',
      "{ apiGroups: [''], resources: [pods], verbs: [list] }",
    ],
    [
      'and a third one’s for all namespaces',
      refusal('list resource "pods" in API group "" at the cluster scope'),
      'podid-nodes',
      "{ apiGroups: [''], resources: [pods], verbs: [list] }",
    ],
    [
      'the name of a namespace is not the scope of that name',
      refusal('list resource "pods" in API group "" in the namespace "cluster"'),
      'podid-workload',
      "{ apiGroups: [''], resources: [pods], verbs: [list] }",
    ],
    [
      'a subresource',
      refusal('get resource "pods/log" in API group "" in the namespace "carts"'),
      'podid-diagnosis',
      "{ apiGroups: [''], resources: [pods/log], verbs: [get] }",
    ],
    [
      'what no manifest grants',
      refusal('get resource "secrets" in API group "" in the namespace "carts"'),
      undefined,
      "{ apiGroups: [''], resources: [secrets], verbs: [get] }",
    ],
    ['of a policy, not of RBAC', 'admission webhook "p" denied the request', undefined, undefined],
  ])('%s', (_why, message, role, rule) => {
    const lacking = lackingRule(message)
    expect(lacking && ruleText(lacking)).toBe(rule)
    expect(lacking && grantedBy(lacking)?.role).toBe(role)
  })
})
