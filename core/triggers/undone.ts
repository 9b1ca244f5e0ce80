/**
 * The run that undid a binding, where that was the binding's latest run on this cluster: what starts runs unasked
 * leaves the binding alone from then on, until somebody enables it again. A cluster that was created since is
 * another one, which nobody has undone anything on.
 * @param latest the latest run that took its turn; `at` is in milliseconds
 * @param createdAt of the cluster, RFC 3339
 */
export const undoneBy = (
  latest: { run: string; mode: 'enable' | 'undo'; at: number } | undefined,
  createdAt: string,
): string | null => (latest?.mode === 'undo' && !(latest.at < Date.parse(createdAt)) ? latest.run : null)
