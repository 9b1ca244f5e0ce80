import type { Principal } from './account/principals.ts'
import type { RequiredPermission } from './authorization.ts'

/** A request's input once its required members are known to be there, which the SDK's types leave open. */
export type Received<Input> = {
  [Member in keyof Input]: Pick<Input, Member> extends Required<Pick<Input, Member>>
    ? NonNullable<Input[Member]>
    : Input[Member]
}

type Item<Value> = Value extends readonly (infer Each)[] ? Item<Each> : Value
type IsStructure<Value> = Value extends object
  ? Value extends Date | Uint8Array
    ? false
    : string extends keyof Value
      ? false
      : true
  : false

/** The members of a structure: `tags`, and those of structures in it (and in its lists) as `accessScope.type`. */
export type MemberPath<Input, Depth extends 0[] = []> = Depth['length'] extends 3
  ? never
  : {
      [Name in keyof Input & string]:
        | Name
        | (true extends IsStructure<Item<NonNullable<Input[Name]>>>
            ? `${Name}.${MemberPath<Item<NonNullable<Input[Name]>>, [...Depth, 0]>}`
            : never)
    }[keyof Input & string]

type First<Path extends string> = Path extends `${infer Name}.${string}` ? Name : Path
type RestAfter<Path extends string, Name extends string> = Path extends `${Name}.${infer Rest}` ? Rest : never

/** The input as far as an operation declares that it reads it. */
export type Narrowed<Input, Path extends string> = Input extends readonly (infer Each)[]
  ? Narrowed<Each, Path>[]
  : Input extends object
    ? {
        [Name in keyof Input as Name extends First<Path> ? Name : never]: Name extends Path
          ? Input[Name]
          : Narrowed<Input[Name], RestAfter<Path, Name & string>>
      }
    : Input

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
export interface Operation extends OperationDefinition<Record<string, unknown>, unknown> {
  /** Every member of the request that it reads; a request with any other is refused before it gets here. */
  reads: readonly string[]
}

/** The operations of a service by name; what is not there answers 501. */
export type Operations = Readonly<Record<string, Operation>>

/**
 * Defines an operation by the SDK's types for its request and response. It declares the members that it
 * reads, and its functions see no others: what is not declared cannot be ignored in silence, since the
 * server refuses requests that carry it. A structure is declared whole (`Tags`) or by members (`Entries.Detail`).
 */
export const operation =
  <Input, Output>() =>
  <const Member extends MemberPath<Input>>(
    definition: { reads: readonly Member[] } & OperationDefinition<Narrowed<Received<Input>, Member>, Output>,
  ): Operation =>
    // The server hands over input that was read and validated by this very operation's schema.
    definition as unknown as Operation
