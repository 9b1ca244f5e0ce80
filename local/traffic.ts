import { subscribe } from 'node:diagnostics_channel'
import type { AddressInfo, Server, Socket } from 'node:net'
import { Server as TlsServer } from 'node:tls'

/** The client ends of all TCP connections of this process, open or being opened, whatever library made them. */
const clients = new Set<Socket>()

// https://nodejs.org/docs/latest-v24.x/api/diagnostics_channel.html: of TLS, too, it is the socket with the plain text.
subscribe('net.client.socket', (message) => {
  const { socket } = message as { socket: Socket }
  clients.add(socket)
  socket.once('close', () => clients.delete(socket))
})

/**
 * Counts the bytes between the clients and the servers of one process: what one end wrote and the other has not
 * read is under way, however long the machine takes to carry it. So is a connection that only one end knows of:
 * being opened, in its TLS handshake, or closed by the other end. Clients in other processes are not seen.
 */
export class Traffic {
  /** By each server's port, its ends of open connections by the client's port. */
  readonly #servers = new Map<number, Map<number, Socket>>()
  /** Server ends whose clients are in this process. */
  readonly #ours = new WeakSet<Socket>()

  /** Counts the server's connections from now on. */
  attend(server: Server): void {
    const ends = new Map<number, Socket>()
    // Asked once: the address of a server is a call to the system.
    let port: number | undefined
    const listens = () => {
      port = (server.address() as AddressInfo).port
      this.#servers.set(port, ends)
    }
    if (server.listening) listens()
    else server.once('listening', listens)
    server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
      const from = socket.remotePort
      if (from !== undefined) ends.set(from, socket)
    })
    // Also beneath TLS, where a connection that is reset ends first.
    server.on('connection', (socket: Socket) => {
      const from = socket.remotePort
      if (from !== undefined) socket.once('close', () => ends.delete(from))
    })
    server.once('close', () => {
      if (port !== undefined && this.#servers.get(port) === ends) this.#servers.delete(port)
    })
  }

  /** Whether anything is on its way between a client and an attended server. */
  isUnderWay(): boolean {
    const met = new Set<Socket>()
    for (const client of clients) {
      if (client.destroyed) continue
      // Where it leads is not known before it is there.
      if (client.connecting) return true
      const ends = this.#servers.get(client.remotePort ?? 0)
      if (!ends) continue
      const end = ends.get(client.localPort ?? 0)
      if (!end || client.bytesWritten !== end.bytesRead || end.bytesWritten !== client.bytesRead) return true
      this.#ours.add(end)
      met.add(end)
    }
    return [...this.#servers.values()].some((ends) =>
      [...ends.values()].some((end) => this.#ours.has(end) && !met.has(end)),
    )
  }
}
