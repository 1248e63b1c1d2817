// Credential bindings (host.h): how one is made, what C says in its place, and how the handle that it was made for finds it.
#ifndef SPHERE_IOT_CREDENTIAL_BINDING_H
#define SPHERE_IOT_CREDENTIAL_BINDING_H

// A registration id has 128 characters at most, and so has the common name that becomes one.
#define CREDENTIAL_COMMON_NAME_SIZE 129

// What stands in the place of a PEM certificate and of a PEM key. src/wasm/host/credentials.ts reads it.
#define CREDENTIAL_BINDING_FORMAT "sphere-iot-credential:%d"
#define CREDENTIAL_BINDING_TEXT_SIZE 40

// Makes a binding; its number, above 0. host_credential_release ends it.
int credential_binding_make(void);
// Takes the number of the binding that was made last: the SDK's Create functions, which make one each, do not tell it. 0 if none was made
// since it was taken.
int credential_binding_take_last(void);

#endif
