// The connections of the SDK. The other side: src/wasm/host/sockets.ts.
#ifndef SPHERE_IOT_HOST_SOCKETS_H
#define SPHERE_IOT_HOST_SOCKETS_H

#include "host/core.h"

// What happens to a socket waits in TypeScript, in order, until C asks for it with host_socket_next.

typedef struct HOST_SOCKET_REQUEST_TAG
{
    const char* hostname;
    int port;
    const char* trusted_certificates; // PEM; NULL: those that the device's OS trusts
    const char* certificate;          // PEM, or the text of a credential binding; NULL: no client certificate
    const char* private_key;          // the same
    const char* proxy_hostname;       // NULL: no HTTP proxy
    int proxy_port;
    const char* proxy_username;
    const char* proxy_password;
    const char* websocket_path; // NULL: no WebSocket, or the SDK frames it
    const char* websocket_protocol;
} HOST_SOCKET_REQUEST;

enum HOST_SOCKET_EVENT
{
    HOST_SOCKET_NOTHING = 0,      // nothing (more) in this turn
    HOST_SOCKET_OPENED = -1,      // TLS stands
    HOST_SOCKET_OPEN_FAILED = -2, // it will not
    HOST_SOCKET_LOST = -3         // closed by the peer, or broken
};

// Whether the host is to open WebSockets, and not the SDK's wsio over a TLS connection.
HOST_FUNCTION(socket_opens_websockets) extern int host_socket_opens_websockets(void);
// Begins to open a connection, TLS and what the request adds to it; its number, above 0, or 0 if the request can't be used.
HOST_FUNCTION(socket_open) extern int host_socket_open(const HOST_SOCKET_REQUEST* request);
// Begins a turn: host_socket_next goes as far as what had happened by now. 0: nothing has.
HOST_FUNCTION(socket_turn) extern int host_socket_turn(int socket);
// The next thing that happened: a count of bytes that were copied into `buffer`, or one of HOST_SOCKET_….
HOST_FUNCTION(socket_next) extern int host_socket_next(int socket, void* buffer, size_t capacity);
// Queues bytes to be sent; what one turn queues leaves as one. 0, or not 0 if the socket is not open.
HOST_FUNCTION(socket_send) extern int host_socket_send(int socket, const void* bytes, size_t size);
// Sends what is queued, closes, and forgets the number.
HOST_FUNCTION(socket_close) extern void host_socket_close(int socket);

#endif
