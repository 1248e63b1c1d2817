// What the parts share.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "../check.h"

void Streams(void);
void Nonblocking(void);
void Large(void);
void Full(void);
void Refusals(void);
void Timeouts(void);
void BrokenPipe(void);
void Killed(void);
void Offline(void);
void Interrupted(void);
void Names(void);
void InterfaceList(void);
void Options(void);
void Server(void);
void EventLoopServer(void);
void Loopback(void);
void Binding(void);
void Datagrams(void);

struct sockaddr_in Address(const char* ip, int port);
struct sockaddr_in AddressOf(const char* name, int port);
int Connect(int fd, struct sockaddr_in address);
int Bind(int fd, struct sockaddr_in address);
// SO_ERROR.
int ErrorOf(int fd);
// What poll says of one descriptor.
int PollOne(int fd, short events, int timeout);
long Milliseconds(void);
