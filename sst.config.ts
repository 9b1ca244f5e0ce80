/// <reference path="./.sst/platform/config.d.ts" />

// SST bundles this file together with its providers, and only what run() imports: no import may stand at the top.
export default $config({
  async app({ stage }) {
    // SST starts the node of the PATH, which npx makes that of node_modules; an older one would hang.
    if (Number.parseInt(process.versions.node, 10) < 22)
      throw new Error(
        `SST was started with Node ${process.versions.node}, and would hang: start it with npx, which takes the Node 24 of this project: npx sst deploy --stage ${stage}`,
      )
    const { readSettings } = await import('./stacks/settings.ts')
    const { account, region } = readSettings(process.cwd(), stage)
    const production = stage === 'production'
    return {
      name: 'podid',
      home: 'aws',
      version: '4.17.1',
      removal: production ? 'retain' : 'remove',
      protect: production,
      providers: {
        aws: { region, allowedAccountIds: [account], defaultTags: { tags: { app: 'podid', stage } } },
      },
    }
  },
  async run() {
    const { deploy } = await import('./stacks/index.ts')
    return deploy()
  },
})
