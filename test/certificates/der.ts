/** The DER that certificates are made of. */
export const DER = {
  sequence: (...parts: Buffer[]) => tagged(0x30, ...parts),
  set: (...parts: Buffer[]) => tagged(0x31, ...parts),
  /** @param number Big-endian, not negative. */
  integer: (number: Buffer) => tagged(2, (number[0] as number) < 0x80 ? number : Buffer.concat([Buffer.of(0), number])),
  /** @param hex Of its content. */
  oid: (hex: string) => tagged(6, Buffer.from(hex, 'hex')),
  bits: (bytes: Buffer) => tagged(3, Buffer.of(0), bytes),
  utf8: (text: string) => tagged(12, Buffer.from(text)),
  /** @param utc As `YYMMDDhhmmssZ`. */
  time: (utc: string) => tagged(0x17, Buffer.from(utc)),
  choice: (number: number, content: Buffer) => tagged(0xa0 + number, content),
};

function tagged(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const long = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...long), content]);
}
