export type { Connection, ConnectionEvents } from './connection.js';
export { createDuplexPair } from './duplex-pair.js';
export type { Endpoint, EndpointResolver } from './endpoint.js';
export { openTunnel, type HttpProxy } from './http-proxy.js';
export { openStream, type StreamOptions } from './open-stream.js';
export { isDps, type Registrations } from './refusal.js';
export { RefusalObserver } from './refusal-observer.js';
export { TlsClient, type TlsClientOptions, type TlsIdentity, type TlsRequest, type TlsSuites } from './tls-client.js';
export type { WebSocketRequest } from './websocket.js';
