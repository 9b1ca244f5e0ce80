import type { Principal } from './account/principals.ts'
import type { RequiredPermission } from './authorization.ts'

/** A request's input once its required members are known to be there, which the SDK's types leave open. */
export type Received<Input> = {
  [Member in keyof Input]: Pick<Input, Member> extends Required<Pick<Input, Member>>
    ? NonNullable<Input[Member]>
    : Input[Member]
}

/** Who sent a request, as far as an operation may care. */
export interface Caller {
  principal: Principal
  /** Throws the service's AccessDenied unless the caller holds this further permission. */
  require(need: RequiredPermission): void
}

/** What the stand-in knows of one operation of one service. */
export interface OperationDefinition<Input, Output> {
  /** The ARN that the permission of the operation's name is asked for, `*` where it cannot be narrowed. */
  resource(input: Input): string
  /** How the service's denials name that resource where they do not show the ARN. */
  resourceLabel?(input: Input): string
  /** The permission, where it is not the operation's name. */
  action?: string
  /** Condition keys that the request itself brings. */
  context?(input: Input): Record<string, string | string[]>
  /** Names the object in the call log. */
  subject?(input: Input): string
  /** False for operations that every caller may use. */
  authorized?: false
  handle(input: Input, caller: Caller): Output | Promise<Output>
}

/** An operation whose types only its own definition knows. */
export type Operation = OperationDefinition<Record<string, unknown>, unknown>

/** The operations of a service by name; what is not there answers 501. */
export type Operations = Readonly<Record<string, Operation>>

/** Defines an operation by the SDK's types for its request and response. */
export const operation = <Input, Output>(
  definition: OperationDefinition<Received<Input>, Output>,
): Operation =>
  // The server hands over input that was read and validated by this very operation's schema.
  definition as unknown as Operation
