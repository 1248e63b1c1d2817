/**
 * What C's number stands for. C gives only numbers that it was given, so that none is a defect of this package.
 * @param what Names it in the error.
 */
export function known<T>(value: T | undefined, what: string, number: number): T {
  if (value === undefined)
    throw new Error(`C asked for ${what} ${number}, which there is none of: a defect of sphere-iot.`);
  return value;
}
