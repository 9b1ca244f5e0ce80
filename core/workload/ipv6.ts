import { advise, type Finding } from '../findings.ts'
import type { ConfigMap, Container, ObjectMeta, PodSpec } from '../kubernetes.ts'
import { containersOf, environmentOf, skippedContainers } from './environment.ts'

const endpointMode = 'AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE'

const javaVariable =
  /^(?:_JAVA_OPTIONS|JAVA_(?:TOOL_)?OPT(?:ION)?S|JDK_JAVA_OPTIONS|JAVA_HOME|CATALINA_OPTS|SPRING_\w+)$/
const javaImage = /openjdk|corretto|temurin|tomcat|spring-?boot|(?:^|[^a-z])(?:java|jdk|jre)(?:[^a-z]|$)/i

/** What shows that a container runs Java, as far as its template does; what is in its image is not looked at. */
const signOfJava = (container: Container, configMaps: readonly ConfigMap[]): string | undefined => {
  const variable = environmentOf(container, configMaps).variables.find(({ name }) => javaVariable.test(name))
  if (variable) return `its variable ${variable.name}`
  const program = container.command?.[0] ?? container.args?.[0]
  if (program?.match(/(?:^|\/)java$/)) return `its command ${program}`
  return container.image?.match(javaImage) ? `its image ${container.image}` : undefined
}

/**
 * Containers that are asked to take the agent's IPv6 address without the variable that the SDK for Java v2 needs for it.
 * A warning where one of them is known to run Java. https://github.com/aws/aws-sdk-java-v2/issues/7086
 * @param why how it is known that the address is IPv6
 */
export const withoutEndpointMode = (
  subject: string,
  containers: readonly Container[],
  configMaps: readonly ConfigMap[],
  why: string,
): Finding[] => {
  const concerned = containers.filter(
    (container) =>
      !environmentOf(container, configMaps).variables.some(
        ({ name, value }) => name === endpointMode && value?.toLowerCase() !== 'ipv4',
      ),
  )
  if (concerned.length === 0) return []
  const signs = concerned.flatMap((container) => {
    const sign = signOfJava(container, configMaps)
    return sign ? [`${container.name} runs Java, by ${sign}`] : []
  })
  return [
    {
      code: 'ipv6-without-endpoint-mode',
      severity: signs.length > 0 ? 'warning' : 'info',
      subject,
      found: `${why}, and ${concerned.map(({ name }) => name).join(', ')} ${concerned.length === 1 ? 'has' : 'have'} no ${endpointMode}=IPv6: the AWS SDK for Java v2 refuses that address without it, and the one for JavaScript v2 takes the IPv4 address alone (as read in aws-sdk-js at 0cadcc3)${signs.length > 0 ? ` (${signs.join('; ')})` : '; whether one of these is used was not seen'}`,
      remedy: advise(
        `Where the application uses the SDK for Java v2, set ${endpointMode}=IPv6 in the container’s environment.`,
      ),
    },
  ]
}

/** The same before there are pods: of what the cluster is, and of the template. */
export const withoutEndpointModeBefore = (
  subject: string,
  ipFamily: 'ipv4' | 'ipv6' | undefined,
  template: { metadata?: ObjectMeta; spec?: PodSpec } | undefined,
  configMaps: readonly ConfigMap[],
): Finding[] => {
  if (ipFamily !== 'ipv6') return []
  const skipped = skippedContainers(template)
  return withoutEndpointMode(
    subject,
    containersOf(template?.spec).filter(({ name }) => !skipped.includes(name)),
    configMaps,
    'in an IPv6 cluster pods are given the agent’s IPv6 address',
  )
}
