/**
 * Functions of the C library that a header declares only after `#define _GNU_SOURCE`, and that C takes for something else where
 * they are not declared: those with a 64-bit or a floating-point type. On the device, too, a call of most of them goes wrong then.
 */
const FUNCTIONS: Readonly<Record<string, string>> = {
  'fcntl.h': 'fallocate lockf readahead sync_file_range',
  'math.h':
    'drem dremf exp10 exp10f exp10l finite finitef j0 j0f j1 j1f jn jnf lgamma_r lgammaf_r lgammal_r pow10 pow10f pow10l scalb scalbf ' +
    'significand significandf sincos sincosf sincosl y0 y0f y1 y1f yn ynf',
  'stdlib.h': 'drand48 ecvt erand48 fcvt gcvt strtod_l strtof_l strtold_l',
  'strings.h': 'ffsll',
  'sys/stat.h': 'mknod mknodat',
  'sys/uio.h': 'preadv pwritev',
  'time.h': 'timegm',
};

/** The header that declares such a function; undefined: it is none. */
export function featureHeaderOf(name: string): string | undefined {
  return Object.keys(FUNCTIONS).find((header) => FUNCTIONS[header]?.split(' ').includes(name));
}
