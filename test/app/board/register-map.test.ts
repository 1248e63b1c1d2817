import { RegisterMap } from '../../../src/app/index.js';

const CONTROL = 0x12;
const STATUS = 0x27;
const RESET = 0x01;

test('registers are written and read one after the other, and from the last to the first', () => {
  const map = new RegisterMap({ 0xff: 1 });
  map.write(Buffer.from([0xff]));
  expect([...map.read(2)]).toEqual([1, 0]);
  map.write(Buffer.from([0xfe, 7, 8, 9]));
  expect([map.registers[0xfe], map.registers[0xff], map.registers[0]]).toEqual([7, 8, 9]);
  map.write(Buffer.alloc(0));
  expect([...map.read(1)]).toEqual([9]);
});

test('bits that clear themselves when they are written, and what else a write does', () => {
  const map: RegisterMap = new RegisterMap(
    { 0x20: 5 },
    {
      onWrite: (register, value) => {
        if (register !== CONTROL) return undefined;
        if ((value & RESET) !== 0) map.registers[0x20] = 0;
        return value & ~RESET;
      },
    },
  );
  map.write(Buffer.from([CONTROL, 0x84 | RESET, 0x33]));
  map.write(Buffer.from([CONTROL]));
  expect([...map.read(2)]).toEqual([0x84, 0x33]);
  expect(map.registers[0x20]).toBe(0);
});

test('flags that reading clears', () => {
  const map = new RegisterMap(
    { [STATUS]: 0x03, [STATUS + 1]: 9 },
    { onRead: (register) => (register === STATUS ? 0 : undefined) },
  );
  for (const values of [
    [0x03, 9],
    [0, 9],
  ]) {
    map.write(Buffer.from([STATUS]));
    expect([...map.read(2)]).toEqual(values);
  }
});
