import { describe, expect, it } from 'vitest'
import { denialAdvice, readDenial } from '../../../../core/workload/diagnosis/denial.ts'
import type { BindingOfRun } from '../../../../core/workload/diagnosis/facts.ts'
import { denialRemedy } from '../../../../core/workload/diagnosis/layer-remedy.ts'

const binding: BindingOfRun = {
  cluster: 'shop',
  region: 'us-west-2',
  namespace: 'carts',
  serviceAccount: 'carts',
}
const place = '--cluster-name shop --region us-west-2'
const id = `"$(aws eks list-pod-identity-associations ${place} --namespace carts --service-account carts --query 'associations[0].associationId' --output text)"`
const table = 'arn:aws:dynamodb:us-west-2:123456789012:table/Items'
const denied = (action = 'dynamodb:Query', resource = table) =>
  `User: arn:aws:sts::123456789012:assumed-role/carts/eks-eks-worksh-carts-5c8-0f is not authorized to perform: ${action} on resource: ${resource}`
const no = (what: string, ...of: string[]) =>
  `${denied(...of)} because no ${what} allows the ${of[0] ?? 'dynamodb:Query'} action`
const deny = (what: string, ...of: string[]) => `${denied(...of)} with an explicit deny in ${what}`
const version = (arn: string) =>
  `aws iam get-policy-version --policy-arn ${arn} --version-id "$(aws iam get-policy --policy-arn ${arn} --query Policy.DefaultVersionId --output text)"`
const boundary = 'arn:aws:iam::123456789012:policy/boundary'
const scp = 'arn:aws:organizations::111122223333:policy/o-1/service_control_policy/p-12345678'

it.each<[layer: string, line: string, command: string | undefined]>([
  [
    'identity policy',
    no('identity-based policy'),
    'aws iam list-attached-role-policies --role-name carts\naws iam list-role-policies --role-name carts',
  ],
  [
    'identity policy that AWS names',
    deny('an identity-based policy: arn:aws:iam::123456789012:policy/x'),
    version('arn:aws:iam::123456789012:policy/x'),
  ],
  [
    'permissions boundary',
    no('permissions boundary'),
    `boundary=$(aws iam get-role --role-name carts --query Role.PermissionsBoundary.PermissionsBoundaryArn --output text); ${version('"$boundary"')}`,
  ],
  ['permissions boundary that AWS names', deny(`a permissions boundary: ${boundary}`), version(boundary)],
  [
    'session policy',
    no('session policy'),
    `aws eks describe-pod-identity-association ${place} --association-id ${id} --query association.policy --output text`,
  ],
  [
    'service control policy',
    no('service control policy'),
    'aws organizations list-policies-for-target --target-id 123456789012 --filter SERVICE_CONTROL_POLICY',
  ],
  [
    'service control policy that AWS names',
    deny(`a service control policy: ${scp}`),
    'aws organizations describe-policy --policy-id p-12345678 --query Policy.Content --output text',
  ],
  [
    'resource control policy',
    deny('a resource control policy', 'sqs:SendMessage', 'arn:aws:sqs:us-west-2:999999999999:jobs'),
    'aws organizations list-policies-for-target --target-id 999999999999 --filter RESOURCE_CONTROL_POLICY',
  ],
  [
    'resource control policy of a resource without account',
    deny('a resource control policy', 's3:GetObject', 'arn:aws:s3:::bucket/key'),
    'aws organizations list-policies --filter RESOURCE_CONTROL_POLICY',
  ],
  [
    'resource control policy of a resource that the line does not name',
    deny('a resource control policy').replace(/ on resource: \S+/, ''),
    'aws organizations list-policies --filter RESOURCE_CONTROL_POLICY',
  ],
  [
    'resource policy of a bucket',
    deny('a resource-based policy', 's3:GetObject', 'arn:aws:s3:::bucket/a/b'),
    'aws s3api get-bucket-policy --bucket bucket --query Policy --output text',
  ],
  [
    'resource policy of a table, by its index',
    no('resource-based policy', 'dynamodb:Query', `${table}/index/by-customer`),
    `aws dynamodb get-resource-policy --resource-arn ${table} --region us-west-2`,
  ],
  [
    'resource policy of a queue',
    no('resource-based policy', 'sqs:SendMessage', 'arn:aws:sqs:us-west-2:999999999999:jobs'),
    'aws sqs get-queue-attributes --queue-url "$(aws sqs get-queue-url --queue-name jobs --queue-owner-aws-account-id 999999999999 --region us-west-2 --query QueueUrl --output text)" --attribute-names Policy --region us-west-2',
  ],
  [
    'resource policy of a topic',
    no('resource-based policy', 'sns:Publish', 'arn:aws:sns:us-west-2:999999999999:news'),
    'aws sns get-topic-attributes --topic-arn arn:aws:sns:us-west-2:999999999999:news --region us-west-2 --query Attributes.Policy --output text',
  ],
  [
    'resource policy of a key',
    no('resource-based policy', 'kms:Decrypt', 'arn:aws:kms:us-west-2:999999999999:key/k-1'),
    'aws kms get-key-policy --key-id arn:aws:kms:us-west-2:999999999999:key/k-1 --policy-name default --region us-west-2',
  ],
  [
    'resource policy of a function',
    no('resource-based policy', 'lambda:InvokeFunction', 'arn:aws:lambda:us-west-2:999999999999:function:f'),
    'aws lambda get-policy --function-name arn:aws:lambda:us-west-2:999999999999:function:f --region us-west-2',
  ],
  [
    'resource policy of what has no such command',
    no('resource-based policy', 'x:Y', 'arn:aws:x:us-west-2:1:y'),
    undefined,
  ],
  [
    'VPC endpoint policy',
    no('VPC endpoint policy'),
    "aws ec2 describe-vpc-endpoints --region us-west-2 --filters Name=service-name,Values=com.amazonaws.us-west-2.dynamodb --query 'VpcEndpoints[].[VpcEndpointId,PolicyDocument]' --output text",
  ],
  [
    'VPC endpoint policy of a service whose resources have no region',
    no('VPC endpoint policy', 's3:GetObject', 'arn:aws:s3:::bucket/key'),
    "aws ec2 describe-vpc-endpoints --region us-west-2 --filters Name=service-name,Values=com.amazonaws.us-west-2.s3 --query 'VpcEndpoints[].[VpcEndpointId,PolicyDocument]' --output text",
  ],
  [
    'VPC endpoint policy where the resource is',
    no('VPC endpoint policy', 'sqs:SendMessage', 'arn:aws:sqs:eu-west-1:999999999999:jobs'),
    "aws ec2 describe-vpc-endpoints --region eu-west-1 --filters Name=service-name,Values=com.amazonaws.eu-west-1.sqs --query 'VpcEndpoints[].[VpcEndpointId,PolicyDocument]' --output text",
  ],
  [
    'VPC endpoint policy of a call that has no resource',
    no('VPC endpoint policy').replace(/ on resource: \S+/, ''),
    "aws ec2 describe-vpc-endpoints --region us-west-2 --filters Name=service-name,Values=com.amazonaws.us-west-2.dynamodb --query 'VpcEndpoints[].[VpcEndpointId,PolicyDocument]' --output text",
  ],
  [
    'VPC endpoint policy that AWS names by an ARN that is no policy’s',
    deny('a VPC endpoint policy: arn:aws:ec2:us-west-2:123456789012:vpc-endpoint/vpce-1'),
    "aws ec2 describe-vpc-endpoints --region us-west-2 --filters Name=service-name,Values=com.amazonaws.us-west-2.dynamodb --query 'VpcEndpoints[].[VpcEndpointId,PolicyDocument]' --output text",
  ],
  ['VPC endpoint policy of a call that the line does not name', 'because no VPC endpoint policy', undefined],
  ['identity policy of a role that it does not name', 'because no identity-based policy', undefined],
  ['permissions boundary of a role that it does not name', 'because no permissions boundary', undefined],
  ['service control policy of nobody’s account', 'because no service control policy', undefined],
  ['resource policy of a resource that it does not name', 'because no resource-based policy', undefined],
  ['policy of a layer that the line does not name', denied(), undefined],
])('shows the %s', (_layer, line, command) => {
  const remedy = denialRemedy(readDenial(line), binding, [])
  expect(remedy.command).toBe(command)
  expect(remedy.advice).toBe(denialAdvice(readDenial(line)))
  if (command) expect(remedy.looks).toBe(true)
})

it.each([
  ['session policy', no('session policy')],
  ['VPC endpoint policy of what has no region', no('VPC endpoint policy', 's3:GetObject', 'arn:aws:s3:::b')],
])('shows no %s where nobody knows the binding', (_layer, line) => {
  expect(denialRemedy(readDenial(line), undefined, [])).toEqual({ advice: denialAdvice(readDenial(line)) })
})

it('puts what shows the policy after what shows the log', () => {
  const { command } = denialRemedy(readDenial(no('permissions boundary')), undefined, ['kubectl logs carts'])
  expect(command).toMatch(/^kubectl logs carts\nboundary=/)
})

describe('a session policy that the request has', () => {
  const sessionPolicy = JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*' },
  })
  const remedyOf = (line: string, policy = sessionPolicy) =>
    denialRemedy(readDenial(line), { ...binding, sessionPolicy: policy }, [])

  it('is made wider by what was denied, and nothing else', () => {
    const remedy = remedyOf(no('session policy'))
    const wider = {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: 's3:*', Resource: '*' },
        { Effect: 'Allow', Action: 'dynamodb:Query', Resource: table },
      ],
    }
    expect(remedy.command).toBe(
      `aws eks update-pod-identity-association ${place} --association-id ${id} --policy '${JSON.stringify(wider)}'`,
    )
    expect(remedy.looks).toBeUndefined()
    expect(remedy.advice).toContain('The request’s own sessionPolicy has to say the same')
  })

  it.each([
    ['a statement of it denies the call', deny('a session policy'), sessionPolicy],
    ['the line has no resource', no('session policy').replace(/ on resource: \S+/, ''), sessionPolicy],
    ['the resource has no ARN', no('session policy', 'dynamodb:Query', 'Items'), sessionPolicy],
    ['it is no JSON', no('session policy'), '{'],
  ])('is only shown where %s', (_why, line, policy) => {
    expect(remedyOf(line, policy)).toMatchObject({
      looks: true,
      command: expect.stringMatching(/^aws eks describe-pod-identity-association/),
    })
  })
})

it('a session policy is left as it is where something else denied the call', () => {
  const narrowed = { ...binding, sessionPolicy: '{"Statement":[]}' }
  const { command } = denialRemedy(readDenial(no('permissions boundary')), narrowed, [])
  expect(command).toMatch(/^boundary=/)
})

it('has no command with what looks like a secret in a pod’s log', () => {
  const line = no('resource-based policy', 's3:GetObject', 'arn:aws:s3:::AKIAIOSFODNN7EXAMPLE/key')
  expect(denialRemedy(readDenial(line), binding, []).command).toBeUndefined()
})
