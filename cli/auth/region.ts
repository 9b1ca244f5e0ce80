import { loadConfig, NODE_REGION_CONFIG_FILE_OPTIONS, NODE_REGION_CONFIG_OPTIONS } from '@smithy/core/config'

/**
 * Has what asks the environment for a region find that of the AWS profile, where nothing there says one: as the AWS CLI
 * has it, a flag comes before AWS_REGION, and that before the profile.
 * https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-envvars.html
 */
export const takeRegionOfProfile = async (): Promise<void> => {
  // Without one it fails; what else may be wrong with the files is told when the credentials are read from them.
  const region = await loadConfig(NODE_REGION_CONFIG_OPTIONS, NODE_REGION_CONFIG_FILE_OPTIONS)().catch(
    () => undefined,
  )
  if (region) process.env.AWS_REGION = region
}
