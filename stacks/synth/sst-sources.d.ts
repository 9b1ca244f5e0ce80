// SST's component sources name two packages whose types they need only while they are developed.
declare module 'archiver'
declare module 'bun' {
  export type Shell = unknown
}
