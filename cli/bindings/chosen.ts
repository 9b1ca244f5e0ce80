import type { Config } from '../../core/config.ts'

/** The flags that choose bindings, beside those that describe one. */
export interface SelectionFlags {
  file?: string
  binding?: string[]
  all?: boolean
  stage?: string
}

/** A binding that a command is about, on one cluster. */
export interface ChosenBinding {
  /** What it is called in a table: `carts`, or `carts/carts`. */
  name: string
  /** The fields of a request. */
  input: Record<string, unknown>
}

/** What a command is about. */
export interface ChosenBindings {
  targets: ChosenBinding[]
  /** The settings, where the file is podid.yaml. */
  config?: Config
}

/** Where settings are looked for when no file is given. */
export const usualFile = 'podid.yaml'
