import { customColumns } from '../custom/columns.ts'
import { keptKind, type NewObject, type ResourceKind, resources, type Stored } from '../store/resources.ts'
import * as cluster from './cluster.ts'
import { ageColumn, type Column, nameColumn } from './column.ts'
import * as jobs from './jobs.ts'
import * as workloads from './workloads.ts'

const printed = <T extends NewObject>(
  resource: ResourceKind<T>,
  columns: Column<Stored<T>>[],
): [ResourceKind, Column<never>[]] => [resource, columns]

const tables = new Map<ResourceKind, Column<never>[]>([
  printed(resources.pods, workloads.podColumns),
  printed(resources.deployments, workloads.deploymentColumns),
  [resources.replicasets, workloads.replicaSetColumns],
  printed(resources.daemonsets, workloads.daemonSetColumns),
  printed(resources.statefulsets, workloads.statefulSetColumns),
  printed(resources.controllerrevisions, workloads.controllerRevisionColumns),
  printed(resources.namespaces, cluster.namespaceColumns),
  printed(resources.nodes, cluster.nodeColumns),
  printed(resources.services, cluster.serviceColumns),
  printed(resources.serviceaccounts, cluster.serviceAccountColumns),
  printed(resources.configmaps, cluster.configMapColumns),
  printed(resources.limitranges, cluster.roleColumns),
  printed(resources.resourcequotas, cluster.quotaColumns),
  printed(resources.secrets, cluster.secretColumns),
  printed(resources.events, cluster.eventColumns),
  printed(resources.horizontalpodautoscalers, cluster.autoscalerColumns),
  printed(resources.poddisruptionbudgets, cluster.disruptionBudgetColumns),
  printed(resources.endpointslices, cluster.endpointSliceColumns),
  printed(resources.priorityclasses, cluster.priorityClassColumns),
  printed(resources.jobs, jobs.jobColumns),
  printed(resources.cronjobs, jobs.cronJobColumns),
  printed(resources.networkpolicies, cluster.networkPolicyColumns),
  printed(resources.mutatingwebhookconfigurations, cluster.webhookColumns as never),
  printed(resources.validatingwebhookconfigurations, cluster.webhookColumns as never),
  printed(resources.validatingadmissionpolicies, cluster.policyColumns),
  printed(resources.validatingadmissionpolicybindings, cluster.policyBindingColumns),
  printed(resources.customresourcedefinitions, cluster.roleColumns),
  printed(resources.leases, cluster.leaseColumns),
  printed(resources.roles, cluster.roleColumns),
  printed(resources.clusterroles, cluster.roleColumns),
  printed(resources.rolebindings, cluster.bindingColumns),
  printed(resources.clusterrolebindings, cluster.bindingColumns),
])

/** The columns in which the server prints a kind. */
export const columnsOf = (resource: ResourceKind): Column<never>[] =>
  resource.custom
    ? customColumns(resource.custom)
    : (tables.get(keptKind(resource)) ?? [nameColumn, ageColumn])
