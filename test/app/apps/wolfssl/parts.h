// What the parts share.
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <applibs/storage.h>
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>
#include <wolfssl/error-ssl.h>

#include "../check.h"

void Trust(void);
void Refused(void);
void ClientCertificate(void);
void DeviceCertificate(void);
void RenewedCertificate(void);
void Sessions(void);
void Nonblocking(void);
void Spinning(void);
void Large(void);
void Endings(void);
void OwnInput(void);
void Timeouts(void);
void Certificates(void);
void DeviceId(void);
void Crypto(void);

// A socket that is connected, or about to be where it does not block.
int ConnectTo(const char* name, int flags);
// A context that trusts a file of the image package; NULL: nobody.
WOLFSSL_CTX* ContextFor(WOLFSSL_METHOD* method, const char* root);
// A session on a socket of its own, for a server whose certificate has to carry its name.
WOLFSSL* SessionTo(WOLFSSL_CTX* ctx, const char* name);
// What the server answers to a line; the text is the function's.
const char* Answer(WOLFSSL* ssl, const char* line);
// Frees a session, and closes its socket.
void End(WOLFSSL* ssl);
// The path of a file of the image package, on the heap.
char* PathOf(const char* file);
