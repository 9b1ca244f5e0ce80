import { EKSClient } from '@aws-sdk/client-eks'
import { clientOptions, onlyAnswersOfAws } from '../aws-client.ts'
import { perRuntime } from '../per-runtime.ts'

/** The client of EKS in a region: one for all that ask there, so that they share its connections. */
export const eksClient = perRuntime((runtime, region) =>
  onlyAnswersOfAws(new EKSClient(clientOptions(runtime, region))),
)
