/** A fault in the command line itself, before there is a request to check. */
export class UsageError extends Error {
  // A literal: the package has this class in two bundles, and each start tells its errors by it.
  override readonly name = 'UsageError'
}
