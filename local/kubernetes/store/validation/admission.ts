import type {
  MutatingWebhookConfiguration,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '../../../../core/kubernetes.ts'
import { expressionError } from '../cel.ts'
import type { FieldError } from '../status.ts'
import { forbiddenField, invalidValue, required } from './fields.ts'

/** What is wrong with a policy: an expression that says nothing, or what this stand-in does not do. */
export const policyErrors = ({ spec }: ValidatingAdmissionPolicy): FieldError[] => {
  if (!spec) return [required('spec')]
  const { matchConstraints, matchConditions = [], paramKind, validations = [], variables = [] } = spec
  const expressions = (field: string, list: { expression?: string }[]) =>
    list.flatMap(({ expression = '' }, index) =>
      expressionErrors(`spec.${field}[${index}].expression`, expression),
    )
  return [
    ...(matchConstraints ? [] : [required('spec.matchConstraints')]),
    ...(paramKind ? [forbiddenField('spec.paramKind', 'this stand-in has no parameters for policies')] : []),
    ...expressions('matchConditions', matchConditions),
    ...expressions('variables', variables),
    ...expressions('validations', validations),
  ]
}

const expressionErrors = (field: string, expression: string): FieldError[] => {
  const why = expression.trim() ? expressionError(expression) : undefined
  if (!expression.trim()) return [required(field, 'expression is not specified')]
  return why ? [invalidValue(field, expression, why)] : []
}

/** What is wrong with what binds a policy. */
export const policyBindingErrors = ({ spec }: ValidatingAdmissionPolicyBinding): FieldError[] => [
  ...(spec?.policyName ? [] : [required('spec.policyName')]),
  ...(spec?.validationActions?.length ? [] : [required('spec.validationActions')]),
]

/** What a registration of webhooks asks for and this stand-in does not do. */
export const webhookErrors = ({ webhooks = [] }: MutatingWebhookConfiguration): FieldError[] =>
  webhooks.flatMap(({ matchConditions, sideEffects, admissionReviewVersions }, index) => [
    ...(matchConditions?.length
      ? [
          forbiddenField(
            `webhooks[${index}].matchConditions`,
            'this stand-in has no match conditions for webhooks',
          ),
        ]
      : []),
    ...(admissionReviewVersions?.length ? [] : [required(`webhooks[${index}].admissionReviewVersions`)]),
    ...(sideEffects ? [] : [required(`webhooks[${index}].sideEffects`)]),
  ])
