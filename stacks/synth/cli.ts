import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { domainOf } from '../../core/partitions/partitions.ts'

/** The CLI's side of what SST's components ask for while they run. */
export interface Cli extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  url: string
}

type Methods = Readonly<Record<string, (argument: never) => Promise<unknown> | unknown>>

/**
 * Stands in for SST's CLI, which serves JSON-RPC to the components it runs: where the account keeps its assets,
 * and the bundling of functions. A synthesis is about resources, so their code is an empty file here;
 * bundle.ts makes the real bundles.
 */
export const serveCli = async (options: { root: string; work: string; account: string }): Promise<Cli> => {
  const { root, work, account } = options
  const methods: Methods = {
    'Provider.Aws.Bootstrap': ({ region }: { region: string }) => ({
      asset: `sst-asset-${region}`,
      state: `sst-state-${region}`,
      assetEcrRegistryId: account,
      assetEcrUrl: `${account}.dkr.ecr.${region}.${domainOf(region)}/sst-asset`,
      appsyncHttp: '',
      appsyncRealtime: '',
    }),
    'Runtime.Build': async ({ functionID, handler }: { functionID: string; handler: string }) => {
      const out = join(work, 'artifacts', functionID)
      if (!existsSync(join(root, handler.replace(/\.\w+$/, '.ts'))))
        return {
          handler: '',
          out,
          errors: [`the handler ${handler} of ${functionID} has no file`],
          sourcemaps: [],
        }
      await mkdir(out, { recursive: true })
      await writeFile(join(out, 'index.mjs'), '')
      return { handler, out, errors: [], sourcemaps: [] }
    },
  }
  // A busy machine pauses for longer than Node keeps idle connections, and the components would meet a closed one.
  const server = createServer({ keepAliveTimeout: 0 }, async (request, response) => {
    const chunks: Uint8Array[] = []
    for await (const chunk of request) chunks.push(chunk as Uint8Array)
    const answer = await call(methods, Buffer.concat(chunks).toString())
    response.end(JSON.stringify(answer))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () => new Promise<void>((closed) => server.close(() => closed())),
  }
}

const call = async (methods: Methods, body: string): Promise<{ result: unknown } | { error: string }> => {
  const { method, params } = JSON.parse(body) as { method: string; params: [never] }
  const answer = methods[method]
  if (!answer) return { error: `rpc: can't find method ${method}` }
  try {
    return { result: await answer(params[0]) }
  } catch (error) {
    return { error: (error as Error).message }
  }
}
