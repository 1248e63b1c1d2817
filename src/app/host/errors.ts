/** HOST_ERROR_… of native/host.h. */
export const HostError = {
  access: -1,
  noDevice: -2,
  busy: -3,
  noEntry: -4,
  io: -5,
  noSpace: -6,
  invalid: -7,
  noAnswer: -8,
  timedOut: -9,

  permission: -21,
  exists: -22,
  noData: -23,
  networkDown: -24,
  range: -25,
} as const;
