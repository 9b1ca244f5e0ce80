/** A fault in the command line itself, before there is a request to check. */
export class UsageError extends Error {
  // A literal: the package has this class in two bundles, and each start tells its errors by it.
  override readonly name = 'UsageError'
}

/** AWS gave no answer that could be used: nobody listens, or there are no credentials, or they are refused. */
export class NoAnswer extends Error {
  // A literal: bundling renames classes.
  override readonly name = 'NoAnswer'
}
