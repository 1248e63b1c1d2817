import type { ErrorTexts } from './error-text.js';

export const APPS = {
  APP_BUILD_FAILED: {
    meaning: "The app can't be built.",
    whatToDo: 'Read the output of cmake and the compiler in the message, and see docs/app-does-not-build.md.',
  },
  APP_BUILD_LOCKED: {
    meaning: 'Another process builds this app.',
    whatToDo: 'Wait for it. If no process builds the app, delete the file that the message names.',
  },
  APP_CLOSED: {
    meaning: 'A test closed the app while something waited for it, or used it after its close.',
    whatToDo: 'Await what the app is to do before you close it.',
  },
  APP_CRASHED: {
    meaning: 'The app crashed.',
    whatToDo: 'Read the function and the last lines of the log in the message. A debug build has file and line.',
  },
  APP_ENDED: {
    meaning: "The app has ended, and can't do what was waited for.",
    whatToDo: 'Read the exit code and the last lines of the log in the message.',
  },
  APP_NOT_BUILT: {
    meaning: 'The folder does not hold an app that was built.',
    whatToDo: 'Build the app, and name the folder that the build made.',
  },
  APP_NOT_FOUND: {
    meaning: 'The folder has no `CMakeLists.txt` or no `app_manifest.json`.',
    whatToDo: 'Name the folder of a high-level Sphere app.',
  },
  APP_UNRESPONSIVE: {
    meaning: 'The app is in a loop that waits for nothing.',
    whatToDo: 'Find the loop that the message names. Have it wait for events.',
  },
  BUS_INVALID: {
    meaning: "A device, an address or a fault can't be put on the I2C or SPI bus.",
    whatToDo: 'Give what the message names.',
  },
  HEAP_LIMIT_INVALID: {
    meaning: '`heapLimit` is no whole number of bytes above 0.',
    whatToDo: 'Give one, for example `256 * 1024`.',
  },
  MANIFEST_INVALID: {
    meaning: '`app_manifest.json` is not one that a device takes.',
    whatToDo: 'Correct the faults that the message lists.',
  },
  MUTABLE_FILE_NOT_REGULAR: {
    meaning: 'What is in the place of the mutable file is no regular file.',
    whatToDo: 'Move it away, or name another folder as storage.',
  },
  MUTABLE_FILE_TOO_LARGE: {
    meaning: 'What is in the place of the mutable file is larger than an app can have made it.',
    whatToDo: 'Move it away, or name another folder as storage.',
  },
  NO_DEVICE: {
    meaning: 'The app has no device: it was launched without one, or its manifest has no DeviceAuthentication.',
    whatToDo: 'Give `launch` a catalog or a device, or add DeviceAuthentication to the manifest.',
  },
  PERIPHERAL_UNKNOWN: {
    meaning: 'The device, the hardware definition or the manifest has no peripheral or network interface of this name.',
    whatToDo: 'Use a name that is there, or add it to the manifest.',
  },
  PIN_IS_OUTPUT: {
    meaning: 'A test sets a pin that the app opened as an output.',
    whatToDo: 'Let the app set the pin, or set another one.',
  },
  PIN_VALUE_INVALID: {
    meaning: 'The value for a pin is not 0 or 1.',
    whatToDo: 'Give 0 (low) or 1 (high).',
  },
  PORT_CLOSED: {
    meaning: 'The app does not listen on the port, or the device has no network.',
    whatToDo: 'Wait until the app listens, and give its port.',
  },
  POWER_FAILED: {
    meaning: 'The power failed during a write to the mutable file, as the test asked for.',
    whatToDo: 'Launch the app again, to see what it makes of the file.',
  },
  POWER_FAILURE_EXISTS: {
    meaning: 'The power is to fail during a write already. It fails once in each run.',
    whatToDo: 'Ask for one failure in each run.',
  },
  POWER_FAILURE_INVALID: {
    meaning: "The failure of the power has an option that can't be.",
    whatToDo: 'Correct what the message names.',
  },
  SIGNAL_INVALID: {
    meaning: 'The name is no signal that the app can get.',
    whatToDo: 'Use a signal that the message lists.',
  },
  TOOLS_MISSING: {
    meaning: "A tool that builds apps is not there or can't be run.",
    whatToDo:
      'Install emcc, cmake and ninja (on Debian with `apt-get install emscripten cmake ninja-build`). In a clone of the project, run `npm run setup`.',
  },
  UPDATE_UNDER_WAY: {
    meaning: 'There is an update that has not been installed yet.',
    whatToDo: 'Wait for its end before you begin another one.',
  },
  VOLTAGE_INVALID: {
    meaning: 'The channel of a converter or its voltage is not a number that can be, or its function gave none.',
    whatToDo: 'Give a channel from 0 on, and a number of volts.',
  },
  WIFI_INVALID: {
    meaning: "A Wi-Fi network has a value that can't be.",
    whatToDo: 'Correct what the message names.',
  },
} as const satisfies ErrorTexts;
