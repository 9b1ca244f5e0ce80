import { autoscalersView } from './autoscaler-view.ts'
import { eventsView } from './event-view.ts'
import { type ResourceKind, resources } from './resources.ts'

/** Every kind that is served: those that are kept, and the views of them. */
export const servedKinds: readonly ResourceKind[] = [...Object.values(resources), eventsView, autoscalersView]
