/** A binding of a test's settings. */
export const cartsBinding = {
  cluster: 'eks-workshop',
  namespace: 'carts',
  serviceAccount: 'carts',
  role: 'arn:aws:iam::111122223333:role/carts',
}

/** Settings with that binding alone, changed as a test says. */
export const settingsFile = (change: object = {}) => ({
  account: '111122223333',
  region: 'us-west-2',
  bindings: { carts: cartsBinding },
  ...change,
})

/** The same, with its binding changed. */
export const settingsWith = (change: object) =>
  settingsFile({ bindings: { carts: { ...cartsBinding, ...change } } })
