import { createRequire } from 'node:module'
import { join } from 'node:path'

/** An import that esbuild is about to resolve. */
interface Import {
  path: string
  importer: string
  resolveDir: string
}

/** As much of esbuild's plugin interface as SST's CLI offers to plugins of a project. */
interface PluginBuild {
  onResolve(
    options: { filter: RegExp },
    resolve: (asked: Import) => { path: string; sideEffects?: boolean } | undefined,
  ): void
}

const kubernetes = '@kubernetes/client-node'
const kubernetesIndex = createRequire(import.meta.url).resolve(kubernetes)

/**
 * What is left out of the functions' bundles. SST's CLI runs this in a process of its own, with a filter that it
 * does not apply to the path, so that the filter here lets everything pass.
 */
const plugin = {
  name: 'podid',
  setup: (build: PluginBuild): void => {
    build.onResolve({ filter: /.*/ }, ({ path, importer, resolveDir }) => {
      // A function has its role's credentials in the environment: it needs no profiles, no SSO, no IMDS.
      if (path === '@aws-sdk/credential-provider-node')
        return { path: join(import.meta.dirname, 'no-credential-chain.ts') }
      if (path === '@smithy/core/event-streams')
        return { path: join(import.meta.dirname, 'no-event-streams.ts') }
      // The package does not say that its modules only declare things, so all 757 models would stay.
      if (path === kubernetes) return { path: kubernetesIndex, sideEffects: false }
      if (importer.includes(`node_modules/${kubernetes}/`) && path.startsWith('.'))
        return { path: join(resolveDir, path), sideEffects: false }
      if (path === 'undici' && importer.includes(`node_modules/${kubernetes}/`))
        return { path: join(import.meta.dirname, 'undici.js') }
      return undefined
    })
  },
}

export default [plugin]
