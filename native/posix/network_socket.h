// Sockets of the network, as the host knows them.
#ifndef SPHERE_IOT_NETWORK_SOCKET_H
#define SPHERE_IOT_NETWORK_SOCKET_H

// The host's number of a socket, for inet_…; -1 with EBADF, ENOTSOCK, EOPNOTSUPP.
int network_socket_number(int fd);

#endif
