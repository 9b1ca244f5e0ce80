import { afterEach, expect, it, vi } from 'vitest'

interface SstConfig {
  app(input: { stage: string }): Promise<{ name: string }>
}

vi.stubGlobal('$config', (config: SstConfig) => config)
// Not by its name, which would bring SST's types in here.
const file: string = new URL('../../sst.config.ts', import.meta.url).href
const { default: config } = (await import(/* @vite-ignore */ file)) as { default: SstConfig }
afterEach(() => void vi.unstubAllGlobals())

it('says at once that SST was started with a Node that it would hang with', async () => {
  vi.stubGlobal('process', { ...process, versions: { ...process.versions, node: '20.20.2' } })
  await expect(config.app({ stage: 'dev' })).rejects.toThrow(
    'SST was started with Node 20.20.2, and would hang: start it with npx, which takes the Node 24 of this project: npx sst deploy --stage dev',
  )
})
