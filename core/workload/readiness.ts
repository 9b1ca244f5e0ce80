import type { Node, Pod } from '../kubernetes.ts'

/** Whether a pod or a node says of itself that it is ready. */
export const isReady = ({ status }: Pick<Pod | Node, 'status'>): boolean =>
  status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false
