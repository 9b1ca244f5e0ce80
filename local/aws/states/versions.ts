import { AwsFailure } from '../failure.ts'
import type { StateMachine } from './execution.ts'

/** A revision of a state machine under a number of its own; it never changes. */
export interface Version {
  arn: string
  machine: StateMachine
  createdAt: Date
  description: string | undefined
}

/** A name for a version. The stand-in sends all to one version, where AWS divides among two on demand. */
export interface Alias {
  arn: string
  name: string
  versionArn: string
  description: string | undefined
  createdAt: Date
  updatedAt: Date
}

/** What an ARN that StartExecution takes stands for. */
export interface Resolved {
  machine: StateMachine
  versionArn?: string
  aliasArn?: string
}

/** `arn:…:stateMachine:NAME`, and what may follow it: the number of a version or the name of an alias. */
export const unqualified = (arn: string): { arn: string; qualifier: string | undefined } => {
  const [, base = arn, qualifier] = /^((?:[^:]*:){6}[^:]*)(?::([^:]+))?$/.exec(arn) ?? []
  return { arn: base, qualifier }
}

/**
 * The published versions and the aliases of state machines.
 * https://docs.aws.amazon.com/step-functions/latest/dg/execution-alias-version-associate.html
 */
export class Versions {
  readonly #versions = new Map<string, Version[]>()
  readonly #aliases = new Map<string, Alias>()

  /** The version of the revision that is in force, made where there is none. */
  publish(machine: StateMachine, createdAt: Date, description?: string): Version {
    const published = this.of(machine.arn)
    const latest = published.at(-1)
    if (latest?.machine === machine) return latest
    const arn = `${machine.arn}:${published.length + 1}`
    const version = { arn, machine, createdAt, description }
    this.#versions.set(machine.arn, [...published, version])
    return version
  }

  /** Of a state machine, the oldest first. */
  of(machineArn: string): Version[] {
    return this.#versions.get(machineArn) ?? []
  }

  /** Of a state machine, by their names. */
  aliasesOf(machineArn: string): Alias[] {
    return [...this.#aliases.values()]
      .filter(({ arn }) => unqualified(arn).arn === machineArn)
      .sort((one, other) => (one.name < other.name ? -1 : 1))
  }

  /** Throws ResourceNotFound. */
  version(arn: string): Version {
    const found = this.of(unqualified(arn).arn).find((version) => version.arn === arn)
    if (!found) throw notFound(arn)
    return found
  }

  /** Throws ResourceNotFound. */
  alias(arn: string): Alias {
    const found = this.#aliases.get(arn)
    if (!found) throw notFound(arn)
    return found
  }

  /** The same alias made again is the one that is there; another one of its name throws ConflictException. */
  addAlias(name: string, versionArn: string, now: Date, description?: string): Alias {
    const arn = `${unqualified(this.version(versionArn).arn).arn}:${name}`
    const earlier = this.#aliases.get(arn)
    if (earlier?.versionArn === versionArn && earlier.description === description) return earlier
    if (earlier) throw new AwsFailure('ConflictException', `The alias exists already: '${arn}'`)
    const alias = { arn, name, versionArn, description, createdAt: now, updatedAt: now }
    this.#aliases.set(arn, alias)
    return alias
  }

  /** Throws ResourceNotFound, and ValidationException for a version of another state machine. */
  changeAlias(arn: string, change: { versionArn?: string; description?: string }, now: Date): Alias {
    const alias = this.alias(arn)
    if (change.versionArn !== undefined) {
      const { arn: machineArn } = unqualified(this.version(change.versionArn).arn)
      if (machineArn !== unqualified(arn).arn)
        throw new AwsFailure('ValidationException', `${change.versionArn} is not a version of ${machineArn}`)
    }
    const changed = { ...alias, ...change, updatedAt: now }
    this.#aliases.set(arn, changed)
    return changed
  }

  /** The version that a qualified ARN stands for; undefined where there is none. */
  resolve(arn: string): Resolved | undefined {
    const alias = this.#aliases.get(arn)
    const versionArn = alias?.versionArn ?? arn
    const version = this.of(unqualified(arn).arn).find((one) => one.arn === versionArn)
    return version && { machine: version.machine, versionArn, ...(alias ? { aliasArn: arn } : {}) }
  }
}

const notFound = (arn: string): AwsFailure =>
  new AwsFailure('ResourceNotFound', `Resource not found: '${arn}'`, { fields: { resourceName: arn } })
