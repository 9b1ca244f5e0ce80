import type { Event } from '../../../core/kubernetes.ts'
import {
  type KubernetesObject,
  type NewObject,
  type ResourceKind,
  resources,
  type View,
} from './resources.ts'

/** A core Event in the form of events.k8s.io, which has other names for the same. */
const show = (object: KubernetesObject): KubernetesObject => {
  const event = object as unknown as Event & KubernetesObject
  const { action, reason, type, series, related, message, count } = event
  return {
    kind: 'Event',
    apiVersion: 'events.k8s.io/v1',
    metadata: object.metadata,
    eventTime: event.eventTime ?? null,
    ...(series ? { series } : {}),
    ...(event.reportingComponent ? { reportingController: event.reportingComponent } : {}),
    ...(event.reportingInstance ? { reportingInstance: event.reportingInstance } : {}),
    ...(action ? { action } : {}),
    ...(reason ? { reason } : {}),
    regarding: event.involvedObject,
    ...(related ? { related } : {}),
    ...(message ? { note: message } : {}),
    ...(type ? { type } : {}),
    deprecatedSource: event.source ?? {},
    deprecatedFirstTimestamp: event.firstTimestamp ?? null,
    deprecatedLastTimestamp: event.lastTimestamp ?? null,
    ...(count ? { deprecatedCount: count } : {}),
  } as KubernetesObject
}

interface NewEvent extends NewObject {
  note?: string
  regarding?: object
  reportingController?: string
  deprecatedSource?: object
  deprecatedFirstTimestamp?: string
  deprecatedLastTimestamp?: string
  deprecatedCount?: number
}

const read = (object: NewObject): NewObject => {
  const {
    note,
    regarding,
    reportingController,
    deprecatedSource,
    deprecatedFirstTimestamp,
    deprecatedLastTimestamp,
    deprecatedCount,
    ...same
  } = object as NewEvent
  return {
    ...same,
    apiVersion: 'v1',
    involvedObject: regarding ?? {},
    message: note,
    reportingComponent: reportingController,
    source: deprecatedSource ?? {},
    firstTimestamp: deprecatedFirstTimestamp,
    lastTimestamp: deprecatedLastTimestamp,
    count: deprecatedCount,
  } as NewObject
}

const view: View = { of: resources.events, show, read }

/** Events as `kubectl events` and `kubectl describe` read them. */
export const eventsView: ResourceKind = {
  group: 'events.k8s.io',
  version: 'v1',
  plural: 'events',
  singular: 'event',
  kind: 'Event',
  namespaced: true,
  shortNames: ['ev'],
  categories: [],
  subresources: [],
  verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'watch'],
  view,
}
