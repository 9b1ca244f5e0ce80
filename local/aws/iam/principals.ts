import { regionSuffix } from '../../../core/names.ts'
import { partitionOfArn } from '../../../core/partitions/partitions.ts'
import type { Account } from '../account/account.ts'

/**
 * The services that assume roles. IAM refuses one that does not exist and publishes no list; this one has
 * those that its user guide, and those of the services, show in trust policies.
 */
const SERVICES = new Set(
  `access-analyzer airflow airflow-env amplify apigateway appflow application-autoscaling appsync apprunner
   athena autoscaling backup batch bedrock bedrock-agentcore build.apprunner tasks.apprunner chatbot cloud9
   cloudformation cloudfront cloudtrail cloudwatch codebuild codecommit codedeploy codepipeline
   cognito-idp comprehend config connect datapipeline datasync dax delivery.logs directconnect dlm dms ds
   dynamodb ec2 ec2fleet ecs ecs-tasks edgelambda eks eks-fargate eks-fargate-pods eks-nodegroup
   eks-connector elasticache elasticbeanstalk elasticfilesystem elasticloadbalancing elasticmapreduce
   emr-containers emr-serverless es events export.rds firehose fis forecast fsx gamelift glacier
   glue grafana greengrass guardduty imagebuilder inspector inspector2 iot iotanalytics
   kafka kafkaconnect kendra kinesis kinesisanalytics kms lakeformation lambda lex lexv2 logs macie
   mediaconvert medialive mediapackage monitoring monitoring.rds mq network-firewall opensearchservice
   opsworks organizations personalize pipes pods.eks polly qldb quicksight ram rds redshift
   redshift-serverless rekognition replicator.lambda resource-groups robomaker route53 s3 sagemaker scheduler
   schemas secretsmanager securityhub securitylake serverlessrepo servicecatalog servicediscovery ses
   shield signer sms sns spotfleet sqs ssm ssm-incidents ssm.eks states storagegateway sts support swf
   tagpolicies textract timestream transcribe transfer trustedadvisor vmie vpc-flow-logs vpc-lattice waf
   wafv2 wellarchitected workspaces xray batchoperations.s3 spot ops.apigateway s3-batch capabilities.eks`
    .split(/\s+/)
    .filter(Boolean),
)

const WEB_IDENTITIES = new Set([
  'cognito-identity.amazonaws.com',
  'accounts.google.com',
  'graph.facebook.com',
  'www.amazon.com',
])

/**
 * Whether IAM would take the principal in a trust policy: it refuses services that it does not know, text that
 * names nobody, and users and roles that are not there. Of other accounts nothing is known here.
 */
export const principalExists = (account: Account, kind: string, name: string): boolean => {
  if (kind === 'Service') return isService(name)
  if (kind === 'Federated')
    return (
      WEB_IDENTITIES.has(name) ||
      /^arn:aws[\w-]*:iam::\d{12}:(?:oidc|saml)-provider\/[\w+=,.@/:-]+$/.test(name)
    )
  if (name === '*' || /^\d{12}$/.test(name)) return true
  // Nobody of another partition can be named. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
  if (partitionOfArn(name) !== account.partition) return false
  const iam = /^arn:aws[\w-]*:iam::(\d{12}):(root|(?:role|user)\/[\w+=,.@/-]+)$/.exec(name)
  if (iam) return iam[2] === 'root' || iam[1] !== account.accountId || account.principalId(name) !== undefined
  const [, owner, role] =
    /^arn:aws[\w-]*:sts::(\d{12}):assumed-role\/([\w+=,.@-]+)\/[\w+=,.@-]+$/.exec(name) ?? []
  return role !== undefined && (owner !== account.accountId || account.roles.has(role))
}

/** `ec2.amazonaws.com`, with its region `ec2.us-west-2.amazonaws.com`, or in China `….amazonaws.com.cn`. */
const isService = (name: string): boolean => {
  const [, service = ''] = /^([a-z0-9.-]+)\.amazonaws\.com(?:\.cn)?$/.exec(name) ?? []
  return SERVICES.has(service) || SERVICES.has(service.replace(regionSuffix, ''))
}
