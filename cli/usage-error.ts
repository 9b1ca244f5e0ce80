/** A fault in the command line itself, before there is a request to check. By itself, since each start loads it. */
export class UsageError extends Error {}
