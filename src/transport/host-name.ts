const HOST_NAME = /^[\w.:-]{1,253}$/;

/** Whether it is in the form of a host name, or of an address: nothing in it means anything else to a terminal, to C or in a URL. */
export function isHostName(name: string): boolean {
  return HOST_NAME.test(name);
}
