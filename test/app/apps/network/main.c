// The sockets and the HTTP client of apps, against what POSIX and curl say of them. The argument names the part to run.
#include "network.h"

int failures = 0;

static const PART parts[] = {
    {"streams", Streams},   {"nonblocking", Nonblocking}, {"large", Large},         {"refusals", Refusals},
    {"timeouts", Timeouts}, {"broken-pipe", BrokenPipe},  {"killed", Killed},       {"offline", Offline},
    {"interfaces", InterfaceList}, {"names", Names},       {"options", Options},         {"server", Server},       {"event-loop", EventLoopServer},
    {"loopback", Loopback}, {"binding", Binding},         {"datagrams", Datagrams}, {"interrupted", Interrupted},
    {"full", Full},         
};

int main(int argc, char* argv[])
{
    CHECK(argc >= 2);
    return RUN_PART(parts, argv[1]);
}

struct sockaddr_in Address(const char* ip, int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};
    CHECK(inet_pton(AF_INET, ip, &address.sin_addr) == 1);
    return address;
}

struct sockaddr_in AddressOf(const char* name, int port)
{
    const struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
    struct sockaddr_in address = {0};
    struct addrinfo* found = NULL;
    char service[6];
    (void)snprintf(service, sizeof(service), "%d", port);
    CHECK(getaddrinfo(name, service, &hints, &found) == 0);
    CHECK(found != NULL && found->ai_addrlen == sizeof(address));
    (void)memcpy(&address, found->ai_addr, sizeof(address));
    freeaddrinfo(found);
    return address;
}

int Connect(int fd, struct sockaddr_in address)
{
    return connect(fd, (const struct sockaddr*)&address, sizeof(address));
}

int Bind(int fd, struct sockaddr_in address)
{
    return bind(fd, (const struct sockaddr*)&address, sizeof(address));
}

int ErrorOf(int fd)
{
    int error = -1;
    socklen_t size = sizeof(error);
    CHECK(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && size == sizeof(error));
    return error;
}

int PollOne(int fd, short events, int timeout)
{
    struct pollfd one = {.fd = fd, .events = events};
    return poll(&one, 1, timeout) == 1 ? one.revents : 0;
}

long Milliseconds(void)
{
    struct timespec now;
    CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
