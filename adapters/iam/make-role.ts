import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam'
import { Refused } from '../../core/errors.ts'
import type { RolePlan } from '../../core/role/make.ts'
import { isNamed, restateAwsError } from '../aws-errors.ts'
import { callOptions, ifThere, type Source } from './source.ts'

/** Creates a role as planned, without its policies. False where there is one of its name. */
export const createRole = async (source: Source, plan: RolePlan): Promise<boolean> => {
  try {
    await source.client.send(
      new CreateRoleCommand({
        RoleName: plan.name,
        Path: plan.path,
        AssumeRolePolicyDocument: JSON.stringify(plan.trust),
        PermissionsBoundary: plan.boundary,
        Tags: Object.entries(plan.tags).map(([Key, Value]) => ({ Key, Value })),
      }),
      callOptions(source),
    )
    return true
  } catch (error) {
    if (isNamed(error, 'EntityAlreadyExistsException')) return false
    throw restateAwsError(error, `creating role ${plan.name}`)
  }
}

/** Writes inline policies of a role, each in place of one of its name. */
export const putRolePolicies = async (
  source: Source,
  role: string,
  policies: RolePlan['policies'],
): Promise<void> => {
  for (const { name, document } of policies) {
    try {
      await source.client.send(
        new PutRolePolicyCommand({
          RoleName: role,
          PolicyName: name,
          PolicyDocument: JSON.stringify(document),
        }),
        callOptions(source),
      )
    } catch (error) {
      throw restateAwsError(error, `writing policy ${name} of role ${role}`)
    }
  }
}

/** Deletes an inline policy of a role; one that is gone already is as good as deleted. */
export const deleteRolePolicy = async (source: Source, role: string, name: string): Promise<void> => {
  await ifThere(`deleting policy ${name} of role ${role}`, () =>
    source.client.send(
      new DeleteRolePolicyCommand({ RoleName: role, PolicyName: name }),
      callOptions(source),
    ),
  )
}

/** Deletes a role that has no policies any more; one that is gone already is as good as deleted. */
export const deleteRole = async (source: Source, role: string): Promise<void> => {
  await ifThere(`deleting role ${role}`, () =>
    source.client.send(new DeleteRoleCommand({ RoleName: role }), callOptions(source)),
  )
}

/**
 * Makes a role as planned with its policies: asked again, it finds the work done and writes the same policies once
 * more.
 * @throws Refused where a role of that name is there that was not made for these pods
 */
export const makeWholeRole = async (
  source: Source,
  plan: RolePlan,
  madeBefore: (name: string) => Promise<boolean>,
): Promise<void> => {
  if (!(await createRole(source, plan)) && !(await madeBefore(plan.name)))
    throw new Refused(
      `there is a role ${plan.name} that podid did not make for these pods: give another name, or run podid plan to see what it lacks`,
    )
  await putRolePolicies(source, plan.name, plan.policies)
}
