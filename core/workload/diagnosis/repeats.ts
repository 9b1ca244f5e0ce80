import type { ContainerStatus, Event, Pod } from '../../kubernetes.ts'

/** How often a pod must have failed in the same way before waiting counts as useless: what is new in IAM may take a while to count. */
export const enoughRepeats = 4

/** How often it has ended: once more than it was started again, unless it runs just now. */
export const endsOf = ({ state, restartCount }: ContainerStatus): number =>
  restartCount + (state?.running ? 0 : 1)

/** A name that does not exist, in the words of the registries; a registry that does not answer may answer later. */
const noSuchImage =
  /not found|manifest unknown|does not exist|NotFound|invalid reference format|InvalidImageName/i

/** How often its image could not be pulled because there is none of that name; 0 where it may be there later. */
export const failedPulls = (pod: Pod, events: readonly Event[], said: string): number => {
  if (/InvalidImageName/.test(said)) return enoughRepeats
  const pulls = /^Failed to pull image /
  const named =
    noSuchImage.test(said) ||
    eventsOf(pod, events).some(({ message = '' }) => pulls.test(message) && noSuchImage.test(message))
  return named ? failures(pod, events, pulls) : 0
}

/** How often the kubelet has told of such a failure of the pod, by its events. */
export const failures = (pod: Pod, events: readonly Event[], says: RegExp): number =>
  eventsOf(pod, events)
    .filter(({ reason, message = '' }) => reason === 'Failed' && says.test(message))
    .reduce((sum, { count, series }) => sum + (series?.count ?? count ?? 1), 0)

const eventsOf = (pod: Pod, events: readonly Event[]): Event[] =>
  events.filter(({ involvedObject }) => involvedObject.name === pod.metadata?.name)
