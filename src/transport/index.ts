export { createDuplexPair } from './duplex-pair.js';
export type { Endpoint, EndpointResolver } from './endpoint.js';
export {
  TlsClient,
  type Connection,
  type ConnectionEvents,
  type TlsClientOptions,
  type TlsRequest,
} from './tls-client.js';
