/** What a ServiceAccount with pods uses, as the inventory has it. */
export interface FleetCell {
  cluster: string
  region: string
  /** `carts/carts`: namespace and ServiceAccount. */
  binding: string
  /** In the inventory's words: `IRSA`, `node role`, … */
  uses: string
  role: string | null
  pods: number
  /** What stands against Pod Identity. */
  against: string[]
}

export interface FleetSeen {
  cells: FleetCell[]
  /** What could not be looked at. */
  faults: string[]
}
