import { expect, it } from 'vitest'
import { withoutEndpointModeBefore } from '../../../../core/workload/ipv6.ts'

const mode = 'AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE'
const says = (containers: object[], why = 'in an IPv6 cluster pods are given the agent’s IPv6 address') => {
  const [finding] = withoutEndpointModeBefore('deployment/x', 'ipv6', { spec: { containers } as never }, [])
  return finding?.found.replace(`${why}, and `, '')
}
const refuses = `: the AWS SDK for Java v2 refuses that address without it, and the one for JavaScript v2 takes the IPv4 address alone (as read in aws-sdk-js at 0cadcc3)`
const unknown = '; whether one of these is used was not seen'
const named = (sign: string) => ` (app runs Java, by ${sign})`
const variable = (name: string) => ({ name: 'app', env: [{ name, value: 'x' }] })

it.each<[why: string, container: object, sign: string]>([
  ...[
    '_JAVA_OPTIONS',
    'JAVA_OPTS',
    'JAVA_OPTIONS',
    'JAVA_TOOL_OPTIONS',
    'JDK_JAVA_OPTIONS',
    'JAVA_HOME',
    'CATALINA_OPTS',
    'SPRING_X',
  ].map((name): [string, object, string] => [name, variable(name), named(`its variable ${name}`)]),
  ...['MY_JAVA_OPTS', 'JAVA_HOMES', 'JAVA_OPT', 'SPRING_'].map((name): [string, object, string] => [
    name,
    variable(name),
    unknown,
  ]),
  ...[
    'openjdk:21',
    'x/temurin',
    'tomcat',
    'springboot',
    'spring-boot:1',
    'java',
    'my-java:1',
    'x/jdk',
    'jre-8',
  ].map((image): [string, object, string] => [image, { name: 'app', image }, named(`its image ${image}`)]),
  ...['javascript', 'x/myjava', 'jres'].map((image): [string, object, string] => [
    image,
    { name: 'app', image },
    unknown,
  ]),
  ['java', { name: 'app', command: ['java'] }, named('its command java')],
  ['an argument', { name: 'app', args: ['/opt/java', 'x'] }, named('its command /opt/java')],
  ['another program', { name: 'app', command: ['javac'], args: ['java'] }, unknown],
  ['a program that ends so', { name: 'app', command: ['myjava'] }, unknown],
])('an app without the mode for IPv6 runs Java or not, by %s', (_why, container, sign) => {
  expect(says([container])).toBe(`app has no ${mode}=IPv6${refuses}${sign}`)
})

it('says so of all that are without it, together', () => {
  const known = { name: 'c', env: [{ name: mode, value: 'IPv6' }] }
  const secret = { name: 'd', env: [{ name: mode, valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] }
  expect(says([variable('JAVA_OPTS'), { name: 'b', image: 'jdk' }, known, secret])).toBe(
    `app, b have no ${mode}=IPv6${refuses} (app runs Java, by its variable JAVA_OPTS; b runs Java, by its image jdk)`,
  )
  expect(says([known])).toBeUndefined()
  expect(withoutEndpointModeBefore('deployment/x', 'ipv6', undefined, [])).toEqual([])
})
