import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * The profiles that the AWS configuration of an environment has; none where its files cannot be read.
 * https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
 */
export const profileNames = (env: NodeJS.ProcessEnv): string[] => {
  const folder = join(env.HOME ?? homedir(), '.aws')
  const config = sections(env.AWS_CONFIG_FILE ?? join(folder, 'config')).flatMap((section) =>
    section === 'default' ? [section] : (/^profile\s+(.*)$/.exec(section)?.[1] ?? []),
  )
  const keys = sections(env.AWS_SHARED_CREDENTIALS_FILE ?? join(folder, 'credentials'))
  return [...new Set([...config, ...keys])].sort()
}

const sections = (path: string): string[] => {
  try {
    return [...readFileSync(path, 'utf8').matchAll(/^\s*\[\s*([^\]\n]*?)\s*\]/gm)].map(([, name = '']) =>
      name.replaceAll(/^(profile\s+)?["'](.*)["']$/g, '$1$2'),
    )
  } catch {
    return []
  }
}
