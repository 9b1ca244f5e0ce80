// The two parts of undici that connections to clusters need. Its index also brings mocks, caches, interceptors,
// WebSockets and more, half of the whole, and as CommonJS it cannot be shaken.
export { default as Agent } from 'undici/lib/dispatcher/agent.js'
export { fetch } from 'undici/lib/web/fetch/index.js'
