import type { LocalClock } from '../../clock.ts'
import { guardedClock, type Trouble } from '../../trouble.ts'
import { installAdmission } from '../admission/index.ts'
import { type Kubelet, type PodBehaviour, startKubelets } from '../kubelet/kubelet.ts'
import { type EventRecorder, eventRecorder } from '../store/events.ts'
import type { Store } from '../store/store.ts'
import type { AdmissionWebhooks } from '../webhook/admission-webhooks.ts'
import { startDaemonSetController } from './daemon-set/daemon-set.ts'
import { startDeploymentController } from './deployment/deployment.ts'
import { startDisruptionController } from './disruption.ts'
import { startEndpointSliceController } from './endpoint-slices.ts'
import { startGarbageCollector } from './garbage-collector.ts'
import { startCronJobController } from './job/cron-job.ts'
import { startJobController } from './job/job.ts'
import { startNodeLifecycleController } from './node-lifecycle.ts'
import { startReplicaSetController } from './replica-set.ts'
import { startResourceQuotaController } from './resource-quota.ts'
import { type Fargate, startFargate } from './scheduler/fargate.ts'
import { startScheduler } from './scheduler/scheduler.ts'
import { startServiceAccountController } from './service-accounts.ts'
import { startStatefulSetController } from './stateful-set/stateful-set.ts'

const rethrow: Trouble = (_where, error) => {
  throw error
}

/** A cluster's controllers and kubelets, at work. */
export interface Controllers {
  kubelet: Kubelet
  /** Serverless nodes, for the pods of the profiles that it is given. */
  fargate: Fargate
  /** What answers for the webhooks that are registered in the cluster. */
  webhooks: AdmissionWebhooks
  /** For others who report events, such as a scenario. */
  events: EventRecorder
  stop(): void
}

/**
 * Starts everything that makes a store a cluster: admission of pods, the controllers, the scheduler, garbage
 * collection, and kubelets whose containers do what `kubelet` decides. All of it waits on the clock alone, so
 * that virtual time works. Mutating webhooks belong behind the admission that this adds, as in a real server.
 */
export const startControllers = ({
  store,
  clock: given,
  kubelet: behaviour,
  random,
  trouble = rethrow,
}: {
  store: Store
  clock: LocalClock
  kubelet: PodBehaviour
  random?: () => number
  /** Called with turns of controllers and kubelets that fail; without it they fail whoever moves the clock. */
  trouble?: Trouble
}): Controllers => {
  const clock = guardedClock(given, "a controller's or kubelet's turn", trouble)
  const events = eventRecorder({ store, clock })
  const control = { store, clock, events, trouble }
  const webhooks = installAdmission(store, random)
  const running = [
    startServiceAccountController(control),
    startDeploymentController(control),
    startReplicaSetController(control),
    startDaemonSetController(control),
    startStatefulSetController(control),
    startJobController(control),
    startCronJobController(control),
    startScheduler(control),
    startNodeLifecycleController(control),
    startGarbageCollector(control),
    startResourceQuotaController(control),
    startEndpointSliceController({ ...control, random }),
    startDisruptionController(control),
  ]
  const fargate = startFargate(control, webhooks)
  const kubelet = startKubelets({ store, clock, events, behaviour, trouble })
  return {
    kubelet,
    webhooks,
    fargate,
    events,
    stop: () => {
      for (const controller of running) controller.stop()
      fargate.stop()
      kubelet.stop()
    },
  }
}
