/** Stands in a function's bundle for the SDK's search for credentials: every client is given its credentials. */
export const defaultProvider = () => (): Promise<never> =>
  Promise.reject(new Error('a client was made without credentials; take them from the runtime'))
