import { expect, it } from 'vitest'
import type { Container } from '../../../core/kubernetes.ts'
import { withoutEndpointModeBefore } from '../../../core/workload/ipv6.ts'

const mode = (value: string) => ({ name: 'AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE', value })

it.each<[why: string, container: Partial<Container>, says: [severity: string, found: RegExp] | undefined]>([
  [
    'a container of which nothing is known',
    { image: 'registry.example/carts:1' },
    [
      'info',
      /carts has no AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=IPv6.*whether one of these is used was not seen$/,
    ],
  ],
  [
    'a container that runs Java, by its variables',
    { env: [{ name: 'JAVA_TOOL_OPTIONS', value: '-Xmx1g' }] },
    ['warning', /\(carts runs Java, by its variable JAVA_TOOL_OPTIONS\)$/],
  ],
  [
    'a container that runs Java, by its ConfigMap',
    { envFrom: [{ configMapRef: { name: 'carts' } }] },
    ['warning', /by its variable SPRING_PROFILES_ACTIVE/],
  ],
  [
    'a container that runs Java, by its command',
    { command: ['/usr/bin/java', '-jar', 'x.jar'] },
    ['warning', /by its command \/usr\/bin\/java/],
  ],
  [
    'a container that runs Java, by its image',
    { image: 'amazoncorretto:21' },
    ['warning', /by its image amazoncorretto:21/],
  ],
  ['JavaScript is not Java', { image: 'registry.example/javascript-app:1' }, ['info', /was not seen$/]],
  ['the variable is there', { env: [mode('IPv6')] }, undefined],
  ['the variable says IPv4', { env: [mode('IPv4')] }, ['info', /has no/]],
])('%s', (_why, container, says) => {
  const template = { spec: { containers: [{ name: 'carts', ...container }] } }
  const configMaps = [{ metadata: { name: 'carts' }, data: { SPRING_PROFILES_ACTIVE: 'prod' } }]
  const [finding, ...more] = withoutEndpointModeBefore('deployment/carts', 'ipv6', template, configMaps)
  expect(more).toEqual([])
  expect(finding?.severity).toBe(says?.[0])
  if (says) expect(finding?.found).toMatch(says[1])
})

it.each<[why: string, family: 'ipv4' | 'ipv6' | undefined, annotations: Record<string, string>]>([
  ['a cluster on IPv4', 'ipv4', {}],
  ['a cluster that does not say', undefined, {}],
  ['a container that is not injected', 'ipv6', { 'eks.amazonaws.com/skip-containers': 'carts' }],
])('says nothing of %s', (_why, family, annotations) => {
  const template = { metadata: { annotations }, spec: { containers: [{ name: 'carts' }] } }
  expect(withoutEndpointModeBefore('deployment/carts', family, template, [])).toEqual([])
})
