import * as z from 'zod'
import { ConfigFile } from '../../core/config.ts'
import { filledSchema } from '../../core/fleet/expand/template.ts'

/** podid.yaml as JSON Schema, for editors. What a refinement adds, only podid itself knows. */
export const settingsSchema = (): object => ({ title: 'podid.yaml', ...schemaOf(ConfigFile) })

const schemaOf = (schema: z.ZodType): Record<string, unknown> =>
  z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      // A need with `use` is a ready-made one; JSON Schema has no word for "not there" but this.
      if (zodSchema._zod.def.type === 'undefined') jsonSchema.not = {}
      const filled = filledSchema(zodSchema) ?? filledSchema(zodSchema._zod.parent ?? {})
      if (filled) Object.assign(jsonSchema, { ...templateOf(filled), ...jsonSchema })
    },
  })

/** A template is of the same form, but with placeholders in the place of parts that a pattern would want. */
const templateOf = (filled: z.ZodType): object => {
  const { $schema: _own, ...form } = schemaOf(filled)
  return JSON.parse(JSON.stringify(form, (key, value) => (key === 'pattern' ? undefined : value)))
}
