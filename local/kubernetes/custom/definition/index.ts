import { isDeepStrictEqual } from 'node:util'
import type { CustomResourceDefinition } from '../../../../core/kubernetes.ts'
import { isObject } from '../../../json-object.ts'
import type { CustomSchema, Stored } from '../../store/resources.ts'
import { type FieldError, StatusError } from '../../store/status.ts'
import { invalidValue, required } from '../../store/validation/fields.ts'
import { judged, judgeMs } from '../values/index.ts'
import { immutableErrors, nameErrors } from './names.ts'
import { columnErrors, selectableErrors, subresourceErrors } from './parts.ts'
import { definitionSchemaErrors } from './schema-errors.ts'

type Version = NonNullable<CustomResourceDefinition['spec']>['versions'][number]

/**
 * What is wrong with a CustomResourceDefinition, in the words of apiextensions' validation. Throws 501 for what is
 * right and not done here: conversion by a webhook.
 */
export const definitionErrors = (
  definition: CustomResourceDefinition,
  previous: Stored<CustomResourceDefinition> | undefined,
): FieldError[] => {
  const { spec } = definition
  if (!spec) return [required('spec')]
  refuseWebhook(spec.conversion, definition.metadata?.name ?? '')
  return [
    ...nameErrors(definition),
    ...versionErrors(spec.versions ?? []),
    ...hoisted(spec.versions ?? [], 'schema', 'validation').flatMap(({ value, path, version }) =>
      isObject(value) && isObject(value.openAPIV3Schema)
        ? inTime(definition, () =>
            definitionSchemaErrors(value.openAPIV3Schema as CustomSchema, `${path}.openAPIV3Schema`, {
              withStatus: Boolean(version.subresources?.status),
            }),
          )
        : [required(`spec.versions[${spec.versions.indexOf(version)}].schema.openAPIV3Schema`)],
    ),
    ...hoisted(spec.versions ?? [], 'subresources', 'subresources').flatMap(({ value, path }) =>
      subresourceErrors(value, path),
    ),
    ...hoisted(spec.versions ?? [], 'additionalPrinterColumns', 'additionalPrinterColumns').flatMap(
      ({ value, path }) => columnErrors(value, path),
    ),
    ...(spec.versions ?? []).flatMap((version, index) =>
      selectableErrors(version, `spec.versions[${index}].selectableFields`),
    ),
    ...storedVersionErrors(spec.versions ?? [], previous),
    ...(spec.preserveUnknownFields
      ? [
          invalidValue(
            'spec.preserveUnknownFields',
            true,
            'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
          ),
        ]
      : []),
    ...immutableErrors(definition, previous),
  ]
}

const inTime = <T>({ metadata }: CustomResourceDefinition, judge: () => T): T =>
  judged('its own defaults', metadata?.name ?? '', judgeMs, judge)

const refuseWebhook = (conversion: { strategy?: string } | undefined, name: string): void => {
  if (conversion?.strategy === 'Webhook')
    throw new StatusError(
      501,
      'NotImplemented',
      `${name}: spec.conversion.strategy Webhook is not implemented by this server, which has nobody to ask; None is`,
    )
}

/** What all versions say alike is one thing, under a name of its own: so the server's messages name it. */
const hoisted = <K extends 'schema' | 'subresources' | 'additionalPrinterColumns'>(
  versions: readonly Version[],
  field: K,
  alone: string,
): { value: Version[K]; path: string; version: Version }[] => {
  const [first] = versions
  if (!first) return []
  if (versions.every((one) => isDeepStrictEqual(one[field], first[field])))
    return [{ value: first[field], path: `spec.${alone}`, version: first }]
  return versions.map((version, index) => ({
    value: version[field],
    path: `spec.versions[${index}].${field}`,
    version,
  }))
}

const versionErrors = (versions: readonly Version[]): FieldError[] => {
  const names = versions.map(({ name }) => name)
  const stored = versions.filter(({ storage }) => storage).length
  const shown = versions.map(({ name, served, storage }) => ({ name, served, storage }))
  return [
    ...(new Set(names).size === names.length
      ? []
      : [invalidValue('spec.versions', shown, 'must contain unique version names')]),
    ...(stored === 1
      ? []
      : [invalidValue('spec.versions', shown, 'must have exactly one version marked as storage version')]),
    ...versions.flatMap(({ deprecated, deprecationWarning }, index) =>
      deprecationWarning !== undefined && !deprecated
        ? [
            invalidValue(
              `spec.versions[${index}].deprecationWarning`,
              deprecationWarning,
              'can only be set for deprecated versions',
            ),
          ]
        : [],
    ),
  ]
}

/** The versions in which objects were kept have to stay. */
const storedVersionErrors = (
  versions: readonly Version[],
  previous: Stored<CustomResourceDefinition> | undefined,
): FieldError[] => {
  const names = versions.map(({ name }) => name)
  if (!previous)
    return versions.some(({ storage }) => storage)
      ? []
      : [invalidValue('status.storedVersions', null, 'must have at least one stored version')]
  return (previous.status?.storedVersions ?? []).flatMap((stored, index) =>
    names.includes(stored)
      ? []
      : [
          invalidValue(
            `status.storedVersions[${index}]`,
            stored,
            `missing from spec.versions; ${stored} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${stored} and removes ${stored} from status.storedVersions`,
          ),
        ],
  )
}
