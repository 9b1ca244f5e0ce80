import { isDeepStrictEqual } from 'node:util'
import type { Container, LabelSelector, PodSpec, PodTemplateSpec } from '../../../../core/kubernetes.ts'
import { selects } from '../selectors.ts'
import type { FieldError } from '../status.ts'
import { forbiddenField, invalidValue, required, unsupported } from './fields.ts'
import { annotationsErrors, labelNameErrors, labelsErrors } from './names.ts'

/** The spec that Deployment, ReplicaSet, DaemonSet and StatefulSet have in common. */
export interface WorkloadSpec {
  replicas?: number
  minReadySeconds?: number
  progressDeadlineSeconds?: number
  revisionHistoryLimit?: number
  selector?: LabelSelector
  template?: PodTemplateSpec
}

/** What is wrong with a workload's spec; `previous` is what an update replaces. */
export const workloadErrors = (
  spec: WorkloadSpec | undefined,
  previous: WorkloadSpec | undefined,
): FieldError[] => {
  if (!spec) return [required('spec')]
  const { selector, template } = spec
  const empty = !selector || Object.keys(selector).length === 0
  return [
    ...(['replicas', 'minReadySeconds', 'progressDeadlineSeconds', 'revisionHistoryLimit'] as const).flatMap(
      (field) => negativeErrors(`spec.${field}`, spec[field]),
    ),
    ...(empty ? [required('spec.selector')] : []),
    ...(empty || !selects(selector, template?.metadata?.labels)
      ? [
          invalidValue(
            'spec.template.metadata.labels',
            template?.metadata?.labels,
            '`selector` does not match template `labels`',
          ),
        ]
      : []),
    ...labelsErrors('spec.template.labels', template?.metadata?.labels),
    ...annotationsErrors('spec.template.annotations', template?.metadata?.annotations),
    ...podSpecErrors('spec.template.spec', template?.spec),
    ...(template?.spec?.restartPolicy && template.spec.restartPolicy !== 'Always'
      ? [unsupported('spec.template.spec.restartPolicy', template.spec.restartPolicy, ['Always'])]
      : []),
    ...(previous && !isDeepStrictEqual(selector, previous.selector)
      ? [invalidValue('spec.selector', selector, 'field is immutable')]
      : []),
  ]
}

const negativeErrors = (field: string, value: number | undefined): FieldError[] =>
  value !== undefined && value < 0 ? [invalidValue(field, value, 'must be greater than or equal to 0')] : []

/** What is wrong with a pod's spec. */
export const podSpecErrors = (field: string, spec: PodSpec | undefined): FieldError[] => [
  ...(spec?.containers?.length ? [] : [required(`${field}.containers`)]),
  ...containerErrors(`${field}.containers`, spec?.containers ?? []),
  ...containerErrors(`${field}.initContainers`, spec?.initContainers ?? []),
  ...mountErrors(field, spec),
]

const containerErrors = (field: string, containers: readonly Container[]): FieldError[] =>
  containers.flatMap(({ name, image }, index) => [
    ...labelNameErrors(`${field}[${index}].name`, name),
    ...(image ? [] : [required(`${field}[${index}].image`)]),
    ...(containers.findIndex((other) => other.name === name) < index
      ? [
          {
            field: `${field}[${index}].name`,
            reason: 'FieldValueDuplicate' as const,
            message: `Duplicate value: "${name}"`,
          },
        ]
      : []),
  ])

const mountErrors = (field: string, spec: PodSpec | undefined): FieldError[] => {
  const volumes = new Set(spec?.volumes?.map(({ name }) => name))
  return (spec?.containers ?? []).flatMap(({ volumeMounts = [] }, container) =>
    volumeMounts.flatMap(({ name }, mount) =>
      volumes.has(name)
        ? []
        : [
            {
              field: `${field}.containers[${container}].volumeMounts[${mount}].name`,
              reason: 'FieldValueNotFound' as const,
              message: `Not found: "${name}"`,
            },
          ],
    ),
  )
}

/** What an update of a pod changes and may not: everything but images and a few small things. */
export const podUpdateErrors = (spec: PodSpec, previous: PodSpec): FieldError[] =>
  isDeepStrictEqual(immutablePart(spec, previous), immutablePart(previous, previous))
    ? []
    : [
        forbiddenField(
          'spec',
          'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
        ),
      ]

const immutablePart = (spec: PodSpec, previous: PodSpec): object => {
  const { activeDeadlineSeconds, tolerations, terminationGracePeriodSeconds, nodeName, ...rest } = spec
  const imageless = (containers: readonly Container[] = []) =>
    containers.map(({ image, ...container }) => container)
  return {
    ...rest,
    containers: imageless(spec.containers),
    initContainers: imageless(spec.initContainers),
    // The scheduler's binding is the one change of a pod's node.
    ...(previous.nodeName ? { nodeName } : {}),
  }
}
