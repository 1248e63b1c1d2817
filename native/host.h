// Everything that the C side asks of TypeScript, one header a section. `npm run abi` writes the other side's types, numbers and
// layouts from them, src/wasm/generated/, one file a section.
//
// None of these functions calls back into C, only host_app_wait blocks, and none of them keeps a pointer it was given:
// strings and bytes are copied before it returns. Strings are UTF-8 with a NUL at the end; NULL means "not given".
#ifndef SPHERE_IOT_HOST_H
#define SPHERE_IOT_HOST_H

#include "host/core.h"
#include "host/sockets.h"

// For applications. The synchronous module uses none of these.
#include "host/app.h"
#include "host/ciphers.h"
#include "host/errors.h"
#include "host/files.h"
#include "host/inet.h"
#include "host/network.h"
#include "host/peripherals.h"
#include "host/system.h"
#include "host/tls.h"
#include "host/wifi.h"

#endif
