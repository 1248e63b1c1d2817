import type { ErrorTexts } from './error-text.js';

export const DEVICE = {
  CONNECT_FAILED: {
    meaning: 'The device did not connect to IoT Hub, or its hub client could not be made.',
    whatToDo: 'Read `cause` and `c`: they have the reason and the result of the SDK.',
  },
  DEVICE_CLOSED: {
    meaning: 'The device is closed.',
    whatToDo: 'Make a new one.',
  },
  HANDLE_BORROWED: {
    meaning: 'A callback was to destroy a handle that the SDK only lent to it.',
    whatToDo: 'Leave the handle to the SDK.',
  },
  HANDLE_BUSY: {
    meaning: 'A callback called DoWork or Destroy for the handle that is being worked.',
    whatToDo: 'Call it after DoWork has returned.',
  },
  HANDLE_DESTROYED: {
    meaning: 'A C function was given a handle that is destroyed.',
    whatToDo: 'Do not use a handle after its Destroy.',
  },
  HANDLE_INVALID: {
    meaning: 'A C function was given a handle of another type, or something that the SDK did not return.',
    whatToDo: 'Give the handle that the Create function returned.',
  },
  MESSAGE_INVALID: {
    meaning: 'The SDK does not make a message of the body, or does not take one of its properties.',
    whatToDo: 'Correct the body, or the property: `c` has the result of the SDK.',
  },
  METHOD_RESPONSE_INVALID: {
    meaning: 'The handler of a method returned a promise.',
    whatToDo: 'Return the answer at once: leave out `async` and `await`.',
  },
  NOT_CONNECTED: {
    meaning: 'The device is not connected.',
    whatToDo: 'Call `connect()` first.',
  },
  NO_DPS: {
    meaning: "The device was given its hub, and can't provision.",
    whatToDo: 'Give `idScope` in place of the hub, or call `connect()` without `provision()`.',
  },
  OPTION_UNKNOWN: {
    meaning: "The SDK's SetOption function has no option of this name.",
    whatToDo: 'Use one of the options that the message lists.',
  },
  OUT_OF_MEMORY: {
    meaning: 'C has no memory left.',
    whatToDo: 'Destroy handles and messages that are not used any more.',
  },
  OVERRIDE_ARGUMENT_MISSING: {
    meaning: 'An override was called without a certificate chain or without a private key.',
    whatToDo: 'Give both as PEM text.',
  },
  OVERRIDE_COMMON_NAME_MISMATCH: {
    meaning: 'The common name of the certificate is not the registration id or the device id of the handle.',
    whatToDo:
      "Use a certificate with that name, or create a handle for the certificate's name. Ids are case-sensitive.",
  },
  OVERRIDE_HANDLE_INVALID: {
    meaning: "An override was given a handle that does not use the device's own certificate.",
    whatToDo:
      'Give a handle of `Prov_Device_LL_Create` (after `prov_dev_security_init` for X.509) or of `IoTHubDeviceClient_LL_CreateFromDeviceAuth`.',
  },
  OVERRIDE_TOO_LATE: {
    meaning: 'An override was called after the handle began to register or to connect.',
    whatToDo: 'Call it right after the Create function.',
  },
  OVERRIDE_WITHOUT_EFFECT: {
    meaning:
      'The handle uses the certificate or the key that its options set, so that an override would change nothing.',
    whatToDo: 'Set the options, or call the override; not both.',
  },
  PACKAGE_BUNDLED: {
    meaning: 'A file of the package sphere-iot is not in the bundle.',
    whatToDo: 'Tell the bundler that sphere-iot is external.',
  },
  PROVISIONING_FAILED: {
    meaning: 'The device was not registered by DPS.',
    whatToDo: 'Read `cause` and `c`: they have the reason and the result of the SDK.',
  },
  PUMP_CLOSED: {
    meaning: 'The pump is closed.',
    whatToDo: 'Make a new one.',
  },
  PUMP_EXISTS: {
    meaning: 'The SDK instance has a pump already.',
    whatToDo: 'Add the handle to that pump.',
  },
  SDK_CLOSED: {
    meaning: 'The SDK instance is closed, and with it the devices that use it.',
    whatToDo: 'Make new ones.',
  },
  SDK_CRASHED: {
    meaning: "The C code crashed, and the SDK instance can't be used any more.",
    whatToDo: 'Close the instance and make a new one. `cause` has the place in C.',
  },
  TELEMETRY_NOT_CONFIRMED: {
    meaning: 'The SDK did not take the message, or the hub did not confirm it.',
    whatToDo: 'Read `c`, which has the result of the SDK. Send the message again.',
  },
  TEXT_HAS_NUL: {
    meaning: "A text with a NUL character can't be passed to C.",
    whatToDo: 'Remove the NUL character.',
  },
  TWIN_FAILED: {
    meaning: 'The hub did not answer a request for the twin, or refused the reported properties.',
    whatToDo: 'Read the reason in the message. Connect the device, and check the size and the names of the properties.',
  },
  WASM_INVALID: {
    meaning: 'The file is no WebAssembly module, or is damaged.',
    whatToDo: 'Build it again, or install the package again.',
  },
  WASM_MISMATCH: {
    meaning: 'The WebAssembly module does not fit this version of sphere-iot.',
    whatToDo: 'Build it again with this version, or install the package again.',
  },
  WASM_NOT_FOUND: {
    meaning: "The WebAssembly module of the SDK can't be read.",
    whatToDo: 'In a clone of the project, run `npm run setup`. Elsewhere give its bytes with `createSdk({ wasm })`.',
  },
} as const satisfies ErrorTexts;
