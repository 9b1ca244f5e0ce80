/** What no two clusters share: identities, times, addresses and places; only whether they are there is compared. */
const volatile =
  /^(uid|resourceVersion|creationTimestamp|time|\w+Time|\w+Timestamp|startedAt|finishedAt|podIP|ip|hostIP|nodeName|token|containerID|imageID|generateName|clusterIPs?|continue|pod-template-hash|controller-revision-hash|serverAddress|hash|controller\.kubernetes\.io\/hash)$/

/** Parts of texts that are each run's own, and what stands for them. */
const masks: [RegExp, string][] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22,}/g, 'UID'],
  [/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME'],
  [/\bweb-[a-z0-9]{8,10}(-[a-z0-9]{5})?\b/g, 'web-X'],
  [/\b(probe-|podid-probe-|kube-api-access-)[a-z0-9]{5}\b/g, '$1X'],
  [/\b(ds|db|web)([-.])[a-z0-9.]{5,25}\b/g, '$1$2X'],
  [/us-west-2[abc]/g, 'ZONE'],
  [/ip-10-42-[\d-]+\.us-west-2\.compute\.internal/g, 'NODE'],
  [/10\.42\.\d+\.\d+/g, 'ADDRESS'],
  [/pod-template-hash=[a-z0-9]+/g, 'pod-template-hash=#'],
  [/127\.0\.0\.1(:\d+)?/g, 'ADDRESS'],
  [/172\.20\.\d+\.\d+|10\.96\.\d+\.\d+|10\.43\.\d+\.\d+/g, 'ADDRESS'],
  [/\b(\d+[smhd])+\b/g, 'AGE'],
  [/current: \d+/g, 'current: #'],
  [/too old resource version: 1 \(\d+\)/g, 'too old resource version: 1 (#)'],
]

const masked = (text: string): string =>
  masks.reduce((rest, [pattern, mask]) => rest.replace(pattern, mask), text)

/** Lists whose order is that of a cache. */
const unordered = /^(resourceRules|nonResourceRules)$/

/** A value with the same mark in place of whatever is each run's own. */
const plain = (value: unknown, key = ''): unknown => {
  if (volatile.test(key) && (typeof value === 'string' || Array.isArray(value) || value === null)) return '*'
  if (typeof value === 'string') return masked(value)
  if (Array.isArray(value)) {
    const elements = value.map((element) => plain(element, key))
    return unordered.test(key)
      ? elements.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
      : elements
  }
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).filter(([name]) => !ignored.has(name))
  return Object.fromEntries(
    fields
      .map(([name, inner]) => [masked(name), plain(inner, name)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

/** Who wrote which field, and what documents a column or a build: not the answer to a request. */
const ignored = new Set(['managedFields', 'storageVersionHash', 'description', 'caBundle', 'url', 'ca.crt'])

/** The places at which two values differ, once what is each run's own is set aside. */
export const differences = (recorded: unknown, answered: unknown): string[] =>
  compare('', plain(recorded), plain(answered))

const compare = (path: string, recorded: unknown, answered: unknown): string[] => {
  if (typeof recorded === 'object' && recorded && typeof answered === 'object' && answered) {
    const keys = new Set([...Object.keys(recorded), ...Object.keys(answered)])
    return [...keys].flatMap((key) =>
      compare(
        `${path}.${key}`,
        (recorded as Record<string, unknown>)[key],
        (answered as Record<string, unknown>)[key],
      ),
    )
  }
  if (recorded === answered) return []
  return [`${path}: ${JSON.stringify(recorded)} | ${JSON.stringify(answered)}`]
}
