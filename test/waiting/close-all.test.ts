import { closeAll, SphereIotError } from '../../src/index.js';

let closed: string[];

beforeEach(() => (closed = []));

function closing(name: string, failure?: Error) {
  return {
    close: async () => {
      await Promise.resolve();
      closed.push(name);
      if (failure !== undefined) throw failure;
    },
  };
}

test('closes each in the order given, and waits for it', async () => {
  await closeAll(closing('app'), undefined, { close: () => void closed.push('device') }, closing('cloud'));
  expect(closed).toEqual(['app', 'device', 'cloud']);
});

test('one that throws keeps none of the others from being closed', async () => {
  const why = new Error('no');
  await expect(closeAll(closing('app', why), closing('cloud'))).rejects.toBe(why);
  expect(closed).toEqual(['app', 'cloud']);
});

test.each([[[closing('app')]], [Promise.resolve(closing('app'))], [() => undefined], [null], ['app'], [{}]])(
  'what can not be closed is refused, and the others are closed: %p',
  async (none) => {
    await expect(closeAll(none as never, closing('cloud'))).rejects.toMatchObject({
      code: 'ARGUMENT_INVALID',
      message: expect.stringContaining('closeAll(app, cloud)'),
    });
    expect(closed).toEqual(['cloud']);
  },
);

test('tells of all that threw, also where they threw at once', async () => {
  const [first, second] = [new SphereIotError('WAIT_FORGOTTEN', 'tea'), new Error('milk')];
  const app = {
    close: () => {
      throw first;
    },
  };
  await expect(closeAll(app, closing('cloud', second))).rejects.toMatchObject({
    code: 'WAIT_FORGOTTEN',
    message: 'tea\nmilk',
    cause: { errors: [first, second] },
  });
});

test('tells of several with a code of its own, where the first is no error of sphere-iot', async () => {
  const errors = [Object.assign(new Error('tea'), { code: 'COLD' }), new SphereIotError('WAIT_FORGOTTEN', 'milk')];
  await expect(closeAll(...errors.map((error) => closing(error.message, error)))).rejects.toMatchObject({
    code: 'CLOSE_FAILED',
    message: 'tea\nmilk',
    cause: { errors },
  });
});
