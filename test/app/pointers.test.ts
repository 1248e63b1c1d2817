// An app gives the device's functions pointers to where no memory is, or lengths of more than there is: it crashes, as where it uses them itself.

import { RegisterMap } from '../../src/app/index.js';
import { useApp, useBuiltApp } from './harness.js';

const built = useBuiltApp('apps/pointers');

const suite = useApp(built);

/** A device that remembers for how many bytes it was asked. */
class Asked extends RegisterMap {
  readonly sizes: number[] = [];
  override read(size: number): Uint8Array {
    this.sizes.push(size);
    return new Uint8Array(0);
  }
}

describe.each([
  ['in this thread', false],
  ['isolated', true],
])('%s', (_, isolate) => {
  test.each(
    ['read', 'write', 'send', 'connect'].flatMap((call) =>
      ['fffffff0', '7ffffff0', '80000000'].map((place) => [call, place]),
    ),
  )('%s with %s', async (call, place) => {
    const app = await suite.launch(`${call} ${place}`, { isolate });
    await expect(app.exitCode).rejects.toMatchObject({
      code: 'APP_CRASHED',
      message: expect.stringContaining('memory access out of bounds'),
    });
    expect(app.lines).not.toContain('still there');
  });

  test.each(['read-i2c', 'write-i2c', 'read-spi'].flatMap((call) => ['7fffffff', 'fffffff0'].map((n) => [call, n])))(
    '%s of %s bytes, which the device is not asked for',
    async (call, size) => {
      const device = new Asked();
      const peripherals = { i2c: { 2: { 0x38: device } }, spi: { 1: device } };
      const app = await suite.launch(`${call} ${size}`, { isolate, peripherals });
      await expect(app.exitCode).rejects.toMatchObject({
        code: 'APP_CRASHED',
        message: expect.stringContaining('memory access out of bounds'),
      });
      expect(device.sizes).toEqual([]);
    },
  );

  test.each(['circles', 'sizes'])('%s that can not be are refused', async (part) => {
    const app = await suite.launch(part, { isolate });
    await app.exitCode;
    expect(app.lines).toEqual(['done', 'still there']);
  });

  test('functions that call each other for ever', async () => {
    const app = await suite.launch('recursion', { isolate });
    await expect(app.exitCode).rejects.toMatchObject({
      code: 'APP_CRASHED',
      message: expect.stringMatching(/^The app crashed, in .*Deep.*Its stack overflowed/),
    });
  });
});
