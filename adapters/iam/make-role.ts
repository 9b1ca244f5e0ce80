import { CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam'
import { Refused } from '../../core/errors.ts'
import type { RolePlan } from '../../core/role/make.ts'
import { restateAwsError } from '../aws-errors.ts'
import { callOptions, type Source } from './source.ts'

/**
 * Makes a role as planned: asked again, it finds the work done and writes the same policies once more.
 * @throws Refused where a role of that name is there that was not made for these pods
 */
export const createRole = async (
  source: Source,
  plan: RolePlan,
  madeBefore: (name: string) => Promise<boolean>,
): Promise<void> => {
  const { client } = source
  try {
    await client.send(
      new CreateRoleCommand({
        RoleName: plan.name,
        Path: plan.path,
        AssumeRolePolicyDocument: JSON.stringify(plan.trust),
        ...(plan.boundary === undefined ? {} : { PermissionsBoundary: plan.boundary }),
        Tags: Object.entries(plan.tags).map(([Key, Value]) => ({ Key, Value })),
      }),
      callOptions(source),
    )
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'EntityAlreadyExistsException')
      throw restateAwsError(error, `creating role ${plan.name}`)
    if (!(await madeBefore(plan.name)))
      throw new Refused(
        `there is a role ${plan.name} that podid did not make for these pods: give another name, or run podid plan to see what it lacks`,
      )
  }
  for (const { name, document } of plan.policies) {
    try {
      await client.send(
        new PutRolePolicyCommand({
          RoleName: plan.name,
          PolicyName: name,
          PolicyDocument: JSON.stringify(document),
        }),
        callOptions(source),
      )
    } catch (error) {
      throw restateAwsError(error, `writing policy ${name} of role ${plan.name}`)
    }
  }
}
