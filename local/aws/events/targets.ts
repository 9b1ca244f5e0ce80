import type { Account } from '../account/account.ts'
import type { PolicyAuthorizer } from '../authorization.ts'
import { AwsFailure } from '../failure.ts'
import type { Functions } from '../lambda/functions.ts'
import type { StateMachines } from '../states/state-machines.ts'
import { trustsService } from '../trust.ts'
import type { Invoke } from './delivery.ts'

/** What rules can send events to, by ARN: functions of this process and the account's state machines. */
export class Targets {
  readonly #account: Account
  readonly #authorizer: PolicyAuthorizer
  readonly #machines: StateMachines
  readonly #functions: Functions

  constructor(account: Account, authorizer: PolicyAuthorizer, machines: StateMachines, functions: Functions) {
    this.#account = account
    this.#authorizer = authorizer
    this.#machines = machines
    this.#functions = functions
  }

  readonly invoke: Invoke = async ({ arn, roleArn }, payload) => {
    const fn = this.#functions.find(arn)
    if (fn?.onFailure !== undefined) return this.#functions.handOver(fn, payload)
    if (fn) return fn.run(payload)
    if (arn.includes(':lambda:'))
      throw new AwsFailure('ResourceNotFoundException', `Function not found: ${arn}`)
    if (!arn.includes(':stateMachine:')) throw new Error(`The stand-in has no target ${arn}`)
    this.#mayStart(arn, roleArn)
    return this.#machines.start(arn, JSON.stringify(payload))
  }

  /** EventBridge starts executions as the target's role, which must trust it and be allowed to. */
  #mayStart(machineArn: string, roleArn: string | undefined): void {
    const role = roleArn && this.#account.roleByArn(roleArn)
    if (!role) throw new Error(`The rule's target names no role by which EventBridge may start ${machineArn}`)
    const trust = { trust: role.trust, action: 'sts:AssumeRole', context: {} }
    if (!trustsService(trust, 'events.amazonaws.com'))
      throw new Error(`The role ${role.arn} does not trust events.amazonaws.com`)
    const session = this.#account.session(role.arn, 'events')
    const { decision } = this.#authorizer.decide(session, {
      action: 'states:StartExecution',
      resource: machineArn,
    })
    if (decision !== 'allowed')
      throw new Error(`The role ${role.arn} may not call states:StartExecution on ${machineArn}`)
  }
}
