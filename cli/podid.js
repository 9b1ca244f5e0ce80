#!/usr/bin/env node
import module from 'node:module'

// Plain JavaScript on purpose: an older Node must be able to read this far to say what is missing.
const major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  process.stderr.write(
    `podid needs Node 24 and this is ${process.version}. In a clone, run: npm ci && npx podid --help\n`,
  )
  process.exit(2)
}
// Reading the SDKs is most of what a short command does; their compiled code is cached for the next one.
module.enableCompileCache()
await import('./main.ts')
