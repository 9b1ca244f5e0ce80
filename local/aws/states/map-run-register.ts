import type { ChildExecution, MapRun } from '../../engine/index.ts'
import { AwsFailure } from '../failure.ts'
import type { Execution, StateMachine } from './execution.ts'

/** The Map Runs of an account's executions, and the children in them. */
export class MapRunRegister {
  readonly #runs = new Map<string, { mapRun: MapRun; machine: StateMachine }>()

  /** `machine` is the one that the Map is in. */
  add(mapRun: MapRun, machine: StateMachine): void {
    const { stateMachineArn: arn } = mapRun
    this.#runs.set(mapRun.arn, { mapRun, machine: { ...machine, arn, name: arn.split(':').at(-1) ?? '' } })
  }

  /** Forgets those of an execution. */
  forget(executionArn: string): void {
    for (const { arn } of this.of(executionArn)) this.#runs.delete(arn)
  }

  /** How many events the histories of an execution's children have together. */
  eventsOf(executionArn: string): number {
    const children = this.of(executionArn).flatMap((mapRun) => mapRun.children)
    return children.reduce((sum, { history }) => sum + history.length, 0)
  }

  /** Throws InvalidArn or ResourceNotFound. */
  get(arn: string): MapRun {
    return this.#run(arn).mapRun
  }

  /** Those of one execution, the newest first. */
  of(executionArn: string): MapRun[] {
    const all = [...this.#runs.values()].map(({ mapRun }) => mapRun)
    return all.filter((mapRun) => mapRun.executionArn === executionArn).reverse()
  }

  /** The children of a Map Run, the newest first, as they are now. */
  children(arn: string): Execution[] {
    const { mapRun, machine } = this.#run(arn)
    return mapRun.children.map((child) => asExecution(child, mapRun, machine)).reverse()
  }

  child(executionArn: string): Execution | undefined {
    for (const { mapRun, machine } of this.#runs.values()) {
      const child = mapRun.children.find(({ arn }) => arn === executionArn)
      if (child) return asExecution(child, mapRun, machine)
    }
    return undefined
  }

  #run(arn: string) {
    if (!/^arn:aws[\w-]*:states:[^:]*:\d{12}:mapRun:[^:]+\/[^:]+:[^:]+$/.test(arn))
      throw new AwsFailure('InvalidArn', `Invalid Arn: '${arn}'`)
    const found = this.#runs.get(arn)
    if (!found) throw new AwsFailure('ResourceNotFound', `Resource not found: '${arn}'`)
    return found
  }
}

const asExecution = (child: ChildExecution, mapRun: MapRun, machine: StateMachine): Execution => {
  const { startedAt, stoppedAt, redrivenAt, ...rest } = child
  return {
    ...rest,
    machine,
    mapRunArn: mapRun.arn,
    startedAt: new Date(startedAt),
    ...(redrivenAt === undefined ? {} : { redrivenAt: new Date(redrivenAt) }),
    ...(stoppedAt === undefined ? {} : { stoppedAt: new Date(stoppedAt) }),
  }
}
