import type { Account } from '../account/account.ts'
import type { PolicyAuthorizer } from '../authorization.ts'
import type { StateMachines } from '../states/state-machines.ts'
import { trustsService } from '../trust.ts'
import type { Invoke } from './delivery.ts'

/** A function in this process in place of a Lambda function. */
export type LocalFunction = (payload: unknown) => unknown

/** What rules can send events to, by ARN: functions of this process and the account's state machines. */
export class Targets {
  readonly #account: Account
  readonly #authorizer: PolicyAuthorizer
  readonly #machines: StateMachines
  readonly #functions = new Map<string, LocalFunction>()

  constructor(account: Account, authorizer: PolicyAuthorizer, machines: StateMachines) {
    this.#account = account
    this.#authorizer = authorizer
    this.#machines = machines
  }

  /** Makes a function known under a name, and answers its ARN. */
  addFunction(name: string, run: LocalFunction): string {
    const arn = `arn:${this.#account.partition}:lambda:${this.#account.region}:${this.#account.accountId}:function:${name}`
    this.#functions.set(arn, run)
    return arn
  }

  readonly invoke: Invoke = async ({ arn, roleArn }, payload) => {
    const run = this.#functions.get(arn)
    if (run) return run(payload)
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
