import { advise, lookWith, mendWith, type Remedy } from '../../findings.ts'
import { redact } from '../../text/redact.ts'
import { command, Words, words } from '../../text/shell.ts'
import { type Denial, denialAdvice } from './denial.ts'
import type { BindingOfRun } from './facts.ts'

/**
 * What mends a denial, with the command that can be pasted: it changes the policy where its document is known to the run,
 * else it shows the policies of the layer that denied the call.
 * @param others commands that show more, whatever denied it
 */
export const denialRemedy = (
  denial: Denial,
  binding: BindingOfRun | undefined,
  others: readonly string[],
): Remedy => {
  const advice = denialAdvice(denial)
  const wider = binding && widerSessionPolicy(denial, binding)
  const mend =
    binding && wider
      ? command`aws eks update-pod-identity-association --cluster-name ${binding.cluster} --region ${binding.region} --association-id ${associationId(binding)} --policy ${wider}`
      : undefined
  if (mend && hidesNothing(mend))
    return mendWith(
      `${advice} The request’s own sessionPolicy has to say the same, or the next run sets it back.`,
      mend,
    )
  const commands = [...others, ...policyCommands(denial, binding).filter(hidesNothing)]
  return commands.length > 0 ? lookWith(advice, ...commands) : advise(advice)
}

/** What a pod writes may hold a secret in place of a name: then there is no command with it. */
const hidesNothing = (text: string): boolean => redact(text) === text

/** What the request narrows the role by, with what was denied allowed as well; undefined where that does not mend it. */
const widerSessionPolicy = (
  { layer, explicit, action, resource }: Denial,
  { sessionPolicy }: BindingOfRun,
): string | undefined => {
  if (layer !== 'session policy' || explicit || !action || !resource?.startsWith('arn:') || !sessionPolicy)
    return undefined
  try {
    const { Statement, ...rest } = JSON.parse(sessionPolicy) as { Statement: unknown }
    const allowed = { Effect: 'Allow', Action: action, Resource: resource }
    return JSON.stringify({ ...rest, Statement: [...[Statement].flat(), allowed] })
  } catch {
    return undefined
  }
}

const associationId = ({ cluster, region, namespace, serviceAccount }: BindingOfRun) =>
  words`"$(aws eks list-pod-identity-associations --cluster-name ${cluster} --region ${region} --namespace ${namespace} --service-account ${serviceAccount} --query ${'associations[0].associationId'} --output text)"`

/** Shows the document in force of a managed policy. */
const documentOf = (arn: string | Words): Words => {
  const version = words`"$(aws iam get-policy --policy-arn ${arn} --query Policy.DefaultVersionId --output text)"`
  return new Words(command`aws iam get-policy-version --policy-arn ${arn} --version-id ${version}`)
}

const policyCommands = (denial: Denial, binding: BindingOfRun | undefined): string[] => {
  const { layer, role, policy, action, resource, account } = denial
  // Where AWS names the policy, it is that one.
  if (policy?.includes(':organizations:'))
    return [
      command`aws organizations describe-policy --policy-id ${policy.split('/').at(-1)} --query Policy.Content --output text`,
    ]
  if (policy && /:iam:.*:policy\//.test(policy)) return [documentOf(policy).text]
  switch (layer) {
    case 'identity policy':
      return role
        ? [
            command`aws iam list-attached-role-policies --role-name ${role}`,
            command`aws iam list-role-policies --role-name ${role}`,
          ]
        : []
    case 'permissions boundary':
      return role
        ? [
            command`boundary=$(aws iam get-role --role-name ${role} --query Role.PermissionsBoundary.PermissionsBoundaryArn --output text); ${documentOf(words`"$boundary"`)}`,
          ]
        : []
    case 'session policy':
      return binding
        ? [
            command`aws eks describe-pod-identity-association --cluster-name ${binding.cluster} --region ${binding.region} --association-id ${associationId(binding)} --query ${'association.policy'} --output text`,
          ]
        : []
    case 'service control policy':
      return account
        ? [
            command`aws organizations list-policies-for-target --target-id ${account} --filter SERVICE_CONTROL_POLICY`,
          ]
        : []
    case 'resource control policy': {
      const owner = resource?.split(':')[4]
      return [
        owner
          ? command`aws organizations list-policies-for-target --target-id ${owner} --filter RESOURCE_CONTROL_POLICY`
          : 'aws organizations list-policies --filter RESOURCE_CONTROL_POLICY',
      ]
    }
    case 'resource policy':
      return resource ? policyOfResource(resource) : []
    case 'VPC endpoint policy': {
      const region = resource?.split(':')[3] || binding?.region
      const service = action?.split(':')[0]
      return region && service
        ? [
            command`aws ec2 describe-vpc-endpoints --region ${region} --filters ${`Name=service-name,Values=com.amazonaws.${region}.${service}`} --query ${'VpcEndpoints[].[VpcEndpointId,PolicyDocument]'} --output text`,
          ]
        : []
    }
  }
  return []
}

/** What shows the policy of a resource itself, for the services whose resources commonly have one. */
const policyOfResource = (arn: string): string[] => {
  const [, , service, region, account, name] = arn.split(/[:/]/)
  switch (service) {
    case 's3':
      return [command`aws s3api get-bucket-policy --bucket ${name} --query Policy --output text`]
    case 'dynamodb':
      return [
        command`aws dynamodb get-resource-policy --resource-arn ${arn.replace(/\/(?:index|stream)\/.*/, '')} --region ${region}`,
      ]
    case 'sqs':
      return [
        command`aws sqs get-queue-attributes --queue-url ${words`"$(aws sqs get-queue-url --queue-name ${name} --queue-owner-aws-account-id ${account} --region ${region} --query QueueUrl --output text)"`} --attribute-names Policy --region ${region}`,
      ]
    case 'sns':
      return [
        command`aws sns get-topic-attributes --topic-arn ${arn} --region ${region} --query ${'Attributes.Policy'} --output text`,
      ]
    case 'kms':
      return [command`aws kms get-key-policy --key-id ${arn} --policy-name default --region ${region}`]
    case 'lambda':
      return [command`aws lambda get-policy --function-name ${arn} --region ${region}`]
    default:
      return []
  }
}
