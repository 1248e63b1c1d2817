// What the x509 adapter and the overrides share: how a credential binding (host.h) is written and found.
#ifndef SPHERE_IOT_CREDENTIAL_BINDING_H
#define SPHERE_IOT_CREDENTIAL_BINDING_H

// What stands in the place of a PEM certificate and of a PEM key. src/wasm/host/credentials.ts reads it.
#define CREDENTIAL_BINDING_FORMAT "sphere-iot-credential:%d"
#define CREDENTIAL_BINDING_TEXT_SIZE 40
// A registration id has 128 characters at most, and so has the common name that becomes one.
#define CREDENTIAL_COMMON_NAME_SIZE 129

// The binding that was made last, and forgets it; 0 if none was made since the last call.
int credential_binding_last_made(void);

#endif
