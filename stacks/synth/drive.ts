import { writeFileSync } from 'node:fs'
import { answerInvoke, stateOf } from './mocks.ts'
import type { App } from './program.ts'
import type { Resource, SynthesisTask } from './synth.ts'

/** As much of Pulumi's SDK as is needed to run a program without its engine. */
interface Pulumi {
  runtime: {
    setMocks(
      mocks: {
        newResource(resource: Resource & { custom?: boolean; id?: string }): {
          id: string | undefined
          state: object
        }
        call(invoke: { token: string; inputs: Record<string, unknown> }): object
      },
      project: string,
      stage: string,
      preview: boolean,
    ): Promise<void> | void
    registerStackTransformation(
      transform: (resource: { type: string; name: string; opts: Record<string, unknown> }) => undefined,
    ): void
    runInPulumiStack(program: () => Promise<unknown>): Promise<unknown>
    disconnect(): Promise<void>
  }
  output(value: unknown): { apply(use: (value: unknown) => unknown): unknown }
}

/** The two functions of sst.config.ts. */
interface Program {
  app(input: { stage: string }): Promise<App>
  run(afterSetup: () => void): Promise<unknown>
}

/** Runs a program of resources for a stage under mocks, and writes what it registered to the task's file. A part of the bundle. */
export const drive = async (pulumi: Pulumi, program: Program, task: SynthesisTask): Promise<void> => {
  const { stage, settings, adoptTable, out, ...where } = task
  Object.assign(process.env, { PODID_SETTINGS: settings, PODID_ADOPT_TABLE: adoptTable ? '1' : '' })
  const app = { removal: 'retain', ...(await program.app({ stage })), stage }
  Object.assign(globalThis, { $app: app })
  const resources: Resource[] = []
  const options = new Map<string, Resource['options']>()
  const withOptions = (resource: Resource): Resource => {
    const kept = options.get(`${resource.type} ${resource.name}`)
    return kept ? { ...resource, options: kept } : resource
  }
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, custom, id }) => {
        resources.push({ type, name, inputs })
        return custom
          ? { id: id || `${name}-id`, state: stateOf({ type, name, inputs }, where) }
          : { id: undefined, state: inputs }
      },
      call: ({ token, inputs }) => answerInvoke(token, inputs, where),
    },
    app.name,
    stage,
    false,
  )
  let outputs: unknown
  await pulumi.runtime.runInPulumiStack(async () => {
    outputs = await program.run(() => {
      pulumi.runtime.registerStackTransformation(({ type, name, opts }) => {
        const kept = Object.entries(opts).filter(
          ([option, on]) => (on === true && keeping.has(option)) || (option === 'import' && on),
        )
        if (kept.length > 0) options.set(`${type} ${name}`, Object.fromEntries(kept))
        return undefined
      })
    })
    return outputs
  })
  await pulumi.runtime.disconnect()
  await new Promise<void>((written) =>
    pulumi.output(outputs).apply((plain) => {
      writeFileSync(
        out,
        JSON.stringify({ resources: resources.map(withOptions), outputs: plain }, withoutWrappers),
      )
      written()
    }),
  )
}

const keeping = new Set(['protect', 'retainOnDelete'])

/** Pulumi marks secrets and assets by wrapping them. */
const signature = '4dabf18193072939515e22adb298388d'
const secret = '1b47061264138c4ac30d75fd1eb44270'

const withoutWrappers = (_key: string, value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value
  if ('__pulumiAsset' in value || '__pulumiAssetType' in value) return '(asset)'
  return signature in value && value[signature] === secret && 'value' in value ? value.value : value
}
