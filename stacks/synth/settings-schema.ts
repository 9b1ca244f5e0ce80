import * as z from 'zod'
import { ConfigFile } from '../../core/config.ts'

/** podid.yaml as JSON Schema, for editors. What a refinement adds, only podid itself knows. */
export const settingsSchema = (): object => ({
  title: 'podid.yaml',
  ...z.toJSONSchema(ConfigFile, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      // A need with `use` is a ready-made one; JSON Schema has no word for "not there" but this.
      if (zodSchema._zod.def.type === 'undefined') jsonSchema.not = {}
    },
  }),
})
