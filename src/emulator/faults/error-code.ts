/** For example 429001: Azure's codes begin with the status. */
export function errorCodeOf(status: number): number {
  return status * 1000 + (status === 429 ? 1 : 0);
}
