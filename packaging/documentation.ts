import { readFileSync } from 'node:fs'
import { brotliDecompressSync } from 'node:zlib'
import type { Descriptions } from '../local/kubernetes/api/wire/documentation.ts'

/** What packaging/build.ts has packed. */
export type PackedTypes = Record<
  string,
  [type: string | null, fields: Record<string, string>, required: readonly string[]]
>

let all: PackedTypes | undefined

/** As the module of this name in local/kubernetes/api/wire, from the file that build.ts has put beside the bundle. */
export const descriptionsOf = (type: string): Descriptions => {
  all ??= JSON.parse(
    brotliDecompressSync(readFileSync(new URL('documentation.json.br', import.meta.url))).toString(),
  ) as PackedTypes
  const [about, fields, required] = all[type] ?? [null, {}, []]
  return { type: about ?? undefined, fields: new Map(Object.entries(fields)), required }
}
