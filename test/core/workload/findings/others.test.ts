import { describe, expect, it } from 'vitest'
import { checkOthers, type OthersFacts } from '../../../../core/workload/others.ts'
import { injectedSpec, pod as podOf } from '../../../support/pods.ts'

const owner = (kind: string, name: string, change: object = {}) => ({
  kind,
  metadata: { name, uid: `${kind}/${name}` },
  template: { serviceAccountName: 'carts', containers: [{ name: 'a' }] },
  ...change,
})
const owned = (name: string, kind: string, of: string, change: object = {}) =>
  podOf({
    metadata: {
      name,
      namespace: 'shop',
      ownerReferences: [{ apiVersion: 'v1', kind, name: of, uid: `${kind}/${of}`, controller: true }],
    },
    spec: { serviceAccountName: 'carts', containers: [{ name: 'a' }] },
    ...change,
  })
const facts = (change: Partial<OthersFacts>): OthersFacts => ({
  ref: { kind: 'Deployment', name: 'carts' },
  namespace: 'shop',
  serviceAccount: 'carts',
  owners: [],
  pods: [],
  replace: false,
  ...change,
})
const twelve = Array.from({ length: 12 }, (_, at) => `d${String(at).padStart(2, '0')}`)

describe('what else runs under a ServiceAccount is told whole', () => {
  it('in the order of names, with what restarts them', () => {
    const owners = [owner('StatefulSet', 'z'), owner('Deployment', 'b'), owner('DaemonSet', 'a')]
    const pods = [owned('z-0', 'StatefulSet', 'z'), owned('a-x', 'DaemonSet', 'a')]
    const ended = owned('b-x', 'Deployment', 'b', { status: { phase: 'Failed' } })
    const other = owned('o', 'Deployment', 'b', { spec: { serviceAccountName: 'other', containers: [] } })
    const ready = podOf({
      metadata: { ...owned('b-y', 'Deployment', 'b').metadata },
      spec: { ...injectedSpec({ containers: [{ name: 'a' }] }), serviceAccountName: 'carts' },
    })
    expect(checkOthers(facts({ owners, pods: [...pods, ended, other, ready] }))).toEqual([
      {
        code: 'others-under-service-account',
        severity: 'info',
        subject: 'serviceaccount/carts',
        found:
          'also the ServiceAccount of daemonset/a (1 pod), deployment/b, statefulset/z (1 pod); their new pods get the role too',
      },
      {
        code: 'others-run-on',
        severity: 'info',
        subject: 'serviceaccount/carts',
        found: '2 pods of others under it run on with what they have until they are made anew',
        remedy: {
          advice: 'Restart them when it suits them; this run does not.',
          command:
            'kubectl rollout restart daemonset/a -n shop\nkubectl rollout restart statefulset/z -n shop',
        },
      },
    ])
  })

  it('as far as ten of them', () => {
    const found = checkOthers(facts({ pods: twelve.map((name) => owned(`${name}-x`, 'Deployment', name)) }))
    expect(found[0]?.found).toContain('deployment/d09 (1 pod) and 2 more;')
    expect(found[1]?.remedy?.command?.split('\n')).toEqual(
      twelve.slice(0, 10).map((name) => `kubectl rollout restart deployment/${name} -n shop`),
    )
  })

  it('and pods that name none count to the default one', () => {
    const bare = podOf({ metadata: { name: 'p' }, spec: { containers: [{ name: 'a' }] } })
    expect(checkOthers(facts({ serviceAccount: 'default', pods: [bare] }))[0]?.found).toContain(
      'pod/p (1 pod)',
    )
    expect(checkOthers(facts({ serviceAccount: '', pods: [bare] }))).toEqual([])
  })
})
