import { physicalName } from './function.ts'

/** The table for what must outlive a run, the bus for the project's own events, and the queue for undelivered ones. */
export interface Storage {
  table: aws.dynamodb.Table
  bus: aws.cloudwatch.EventBus
  deadLetters: aws.sqs.Queue
}

/**
 * An earlier deployment of production leaves its table, whose name the next one would give again: with PODID_ADOPT_TABLE=1 this one
 * deployment takes it over, as Pulumi imports a resource. https://www.pulumi.com/docs/iac/concepts/resources/options/import/
 */
const adopted = (name: string): { import: string; ignoreChanges: string[] } | undefined =>
  process.env.PODID_ADOPT_TABLE === '1' ? { import: name, ignoreChanges: ofOperators } : undefined

/** What an operator may have changed on a table that was left: an import takes nothing that differs, and the next deployment sets it right. */
const ofOperators = ['deletionProtectionEnabled', 'pointInTimeRecovery', 'tags', 'tagsAll']

/** One table for approvals, runs and who asked for them; one bus, so that others can listen with rules of theirs. */
export const storage = (): Storage => {
  const production = $app.stage === 'production'
  return {
    table: new aws.dynamodb.Table(
      'Records',
      {
        name: physicalName('Records'),
        billingMode: 'PAY_PER_REQUEST',
        hashKey: 'id',
        attributes: [{ name: 'id', type: 'S' }],
        ttl: { attributeName: 'expiresAt', enabled: true },
        // It holds task tokens, which are capabilities.
        serverSideEncryption: { enabled: true },
        pointInTimeRecovery: { enabled: production },
        deletionProtectionEnabled: production,
      },
      adopted(physicalName('Records')),
    ),
    bus: new aws.cloudwatch.EventBus('Events', { name: physicalName('Events') }),
    deadLetters: new aws.sqs.Queue('DeadLetters', {
      name: physicalName('DeadLetters'),
      sqsManagedSseEnabled: true,
      messageRetentionSeconds: 14 * 86_400,
    }),
  }
}
