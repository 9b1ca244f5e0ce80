import { askedFor } from '../render/question.ts'

let open = false
/** Whether the person at the terminal is being asked for a code, so that nothing else is to be written. */
export const isAsking = (): boolean => open

/**
 * The code that a profile's role takes besides its keys, from the person at the terminal.
 * @param serial the device, `arn:aws:iam::123456789012:mfa/ada`
 */
export const codeOf = async (serial: string): Promise<string> => {
  // The SDK has asked for the keys meanwhile, and looks after the code whether they came.
  process.off('unhandledRejection', keptUntilLookedAt).on('unhandledRejection', keptUntilLookedAt)
  if (!process.stdin.isTTY)
    throw noCode(`the profile asks for a code of ${serial}, and there is no terminal to ask at`)
  open = true
  try {
    const code = await askedFor(`Code of ${serial}: `)
    if (code === '') throw noCode(`no code of ${serial} was given`)
    return code
  } finally {
    open = false
  }
}

const keptUntilLookedAt = (error: unknown) => {
  if (!(error instanceof Error && error.name === 'CredentialsProviderError')) throw error
}

const noCode = (message: string): Error =>
  Object.assign(new Error(message), { name: 'CredentialsProviderError' })
