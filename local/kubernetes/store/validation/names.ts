import type { ObjectMeta } from '../../../../core/kubernetes.ts'
import type { ResourceKind } from '../resources.ts'
import type { FieldError } from '../status.ts'
import { invalidValue, required } from './fields.ts'

const labelPattern = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const subdomainPattern = `${labelPattern}(\\.${labelPattern})*`
const serviceNamePattern = '[a-z]([-a-z0-9]*[a-z0-9])?'
const qualifiedNamePattern = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const labelValuePattern = `(${qualifiedNamePattern})?`

const expressions = new Map<string, RegExp>()

/** Whether a text is of one of the patterns above; each is made an expression once. */
const matches = (pattern: string, value: string): boolean => {
  const expression = expressions.get(pattern) ?? new RegExp(`^${pattern}$`)
  expressions.set(pattern, expression)
  return expression.test(value)
}

interface NameRule {
  pattern: string
  longest: number
  words: string
}

const subdomain: NameRule = {
  pattern: subdomainPattern,
  longest: 253,
  words: `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${subdomainPattern}')`,
}

const label: NameRule = {
  pattern: labelPattern,
  longest: 63,
  words: `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${labelPattern}')`,
}

const serviceName: NameRule = {
  pattern: serviceNamePattern,
  longest: 63,
  words: `a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '${serviceNamePattern}')`,
}

// RBAC's names are only kept from breaking a path.
const pathSegment: NameRule = {
  pattern: '(?!\\.{1,2}$)[^/%]+',
  longest: 253,
  words: "may not contain '/' or '%'",
}

const ruleOf = ({ plural, group, custom }: ResourceKind): NameRule => {
  // Names of custom objects are only kept from breaking a path, and short enough for a label of a domain.
  if (custom) return subdomain
  if (group === 'rbac.authorization.k8s.io') return pathSegment
  if (plural === 'namespaces') return label
  return plural === 'services' ? serviceName : subdomain
}

const faultsOf = (name: string, { pattern, longest, words }: NameRule): string[] => [
  ...(name.length > longest ? [`must be no more than ${longest} characters`] : []),
  ...(matches(pattern, name) ? [] : [words]),
]

/** What is wrong with a name, in the API server's words. */
const nameErrors = (field: string, name: string, rule: NameRule): FieldError[] =>
  faultsOf(name, rule).map((words) => invalidValue(field, name, words))

/** Why a text is no DNS-1123 subdomain, in the API server's words; empty where it is one. */
export const subdomainFaults = (text: string): string[] => faultsOf(text, subdomain)

/** Why a text is no DNS-1035 label, in the API server's words; empty where it is one. */
export const dns1035Faults = (text: string): string[] => faultsOf(text, serviceName)

/** What is wrong with the name of a container, volume or port. */
export const labelNameErrors = (field: string, name: string | undefined): FieldError[] =>
  name ? nameErrors(field, name, label) : [required(field)]

/** What is wrong with an object's metadata. */
export const metadataErrors = (resource: ResourceKind, metadata: ObjectMeta): FieldError[] => [
  ...(metadata.name
    ? nameErrors('metadata.name', metadata.name, ruleOf(resource))
    : [required('metadata.name', 'name or generateName is required')]),
  ...labelsErrors('metadata.labels', metadata.labels),
  ...annotationsErrors('metadata.annotations', metadata.annotations),
]

/** What is wrong with labels. */
export const labelsErrors = (field: string, labels: Readonly<Record<string, string>> = {}): FieldError[] =>
  Object.entries(labels).flatMap(([key, value]) => [
    ...qualifiedNameErrors(field, key),
    ...(value.length > 63 ? [invalidValue(field, value, 'must be no more than 63 characters')] : []),
    ...(matches(labelValuePattern, value)
      ? []
      : [
          invalidValue(
            field,
            value,
            `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '${labelValuePattern}')`,
          ),
        ]),
  ])

/** What is wrong with annotations, of which only the keys have rules, and a total size. */
export const annotationsErrors = (
  field: string,
  annotations: Readonly<Record<string, string>> = {},
): FieldError[] =>
  Object.keys(annotations).flatMap((key) => qualifiedNameErrors(field, key.toLowerCase(), key))

const qualifiedNameErrors = (field: string, key: string, shown = key): FieldError[] => {
  const [prefix, name] = key.includes('/') ? splitOnce(key) : [undefined, key]
  return [
    ...(prefix === undefined || matches(subdomainPattern, prefix)
      ? []
      : [invalidValue(field, shown, `prefix part ${subdomain.words}`)]),
    ...(name.length > 63 ? [invalidValue(field, shown, 'name part must be no more than 63 characters')] : []),
    ...(matches(qualifiedNamePattern, name)
      ? []
      : [
          invalidValue(
            field,
            shown,
            `name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${qualifiedNamePattern}')`,
          ),
        ]),
  ]
}

const splitOnce = (key: string): [string, string] => {
  const at = key.indexOf('/')
  return [key.slice(0, at), key.slice(at + 1)]
}
