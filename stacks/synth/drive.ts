import { writeFileSync } from 'node:fs'
import { answerInvoke, stateOf } from './mocks.ts'
import type { Resource } from './synth.ts'

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

/**
 * Runs a program of resources under mocks and writes what it registered to the file named in SYNTH_OUT. Part of
 * the bundle that synthesis runs in a process of its own, since SST ends the process as it sees fit.
 */
export const drive = async (
  pulumi: Pulumi,
  program: (afterSetup: () => void) => Promise<unknown>,
): Promise<void> => {
  const {
    SYNTH_OUT = '',
    SYNTH_APP = '',
    SYNTH_STAGE = '',
    SYNTH_ACCOUNT = '',
    SYNTH_REGION = '',
  } = process.env
  const where = { account: SYNTH_ACCOUNT, region: SYNTH_REGION }
  const resources: Resource[] = []
  const options = new Map<string, Resource['options']>()
  const withOptions = (resource: Resource): Resource => {
    const kept = options.get(`${resource.type} ${resource.name}`)
    return kept ? { ...resource, options: kept } : resource
  }
  const fail = (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
    process.exit(1)
  }
  process.on('unhandledRejection', fail)
  process.on('uncaughtException', fail)
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
    SYNTH_APP,
    SYNTH_STAGE,
    false,
  )
  let outputs: unknown
  await pulumi.runtime.runInPulumiStack(async () => {
    outputs = await program(() => {
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
  pulumi.output(outputs).apply((plain) => {
    writeFileSync(
      SYNTH_OUT,
      JSON.stringify({ resources: resources.map(withOptions), outputs: plain }, withoutWrappers),
    )
    process.exit(0)
  })
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
