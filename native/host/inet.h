// The sockets of an application. The other side: src/app/host/inet/.
#ifndef SPHERE_IOT_HOST_INET_H
#define SPHERE_IOT_HOST_INET_H

#include "host/core.h"

// Sockets of the app's own, by their numbers from 0. No function waits: where one would it returns HOST_ERROR_AGAIN, and app_wait
// returns once something has changed. Addresses are IPv4, in the order of the machine.
typedef struct HOST_ADDRESS_TAG
{
    uint32_t ip;
    uint32_t port;
} HOST_ADDRESS;
enum HOST_INET_TYPE
{
    HOST_INET_STREAM = 0,
    HOST_INET_DATAGRAM = 1
};
enum HOST_READY
{
    HOST_READY_INPUT = 1,
    HOST_READY_OUTPUT = 2,
    HOST_READY_ERROR = 4,
    HOST_READY_CLOSED = 8
};
// Gives a name an address, by which the host knows it from then on: 0, HOST_ERROR_NO_ENTRY, or HOST_ERROR_AGAIN without a network.
HOST_FUNCTION(inet_look_up) extern int host_inet_look_up(const char* name, uint32_t* ip);
// 1 where a stream to a name and port leads to a server, or where the manifest refuses it. 0 where there is no server; the log says so.
HOST_FUNCTION(inet_leads_somewhere) extern int host_inet_leads_somewhere(const char* name, int port);
// Makes a socket: its number. `type`: HOST_INET_….
HOST_FUNCTION(inet_socket) extern int host_inet_socket(int type);
// Closes it, and forgets the number.
HOST_FUNCTION(inet_close) extern void host_inet_close(int socket);
// HOST_READY_…: what poll would say.
HOST_FUNCTION(inet_ready) extern int host_inet_ready(int socket);
// Begins to connect: HOST_ERROR_IN_PROGRESS. A later call tells the result: 0, or HOST_ERROR_…, once.
HOST_FUNCTION(inet_connect) extern int host_inet_connect(int socket, const HOST_ADDRESS* address);
// 0, or HOST_ERROR_….
HOST_FUNCTION(inet_bind) extern int host_inet_bind(int socket, const HOST_ADDRESS* address);
// 0, or HOST_ERROR_….
HOST_FUNCTION(inet_listen) extern int host_inet_listen(int socket);
// 1 once it listens, else 0.
HOST_FUNCTION(inet_accepting) extern int host_inet_accepting(int socket);
// Accepts the next connection, and fills in its peer: the new socket's number, or HOST_ERROR_….
HOST_FUNCTION(inet_accept) extern int host_inet_accept(int socket, HOST_ADDRESS* from);
// The count of bytes that the host took, or HOST_ERROR_…; `to` may be NULL.
HOST_FUNCTION(inet_send)
extern int host_inet_send(int socket, const void* bytes, size_t size, const HOST_ADDRESS* to);
// Copies what has come, and forgets it unless `peek` is set. The count of bytes (of a datagram its whole length), 0 at the end of a
// stream, or HOST_ERROR_….
HOST_FUNCTION(inet_receive)
extern int host_inet_receive(int socket, void* buffer, size_t size, int peek, HOST_ADDRESS* from);
// Ends one direction or both: 0, or HOST_ERROR_….
HOST_FUNCTION(inet_shutdown) extern int host_inet_shutdown(int socket, int reading, int writing);
// Fills in the address of this end, or of the peer: 0, or HOST_ERROR_NOT_CONNECTED.
HOST_FUNCTION(inet_address) extern int host_inet_address(int socket, int peer, HOST_ADDRESS* address);
// The error that waits, which is forgotten; 0: there is none.
HOST_FUNCTION(inet_take_error) extern int host_inet_take_error(int socket);

#endif
