import type { ErrorTexts } from './error-text.js';

export const EMULATOR = {
  ALLOCATION_INVALID: {
    meaning: 'The callback for a custom allocation gave no hub, or a payload that is no JSON.',
    whatToDo: 'Return an object with `hub`, and a payload that can be written as JSON.',
  },
  ALLOCATION_POLICY_INVALID: {
    meaning: 'The allocation policy needs a hub or a callback that was not given.',
    whatToDo: 'Give `hub` for the policy static, `allocate` for the policy custom.',
  },
  C2D_EXPIRY_INVALID: {
    meaning: 'The time at which a cloud-to-device message expires is no time.',
    whatToDo: 'Give a date as `expiryTimeUtc`, or milliseconds as `ttlMs`.',
  },
  C2D_MESSAGE_TOO_LARGE: {
    meaning: 'The cloud-to-device message is larger than IoT Hub takes, properties included.',
    whatToDo: 'Send a smaller message.',
  },
  CA_ALREADY_EXISTS: {
    meaning: 'DPS or the hub has a CA certificate of this name already.',
    whatToDo: 'Delete that one first, or choose another name.',
  },
  CA_KEY_UNSUPPORTED: {
    meaning: "The CA certificate has a key, or a signature, that can't be used.",
    whatToDo: 'Issue it again as the message says.',
  },
  CA_NOT_A_CA: {
    meaning: 'The certificate is no CA certificate.',
    whatToDo: "Upload the CA certificate above the device's.",
  },
  CA_NOT_FOUND: {
    meaning: 'There is no CA certificate of this name.',
    whatToDo: 'Upload it first.',
  },
  CA_NOT_READABLE: {
    meaning: "The CA certificate can't be read.",
    whatToDo: 'Give PEM text or DER bytes.',
  },
  COMMAND_NOT_LONG_RUNNING: {
    meaning: 'The device answered a long-running command of IoT Central with another status than 202.',
    whatToDo: 'Have the device answer with 202, or call the command with `command`.',
  },
  CONTAINER_NAME_INVALID: {
    meaning: 'The name is no name for a blob container.',
    whatToDo: 'Use 3 to 63 lower-case letters, digits and single hyphens.',
  },
  DEVICE_ALREADY_EXISTS: {
    meaning: 'The hub has a device of this id already.',
    whatToDo: 'Use that device, delete it first, or choose another id.',
  },
  DEVICE_AUTHENTICATION_INVALID: {
    meaning: 'The authentication of a device has no type that a hub knows, or has no thumbprints.',
    whatToDo: 'Give `sas`, `selfSigned` with thumbprints, or `certificateAuthority`.',
  },
  DEVICE_HAS_OTHER_AUTHENTICATION: {
    meaning:
      'The hub has the device with another authentication. This DPS did not make it, or made it by another enrollment and the ' +
      'reprovisionPolicy of one of the two is `never`.',
    whatToDo: 'Delete the device in the hub first, or change the reprovisionPolicy.',
  },
  DEVICE_ID_INVALID: {
    meaning:
      'The text is no device id. A catalog takes 128 hex digits; a hub takes 1 to 128 characters of those that the message lists.',
    whatToDo: 'Give an id of that form.',
  },
  DEVICE_MAXIMUM_QUEUE_DEPTH_EXCEEDED: {
    meaning: 'As many cloud-to-device messages wait for the device as its queue holds (403004).',
    whatToDo: 'Let the device take some, or purge the queue.',
  },
  DEVICE_NOT_FOUND: {
    meaning: 'No hub has the device. In `run`, the app has not been provisioned.',
    whatToDo: 'Create it, or let DPS do it. Ids are case-sensitive.',
  },
  DEVICE_NOT_ONLINE: {
    meaning:
      'The device is not connected, or has not subscribed to methods (404103). No module is ever online in the emulator.',
    whatToDo: 'Connect the device first, or give `connectTimeout`.',
  },
  EMULATOR_CLOSED: {
    meaning: 'The emulator is closed, or was closed while something waited for it.',
    whatToDo: 'Start a new one, or close it after what waits.',
  },
  ENROLLMENT_ALREADY_EXISTS: {
    meaning: 'DPS has an individual enrollment of this registration id already.',
    whatToDo: 'Use that enrollment, or delete it first.',
  },
  ENROLLMENT_CERTIFICATE_NOT_READABLE: {
    meaning: "A certificate of an enrollment can't be read.",
    whatToDo: 'Give PEM text or DER bytes.',
  },
  ENROLLMENT_GROUP_ALREADY_EXISTS: {
    meaning: 'DPS has an enrollment group of this id already.',
    whatToDo: 'Use that group, or delete it first.',
  },
  ENROLLMENT_GROUP_NOT_FOUND: {
    meaning: 'DPS has no enrollment group of this id.',
    whatToDo: 'Create it first.',
  },
  ENROLLMENT_NOT_FOUND: {
    meaning: 'DPS has no individual enrollment of this registration id.',
    whatToDo: 'Create it first.',
  },
  FAULT_INVALID: {
    meaning: "The fault that a test asks for can't be.",
    whatToDo: 'Correct what the message names.',
  },
  FAULT_NEVER_STRUCK: {
    meaning: 'A fault that a test asked for had no effect, so that the test would pass without it, too.',
    whatToDo: 'Have the device or the app do what the fault strikes, or remove the fault.',
  },
  HUB_NOT_FOUND: {
    meaning: 'The emulator has no hub of this name.',
    whatToDo: "Use a name of the emulator's hubs, or make the emulator with that hub.",
  },
  JOB_OVER: {
    meaning: 'A job of the hub was over before a device had answered.',
    whatToDo: 'Give the job more time, or do not cancel it.',
  },
  LISTEN_NOT_LOOPBACK: {
    meaning: 'Other machines could reach the emulator at this address.',
    whatToDo: 'Listen on 127.0.0.1, or give `allowNonLoopback: true` (`--allow-non-loopback`).',
  },
  MAX_CONNECTIONS_INVALID: {
    meaning: '`maxConnections` is no whole number from 1 on.',
    whatToDo: 'Give one, or leave it out.',
  },
  METHOD_NAME_INVALID: {
    meaning: 'The text is no name of a direct method.',
    whatToDo: 'Use printable ASCII characters without `/`, `#`, `?`, `+` and spaces.',
  },
  METHOD_PAYLOAD_INVALID: {
    meaning: "The payload of a direct method can't be written as JSON, or is too large.",
    whatToDo: 'Give a value that JSON has, of no more bytes than the message says.',
  },
  METHOD_RESPONSE_NOT_JSON: {
    meaning: 'The device answered a direct method with bytes that are no JSON.',
    whatToDo: 'Have the device answer with JSON.',
  },
  METHOD_THROTTLED: {
    meaning: 'The hub refused a direct method (429001), because the fault `refusedMethod` was asked for.',
    whatToDo: 'Call it again, or remove the fault.',
  },
  MODEL_INVALID: {
    meaning: "A DTDL model can't be used.",
    whatToDo: 'Correct what the message names, and give every interface that the model needs.',
  },
  MODEL_NOT_FOUND: {
    meaning: 'The device gave no model id, or one that is not in `models`.',
    whatToDo: 'Have the device give its model id, and add the model to `models`.',
  },
  MODULE_ALREADY_EXISTS: {
    meaning: 'The device has a module of this id already.',
    whatToDo: 'Use that module, delete it first, or choose another id.',
  },
  MODULE_ID_INVALID: {
    meaning: 'The text is no module id.',
    whatToDo: 'Use 1 to 128 of the characters that IoT Hub takes in an id.',
  },
  MODULE_NOT_FOUND: {
    meaning: 'The device has no module of this id.',
    whatToDo: 'Create it first.',
  },
  POLICY_NOT_FOUND: {
    meaning: 'The service has no shared access policy of this name.',
    whatToDo: 'Use a policy that the message lists.',
  },
  PREDICATE_INVALID: {
    meaning: 'What a wait is for is no function and no pattern, or the function gives a promise.',
    whatToDo: 'Give a function that returns true or false at once. Options come second.',
  },
  PROOF_CODE_MISSING: {
    meaning: 'No verification code was generated for the CA certificate.',
    whatToDo: 'Call `generateVerificationCode` first.',
  },
  PROOF_CODE_WRONG: {
    meaning: 'The proof of possession is for another verification code.',
    whatToDo: 'Make a new proof, with the newest code as its common name.',
  },
  PROOF_NOT_READABLE: {
    meaning: "The proof of possession can't be read.",
    whatToDo: 'Give PEM text or DER bytes.',
  },
  PROOF_NOT_SIGNED_BY_CA: {
    meaning: 'The CA certificate did not sign the proof of possession, or signed it with a weak algorithm.',
    whatToDo: "Sign the proof with the CA's own key, and with SHA-256.",
  },
  PROOF_NOT_VALID_NOW: {
    meaning: 'The proof of possession is not valid at the time of the clock.',
    whatToDo: 'Make a new proof, or set the clock.',
  },
  REGISTRATION_ID_INVALID: {
    meaning: 'The text is no registration id.',
    whatToDo: 'Use 1 to 128 of the characters that the message lists.',
  },
  REGISTRATION_NOT_FOUND: {
    meaning: 'DPS has no registration record of this id.',
    whatToDo: 'Let the device register first.',
  },
  STATE_FOLDER_DAMAGED: {
    meaning: "The folder with the emulator's state is damaged.",
    whatToDo: 'Follow the advice in the message: put back a copy of the folder, or begin with another one.',
  },
  STATE_FOLDER_IN_USE: {
    meaning: 'Another emulator uses the folder with the state.',
    whatToDo: 'End that one, or choose another folder.',
  },
  STATE_FOLDER_NEWER: {
    meaning: 'A newer version of sphere-iot wrote the folder with the state.',
    whatToDo: 'Update sphere-iot.',
  },
  STATE_FOLDER_NOT_EMPTY: {
    meaning: 'The folder holds other files and no state of an emulator.',
    whatToDo: 'Choose a folder that is empty or not there yet.',
  },
  STATE_LOCK_LOST: {
    meaning: "The file by which the state's folder is locked was removed or replaced while the emulator runs.",
    whatToDo: 'Let nobody remove that file. The emulator serves its clients again once it has the lock.',
  },
  STATE_NOT_WRITTEN: {
    meaning: "The emulator can't write its state. Nothing that a client was told is lost.",
    whatToDo:
      'Make room, or raise the limit that the message names. The emulator serves its clients again once it can write.',
  },
  STATE_STORE_MISSING: {
    meaning: "The package classic-level, which keeps the state, can't be loaded.",
    whatToDo: 'Leave it out of a bundle (external), and install it beside the bundle.',
  },
  SYMMETRIC_KEY_INVALID: {
    meaning: 'A symmetric key is not base64, or has too few or too many bytes.',
    whatToDo: 'Give a key of the form that the message says, or leave it out to have one made.',
  },
  TOO_MANY_DEVICES: {
    meaning: 'The hub has as many devices as it takes.',
    whatToDo: 'Delete devices, or allow more in the options of the emulator.',
  },
  TOO_MANY_MODULES: {
    meaning: 'The device has as many modules as a device may have.',
    whatToDo: 'Delete modules first.',
  },
  TWIN_PATCH_INVALID: {
    meaning: 'The hub refuses a change of the twin: a name, a value, the depth or the size is not allowed.',
    whatToDo: 'Correct what the message names.',
  },
} as const satisfies ErrorTexts;
