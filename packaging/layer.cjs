// How the package loads its layers (layers.ts). Node's compile cache holds what is compiled as a file is loaded, which is the
// smallest part: of a run's layer most functions are compiled when they are first called. The cache here is made when the
// process ends, and holds those as well; it is read by the same command only, as each calls others.
'use strict'
const { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } = require('node:fs')
const { createRequire, getCompileCacheDir } = require('node:module')
const { join } = require('node:path')
const { pathToFileURL } = require('node:url')
const { Script } = require('node:vm')
const { crc32 } = require('node:zlib')

const loaded = new Map()
const [, , command = ''] = process.argv
const user = /^[a-z]{1,20}$/.test(command) ? command : 'none'

/** The layer's exports, `early` of early.cjs beside this file. */
const load = (name) => {
  const exports = loaded.get(name) ?? run(name)
  loaded.set(name, exports)
  return exports
}

const run = (name) => {
  const filename = join(__dirname, `${name}.cjs`)
  const source = readFileSync(filename, 'utf8')
  const cache = cacheFor(`${name}-${crc32(source).toString(16)}`)
  const cachedData = cache && readIfThere(cache)
  const script = new Script(`(function(exports,require,module,__url,__import){${source}\n})`, {
    filename,
    cachedData,
  })
  const node = createRequire(filename)
  const module = { exports: {} }
  const layer = /^\.\/(\w+)\.mjs$/
  script.runInThisContext()(
    module.exports,
    (path) => (layer.test(path) ? load(path.replace(layer, '$1')) : node(path)),
    module,
    pathToFileURL(filename).href,
    (path) => import(path),
  )
  if (cache && (!cachedData || script.cachedDataRejected)) process.once('exit', () => write(cache, script))
  return module.exports
}

/** Beside Node's own, in a folder for this version of Node; nowhere where Node has none, as it was told or cannot write it. */
const cacheFor = (name) => {
  const folder = getCompileCacheDir()
  return folder && join(folder, `${name}-${user}.layer`)
}

/** What was kept, if it is as it was written: V8 looks whether it fits, and not whether it is whole. */
const readIfThere = (file) => {
  try {
    const kept = readFileSync(file)
    const code = kept.subarray(4)
    return kept.readUInt32LE() === crc32(code) ? code : undefined
  } catch {
    return undefined
  }
}

/** Whole or not at all, also where several processes end at once. */
const write = (file, script) => {
  const draft = `${file}.${process.pid}`
  try {
    mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 })
    const code = script.createCachedData()
    const sum = Buffer.alloc(4)
    sum.writeUInt32LE(crc32(code))
    writeFileSync(draft, Buffer.concat([sum, code]), { mode: 0o600 })
    renameSync(draft, file)
  } catch {
    // The next start takes longer, and is right all the same.
    rmSync(draft, { force: true })
  }
}

module.exports = { load }
