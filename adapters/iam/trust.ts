import { GetRoleCommand, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam'
import { requiredMember, restateAwsError } from '../aws-errors.ts'
import { decodeText } from './document.ts'
import { callOptions, ifThere, type Source } from './source.ts'

/** The text of a role's trust policy as IAM has it, by the byte; undefined where there is no role of the name. */
export const readTrust = (source: Source, role: string): Promise<string | undefined> =>
  ifThere(`reading the trust policy of role ${role}`, async () => {
    const answer = await source.client.send(new GetRoleCommand({ RoleName: role }), callOptions(source))
    return decodeText(
      requiredMember(answer.Role?.AssumeRolePolicyDocument, `trust policy of the role ${role}`),
    )
  })

/**
 * Puts a role's trust policy in place of the one that is there, whatever that is by then: IAM has no condition for it.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html
 */
export const writeTrust = async (source: Source, role: string, text: string): Promise<void> => {
  try {
    await source.client.send(
      new UpdateAssumeRolePolicyCommand({ RoleName: role, PolicyDocument: text }),
      callOptions(source),
    )
  } catch (error) {
    throw restateAwsError(error, `writing the trust policy of role ${role}`)
  }
}
