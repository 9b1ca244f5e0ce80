import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../../local/json-object.ts'
import { conform, TypeMismatch } from '../../../../local/kubernetes/api/wire/decode.ts'
import { shapeOf } from '../../../../local/kubernetes/api/wire/schema.ts'
import { applyDefaults } from '../../../../local/kubernetes/store/defaults/defaults.ts'
import { type NewObject, type ResourceKind, resources } from '../../../../local/kubernetes/store/resources.ts'
import { parseFieldSelector, parseLabelSelector } from '../../../../local/kubernetes/store/selectors.ts'
import { validate } from '../../../../local/kubernetes/store/validation/index.ts'

const defaulted = (resource: ResourceKind, object: JsonObject) => {
  const copy = structuredClone({ metadata: { name: 'a', uid: 'ff00' }, ...object })
  applyDefaults(resource, copy)
  return copy
}

const container = (fields: JsonObject) => ({ spec: { containers: [{ name: 'a', ...fields }] } })

describe('defaults', () => {
  const rows: [why: string, resource: ResourceKind, given: JsonObject, expected: JsonObject][] = [
    [
      'latest is always pulled',
      resources.pods,
      container({ image: 'a' }),
      container({ imagePullPolicy: 'Always' }),
    ],
    [
      'a tag is pulled once',
      resources.pods,
      container({ image: 'registry:5000/a:1' }),
      container({ imagePullPolicy: 'IfNotPresent' }),
    ],
    [
      'a registry with a port is no tag',
      resources.pods,
      container({ image: 'registry:5000/a' }),
      container({ imagePullPolicy: 'Always' }),
    ],
    [
      'what is limited is requested',
      resources.pods,
      container({ resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '250m' } } }),
      container({ resources: { requests: { cpu: '250m', memory: '1Gi' } } }),
    ],
    [
      'a probe asks over HTTP each ten seconds',
      resources.pods,
      container({ readinessProbe: { httpGet: { port: 80 } } }),
      container({
        readinessProbe: { httpGet: { path: '/', scheme: 'HTTP' }, periodSeconds: 10, failureThreshold: 3 },
      }),
    ],
    [
      'a Deployment rolls a quarter at a time',
      resources.deployments,
      { spec: { template: { spec: {} } } },
      { spec: { replicas: 1, strategy: { rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } } } },
    ],
    [
      'Recreate rolls nothing',
      resources.deployments,
      { spec: { strategy: { type: 'Recreate' }, template: {} } },
      { spec: { strategy: { type: 'Recreate' } } },
    ],
    [
      'a DaemonSet takes one node at a time',
      resources.daemonsets,
      { spec: { template: {} } },
      { spec: { updateStrategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } } },
    ],
    [
      'a StatefulSet begins at partition 0',
      resources.statefulsets,
      { spec: { template: {} } },
      { spec: { podManagementPolicy: 'OrderedReady', updateStrategy: { rollingUpdate: { partition: 0 } } } },
    ],
    [
      'stringData becomes data',
      resources.secrets,
      { stringData: { key: 'value' } },
      { type: 'Opaque', data: { key: 'dmFsdWU=' } },
    ],
    [
      'a namespace is labelled with its name',
      resources.namespaces,
      {},
      { metadata: { labels: { 'kubernetes.io/metadata.name': 'a' } } },
    ],
    [
      'a service gets an address, and targets its port',
      resources.services,
      { spec: { ports: [{ port: 80 }] } },
      {
        spec: { type: 'ClusterIP', clusterIP: '172.20.255.1', ports: [{ targetPort: 80, protocol: 'TCP' }] },
      },
    ],
  ]
  it.each(rows)('%s', (_why, resource, given, expected) => {
    expect(defaulted(resource, given)).toMatchObject(expected)
  })
})

describe('validation', () => {
  const spec = {
    selector: { matchLabels: { app: 'a' } },
    template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'a', image: 'a' }] } },
  }
  const withContainer = (...containers: JsonObject[]) => ({
    spec: { ...spec, template: { ...spec.template, spec: { containers } } },
  })
  const rows: [why: string, resource: ResourceKind, object: JsonObject, message: RegExp | undefined][] = [
    ['a plain Deployment', resources.deployments, { spec }, undefined],
    [
      'an upper case name',
      resources.configmaps,
      { metadata: { name: 'Carts' } },
      /^ConfigMap "Carts" is invalid: metadata\.name: Invalid value: "Carts": a lowercase RFC 1123 subdomain/,
    ],
    [
      'dots in the name of a namespace',
      resources.namespaces,
      { metadata: { name: 'a.b' } },
      /metadata\.name: Invalid value: "a\.b": a lowercase RFC 1123 label/,
    ],
    ['colons in the name of a role', resources.clusterroles, { metadata: { name: 'system:a' } }, undefined],
    [
      'a label with a space',
      resources.configmaps,
      { metadata: { name: 'a', labels: { a: 'b c' } } },
      /metadata\.labels: Invalid value: "b c": a valid label/,
    ],
    [
      'no containers',
      resources.deployments,
      withContainer(),
      /^Deployment\.apps "a" is invalid: spec\.template\.spec\.containers: Required value$/,
    ],
    [
      'a container without an image',
      resources.deployments,
      withContainer({ name: 'a' }),
      /containers\[0\]\.image: Required value/,
    ],
    [
      'two containers of one name',
      resources.deployments,
      withContainer({ name: 'a', image: 'a' }, { name: 'a', image: 'b' }),
      /containers\[1\]\.name: Duplicate value: "a"/,
    ],
    [
      'a mount without a volume',
      resources.deployments,
      withContainer({ name: 'a', image: 'a', volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }] }),
      /volumeMounts\[0\]\.name: Not found: "tmp"/,
    ],
    [
      'several faults at once',
      resources.deployments,
      { spec: { ...spec, replicas: -1, selector: {} } },
      /is invalid: \[spec\.replicas: .*, spec\.selector: Required value, .*\]$/,
    ],
  ]
  it.each(rows)('%s', (_why, resource, object, message) => {
    const check = () => validate(resource, { metadata: { name: 'a' }, ...object } as NewObject)
    if (message)
      expect(check).toThrow(expect.objectContaining({ code: 422, message: expect.stringMatching(message) }))
    else expect(check).not.toThrow()
  })
})

describe('reading an object as its type', () => {
  const shape = shapeOf(resources.deployments)

  it('drops and names what the type does not have', () => {
    const given = {
      spec: { replicas: 1, nope: 2, template: { spec: { containers: [{ image: 'a', tag: 'b' }] } } },
    }
    expect(conform(shape, given)).toEqual({
      value: { spec: { replicas: 1, template: { spec: { containers: [{ image: 'a' }] } } } },
      unknownFields: ['spec.nope', 'spec.template.spec.containers[0].tag'],
    })
  })

  it('drops nulls, and keeps what may be a number or a text', () => {
    const strategy = { rollingUpdate: { maxSurge: '25%', maxUnavailable: 1 } }
    expect(conform(shape, { spec: { replicas: null, strategy } }).value).toEqual({ spec: { strategy } })
  })

  it('refuses another type', () => {
    expect(() => conform(shape, { spec: { replicas: '2' } })).toThrow(TypeMismatch)
    expect(() => conform(shape, { spec: { template: [] } })).toThrow(
      /cannot unmarshal array into Go struct field/,
    )
  })
})

describe('selectors', () => {
  const labels: [selector: string, labels: Record<string, string>, fits: boolean][] = [
    ['app=carts', { app: 'carts' }, true],
    ['app==carts', { app: 'orders' }, false],
    ['app!=carts', {}, true],
    ['app', { app: '' }, true],
    ['!app', { app: '' }, false],
    ['tier in (web, api),app', { tier: 'api', app: 'x' }, true],
    ['tier in (web,api)', {}, false],
    ['tier notin (web,api)', {}, true],
    ['app.kubernetes.io/name=carts,!canary', { 'app.kubernetes.io/name': 'carts' }, true],
  ]
  it.each(labels)('%s of %o', (selector, have, fits) => {
    expect(parseLabelSelector(selector)(have)).toBe(fits)
  })

  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a', namespace: 'carts', uid: '', resourceVersion: '', creationTimestamp: '' },
    spec: { nodeName: 'n1' },
    status: { phase: 'Running' },
  }
  const fields: [selector: string, fits: boolean][] = [
    ['metadata.name=a,status.phase=Running', true],
    ['status.phase!=Running', false],
    ['spec.nodeName=n1', true],
    ['spec.nodeName=', false],
  ]
  it.each(fields)('%s', (selector, fits) => {
    expect(parseFieldSelector(resources.pods, selector)(pod)).toBe(fits)
  })
})
