import type { ErrorTexts } from './error-text.js';

export const CONNECTIONS = {
  CONNECTION_FAILED: {
    meaning: "A server can't be reached, or the TLS handshake with it failed.",
    whatToDo: 'Read the reason in the message. Check the name, where it is mapped to, and that the server runs.',
  },
  CONNECTION_LOST: {
    meaning: 'An open connection broke.',
    whatToDo: 'Read the reason in the message. The SDK connects again by its retry policy.',
  },
  CONNECTION_NOT_ALLOWED: {
    meaning: "The app connects to a host that the manifest's capability AllowedConnections does not list.",
    whatToDo: 'Add the host to AllowedConnections in `app_manifest.json`.',
  },
  DEVICE_LOOPBACK: {
    meaning: 'A name that is not mapped leads to this computer, which no device reaches by itself.',
    whatToDo: 'Map the name to an endpoint, to reach a server here.',
  },
  DPS_ANSWER_INVALID: {
    meaning:
      "DPS answered with a status, a hub or a device id that can't be one. The connection was ended before the SDK saw the answer.",
    whatToDo: 'Look at the service that answers.',
  },
  DPS_CONNECT_REFUSED: {
    meaning: 'DPS answered CONNECT with a return code other than 0.',
    whatToDo: 'Check the id scope, the registration id, and the certificate with its validity and its common name.',
  },
  DPS_DISABLED: {
    meaning: 'The enrollment of the device is disabled.',
    whatToDo: 'Enable the enrollment in DPS.',
  },
  DPS_REGISTRATION_REFUSED: {
    meaning: 'DPS refused to register the device, with an error code.',
    whatToDo:
      'Follow the advice in the message. For 401002, verify the CA certificate in DPS and name it in an enrollment group.',
  },
  ENDPOINT_NOT_MAPPED: {
    meaning: 'The name is mapped to no endpoint, and the internet is not allowed.',
    whatToDo:
      'Map it to an emulator, set `allowInternet` (`--allow-internet`), or have the app launched with a cloud or a server that a test plays.',
  },
  HOST_NAME_INVALID: {
    meaning: 'The SDK was to connect to what is no host name.',
    whatToDo: 'Give the name of the hub or of DPS without a scheme, a port or a path.',
  },
  HUB_CONNECT_REFUSED: {
    meaning: 'IoT Hub answered CONNECT with a return code other than 0.',
    whatToDo: 'Check that the device is registered in the hub, is enabled, and has this certificate or key there.',
  },
  NETWORK_CLOSED: {
    meaning: 'The network was to fail after its SDK instance or its app was closed.',
    whatToDo: 'Have it fail before the end.',
  },
  NETWORK_READY_INVALID: {
    meaning: '`networkReady` returned something else than true or false, such as a promise.',
    whatToDo: 'Return true or false at once, without `async`.',
  },
  OUTAGE_INVALID: {
    meaning: "The outage of the network has an option that can't be.",
    whatToDo: 'Correct what the message names.',
  },
  OUTAGE_NEVER_STRUCK: {
    meaning:
      'The network failed while nothing was looked up, connected, sent or received, so that the outage had no effect.',
    whatToDo: 'Let the outage last longer, or have the device do something meanwhile.',
  },
  PROXY_REFUSED: {
    meaning: 'The proxy does not open a tunnel, or does not answer as an HTTP proxy does.',
    whatToDo: "Check the proxy's address, and whether it lets connections to this name and port through.",
  },
  PROXY_UNAUTHORIZED: {
    meaning: 'The proxy wants other credentials (407).',
    whatToDo: 'Check the user name and the password of the proxy.',
  },
  SERVER_NAME_MISMATCH: {
    meaning: "The server's certificate is for another host.",
    whatToDo: 'Check the host name, and where it is mapped to.',
  },
  SERVER_NOT_TRUSTED: {
    meaning: "The server's certificate is not trusted.",
    whatToDo: 'Give its root as a trust root, or by `OPTION_TRUSTED_CERT`.',
  },
  SERVICE_NOT_READING: {
    meaning: 'The service does not read, and too many bytes wait for it. Nothing more is sent until it reads.',
    whatToDo: 'Look at the service.',
  },
  WEBSOCKET_INVALID: {
    meaning: 'The service sent what no WebSocket of a service has. The connection was ended before the SDK saw it.',
    whatToDo: 'Look at the service.',
  },
  WEBSOCKET_REFUSED: {
    meaning: 'The service does not open a WebSocket.',
    whatToDo: 'Check that the name and the port are those of a service that takes WebSocket.',
  },
} as const satisfies ErrorTexts;
