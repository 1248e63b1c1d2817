/** From now on, what leaves the event loop; the function that ends it gives what came. jest keeps uncaught exceptions to itself. */
export function uncaught(): () => unknown[] {
  const errors: unknown[] = [];
  const immediate = setImmediate;
  const spy = jest.spyOn(globalThis, 'setImmediate').mockImplementation(((run: () => void) =>
    immediate(() => {
      try {
        run();
      } catch (error) {
        errors.push(error);
      }
    })) as never);
  return () => {
    spy.mockRestore();
    return errors;
  };
}
