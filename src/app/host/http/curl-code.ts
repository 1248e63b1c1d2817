/** Those CURLcodes of native/include/curl/curl.h that a transfer ends with. */
export const CurlCode = {
  unsupportedProtocol: 1,
  urlMalformed: 3,
  couldNotResolveHost: 6,
  couldNotConnect: 7,
  weirdReply: 8,
  partialFile: 18,
  tlsFailed: 35,
  badArgument: 43,
  tooManyRedirects: 47,
  gotNothing: 52,
  receiveFailed: 56,
  certificateProblem: 58,
  notTrusted: 60,
  badEncoding: 61,
  badCaFile: 77,
} as const;

/** What makes a transfer fail. */
export class TransferError extends Error {
  constructor(
    readonly curlCode: number,
    message: string,
  ) {
    super(message);
  }
}

const CODES: Readonly<Record<string, number>> = {
  CONNECTION_NOT_ALLOWED: CurlCode.couldNotConnect,
  ENDPOINT_NOT_MAPPED: CurlCode.couldNotResolveHost,
  ENOTFOUND: CurlCode.couldNotResolveHost,
  EAI_AGAIN: CurlCode.couldNotResolveHost,
  ECONNREFUSED: CurlCode.couldNotConnect,
  EHOSTUNREACH: CurlCode.couldNotConnect,
  ENETUNREACH: CurlCode.couldNotConnect,
  ETIMEDOUT: CurlCode.couldNotConnect,
  SERVER_NOT_TRUSTED: CurlCode.notTrusted,
  SERVER_NAME_MISMATCH: CurlCode.notTrusted,
  PROXY_UNAUTHORIZED: CurlCode.receiveFailed,
  PROXY_REFUSED: CurlCode.receiveFailed,
  ECONNRESET: CurlCode.gotNothing,
  EPIPE: CurlCode.gotNothing,
  ERR_INVALID_CHAR: CurlCode.badArgument,
  ERR_INVALID_HTTP_TOKEN: CurlCode.badArgument,
  ERR_UNESCAPED_CHARACTERS: CurlCode.urlMalformed,
};

/** What curl calls an error of Node's or of ours. */
export function curlCodeOf(error: unknown, otherwise: number): number {
  if (error instanceof TransferError) return error.curlCode;
  const code = String((error as { code?: unknown }).code);
  if (code.startsWith('HPE_')) return CurlCode.weirdReply;
  return CODES[code] ?? otherwise;
}
