/** What two recordings of the same behaviour may differ in. Applied to the text of every entry. */
export interface WireMask {
  readonly name: string;
  /** Why it says nothing about the behaviour. */
  readonly why: string;
  /** Every match is replaced. Global. */
  readonly pattern: RegExp;
  readonly replacement: string;
}

/** Those that are always applied, unless `toMatchWire` is given others in their place. */
export const WIRE_MASKS: readonly WireMask[] = [
  {
    name: 'packet ids',
    why: 'a packet id only ties an acknowledgement to its packet; which numbers are used is free',
    pattern: /"packetId":\d+/g,
    replacement: '"packetId":0',
  },
  {
    name: 'request ids',
    why: '$rid ties an answer to its request; clients count, or draw them at random',
    pattern: /\$rid=[^&"\\/]+/g,
    replacement: '$rid=*',
  },
  {
    name: 'operation ids',
    why: 'DPS makes a new one for each registration',
    pattern: /(operationId\\?["']?[=:]\\?["']?)[\w.-]+/g,
    replacement: '$1*',
  },
  {
    name: 'correlation ids',
    why: 'a hub makes a new one for each file upload',
    pattern: /(correlationId\\?["']?[=:]\\?["']?)[\w%+/=-]{60,}/gi,
    replacement: '$1*',
  },
  {
    name: 'tracking ids',
    why: 'a hub makes a new one for each refusal',
    pattern: /(trackingId\\?["']?[=:]\\?["']?)[0-9a-f]{32}/gi,
    replacement: '$1*',
  },
  {
    name: 'UUIDs',
    why: 'ids that the services draw at random: of messages, of errors',
    pattern: /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi,
    replacement: '(uuid)',
  },
  {
    name: 'times',
    why: 'when something happened is no part of what happened',
    pattern: /\d{4}-\d\d-\d\dT\d\d(:|%3[aA]|%253[aA])\d\d(:|%3[aA]|%253[aA])\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?/g,
    replacement: '(time)',
  },
  {
    name: 'etags',
    why: 'the services make them up',
    pattern: /(\\"(?:deviceEtag|etag)\\":\\")[^"\\]*/g,
    replacement: '$1*',
  },
  {
    name: 'lengths of passwords',
    why: 'a SAS token is shorter or longer with the characters of its signature that are escaped',
    pattern: /\(password, \d+ bytes\)/g,
    replacement: '(password)',
  },
  {
    name: 'platform',
    why: 'the SDK names the operating system and the processor that it runs on, and DPS clients their compiler',
    pattern: /((?:DeviceClientType|ClientVersion)=)[^&"]*/g,
    replacement: '$1*',
  },
];
