// TCP, from the server's side. The test connects to 8080.
#include <applibs/eventloop.h>

#include "network.h"

static int Listen(int port, int flags)
{
    int fd = socket(AF_INET, SOCK_STREAM | flags, 0);
    CHECK(fd >= 0 && Bind(fd, Address("0.0.0.0", port)) == 0 && listen(fd, 5) == 0);
    return fd;
}

void Server(void)
{
    char buffer[32];
    struct sockaddr_in from;
    struct sockaddr_in own;
    socklen_t size = sizeof(from);
    int listener = Listen(8080, 0);
    int value = 0;
    int fd;
    size = sizeof(value);
    CHECK(getsockopt(listener, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) == 0 && value == 1);
    CHECK_ERROR(read(listener, buffer, 1), ENOTCONN);
    CHECK_ERROR(accept4(listener, NULL, NULL, 1), EINVAL);
    Log_Debug("listening\n");
    size = sizeof(from);
    fd = accept(listener, (struct sockaddr*)&from, &size);
    CHECK(fd >= 0 && size == sizeof(from) && strcmp(inet_ntoa(from.sin_addr), "192.168.1.3") == 0);
    CHECK(getsockname(fd, (struct sockaddr*)&own, &size) == 0 && ntohs(own.sin_port) == 8080);
    CHECK(recv(fd, buffer, sizeof(buffer), 0) == 4 && memcmp(buffer, "ping", 4) == 0);
    CHECK(write(fd, "pong", 4) == 4);
    CHECK(recv(fd, buffer, sizeof(buffer), 0) == 0); // the test has ended its side
    CHECK(PollOne(fd, POLLIN, 0) == POLLIN);
    CHECK(write(fd, "bye", 3) == 3 && close(fd) == 0);

    CHECK(PollOne(listener, POLLIN, -1) == POLLIN); // a second one
    CHECK(fcntl(listener, F_SETFL, O_NONBLOCK) == 0);
    fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    CHECK(fd >= 0);
    CHECK_ERROR(accept(listener, NULL, NULL), EAGAIN);
    CHECK_ERROR(read(fd, buffer, 1), EAGAIN);
    CHECK(close(listener) == 0 && close(fd) == 0);
}

static int listener;
static EventLoop* loop;
static EventRegistration* registrations[2];

static void OnData(EventLoop* el, int fd, EventLoop_IoEvents events, void* context)
{
    char buffer[64];
    ssize_t count = read(fd, buffer, sizeof(buffer) - 1);
    (void)context;
    CHECK((events & EventLoop_Input) != 0);
    if (count > 0)
    {
        buffer[count] = '\0';
        Log_Debug("got %s\n", buffer);
        CHECK(write(fd, buffer, (size_t)count) == count);
        return;
    }
    CHECK(count == 0 && EventLoop_UnregisterIo(el, registrations[1]) == 0 && close(fd) == 0 && EventLoop_Stop(el) == 0);
}

static void OnConnection(EventLoop* el, int fd, EventLoop_IoEvents events, void* context)
{
    int connection = accept(fd, NULL, NULL);
    (void)events;
    (void)context;
    CHECK(connection >= 0);
    registrations[1] = EventLoop_RegisterIo(el, connection, EventLoop_Input, OnData, NULL);
    CHECK(registrations[1] != NULL);
}

void EventLoopServer(void)
{
    listener = Listen(8080, SOCK_NONBLOCK);
    loop = EventLoop_Create();
    registrations[0] = EventLoop_RegisterIo(loop, listener, EventLoop_Input, OnConnection, NULL);
    CHECK(registrations[0] != NULL);
    Log_Debug("listening\n");
    CHECK(EventLoop_Run(loop, -1, false) == EventLoop_Run_Finished);
    CHECK(EventLoop_UnregisterIo(loop, registrations[0]) == 0);
    EventLoop_Close(loop);
    CHECK(close(listener) == 0);
}

void Loopback(void)
{
    char buffer[8];
    int server = Listen(8080, SOCK_NONBLOCK);
    int client = socket(AF_INET, SOCK_STREAM, 0);
    int fd;
    CHECK_ERROR(accept(server, NULL, NULL), EAGAIN);
    CHECK(Connect(client, AddressOf("localhost", 8080)) == 0);
    fd = accept(server, NULL, NULL);
    CHECK(fd >= 0 && write(client, "there", 5) == 5);
    CHECK(recv(fd, buffer, 5, MSG_WAITALL) == 5 && write(fd, "back", 4) == 4 && close(fd) == 0);
    CHECK(recv(client, buffer, 8, MSG_WAITALL) == 4 && close(client) == 0);
    client = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(Connect(client, Address("192.168.1.2", 8080)) == 0 && close(client) == 0);
    CHECK(close(server) == 0); // with a connection that nobody accepted
}

void Binding(void)
{
    struct sockaddr_in own;
    socklen_t size = sizeof(own);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int other = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_ERROR(Bind(fd, Address("0.0.0.0", 80)), EACCES);
    CHECK_ERROR(bind(fd, NULL, 0), EFAULT);
    CHECK(Bind(fd, Address("0.0.0.0", 8080)) == 0);
    CHECK_ERROR(Bind(fd, Address("0.0.0.0", 8081)), EINVAL);
    CHECK_ERROR(Bind(other, Address("0.0.0.0", 8080)), EADDRINUSE);
    CHECK(close(fd) == 0 && Bind(other, Address("0.0.0.0", 8080)) == 0 && close(other) == 0);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(getsockname(fd, (struct sockaddr*)&own, &size) == 0 && own.sin_port == 0);
    CHECK(Bind(fd, Address("0.0.0.0", 0)) == 0);
    CHECK(getsockname(fd, (struct sockaddr*)&own, &size) == 0 && ntohs(own.sin_port) >= 49152 && close(fd) == 0);
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK_ERROR(Bind(fd, Address("0.0.0.0", 8080)), EACCES); // TCP's, not UDP's
    CHECK_ERROR(listen(fd, 1), EOPNOTSUPP);
    CHECK_ERROR(accept(fd, NULL, NULL), EOPNOTSUPP);
    CHECK(Bind(fd, Address("0.0.0.0", 5000)) == 0 && close(fd) == 0);
}
