#!/usr/bin/env node
import { existsSync } from 'node:fs'
import module from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

// Plain JavaScript that Node 12 can read, without an await outside a function: an older Node says below what is missing.
const source = new URL('./main.ts', import.meta.url)
const inClone = existsSync(source)
// As package.json has it in `engines`; the scripts of a clone ask for import.meta.main, which came with 24.2.
const [major, minor] = inClone ? [24, 2] : [22, 19]
const { env, versions } = process
const [thisMajor, thisMinor] = versions.node.split('.').map(Number)
if (thisMajor < major || (thisMajor === major && thisMinor < minor)) {
  const advice = inClone ? ' In a clone, run: npm ci && npx podid --help' : ''
  process.stderr.write(
    `podid needs Node ${major}.${minor} or newer, and this is ${process.version}.${advice}\n`,
  )
  process.exit(2)
}
// What z.config() sets, here before zod is loaded: compiling each schema into code takes longer than checking with it
// the few values that a command has.
globalThis.__zod_globalConfig = { jitless: true }
// Reading the SDKs is most of what a short command does; their compiled code is cached for the next one. Not in Node's
// own place for it, the folder for temporary files, where another user may have put something first.
const cache = env.NODE_COMPILE_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'podid')
module.enableCompileCache(cache)
// Of a process that ends before its command has, as Node has it for an await that never comes back.
process.exitCode = 13
import(inClone ? source.href : '../dist/podid.mjs')
  .then(({ runCommandLine }) => runCommandLine(process.argv.slice(2)))
  .then((code) => {
    // Set, and not exited with: the process ends by itself, so that what was written is flushed.
    process.exitCode = code
  })
