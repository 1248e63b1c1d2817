// A session's bytes between the host and the app's socket. The functions that return bool set the session's error and return
// false where they fail, or would have to wait on a descriptor that does not.
#ifndef SPHERE_IOT_WOLFSSL_TRANSFER_H
#define SPHERE_IOT_WOLFSSL_TRANSFER_H

#include <stdbool.h>

#include "objects.h"

// Waits until the host has done all that there is to do.
void settle(WOLFSSL* ssl);
// Sends all that the host has for the peer.
bool send_waiting(WOLFSSL* ssl);
// Receives a record, or the rest of one, and has the host look at it.
bool receive_record(WOLFSSL* ssl);
// wolfSSL's own way of input: from the descriptor at `context`. The count of bytes, or WOLFSSL_CBIO_ERR_….
int receive_from_socket(WOLFSSL* ssl, char* buffer, int size, void* context);
// The same for output.
int send_to_socket(WOLFSSL* ssl, char* buffer, int size, void* context);

#endif
