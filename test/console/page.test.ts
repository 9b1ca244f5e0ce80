import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { pageAssets } from '../../console/server/assets.ts'

// As bench/console.ts has it. One import of what reads requests or histories brings all the schemas, a third more.
it('the console’s page is loaded in no more than 60 kB', async () => {
  const { script, style } = await pageAssets()
  expect(gzipSync(script + style).length).toBeLessThan(60_000)
})
