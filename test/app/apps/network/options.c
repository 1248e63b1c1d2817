#include "network.h"

static int Get(int fd, int level, int name)
{
    int value = -1;
    socklen_t size = sizeof(value);
    return getsockopt(fd, level, name, &value, &size) == 0 ? value : -1;
}

static int Set(int fd, int level, int name, int value)
{
    return setsockopt(fd, level, name, &value, sizeof(value));
}

static void Switch(int fd, int level, int name)
{
    CHECK(Get(fd, level, name) == 0);
    CHECK(Set(fd, level, name, 1) == 0 && Get(fd, level, name) == 1);
    CHECK(Set(fd, level, name, 0) == 0 && Get(fd, level, name) == 0);
}

void Options(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int udp = socket(AF_INET, SOCK_DGRAM, 0);
    char one = 1;
    socklen_t size = sizeof(int);
    Switch(fd, SOL_SOCKET, SO_REUSEADDR);
    Switch(fd, SOL_SOCKET, SO_KEEPALIVE);
    Switch(fd, IPPROTO_TCP, TCP_NODELAY);
    Switch(udp, SOL_SOCKET, SO_BROADCAST);
    CHECK(Set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 60) == 0 && Set(fd, IPPROTO_TCP, TCP_KEEPCNT, 3) == 0);
    CHECK(Set(fd, SOL_SOCKET, SO_SNDBUF, 4096) == 0 && Get(fd, SOL_SOCKET, SO_SNDBUF) == 65536);
    CHECK(setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger)) == 0);
    CHECK(Get(fd, SOL_SOCKET, SO_TYPE) == SOCK_STREAM && Get(udp, SOL_SOCKET, SO_TYPE) == SOCK_DGRAM);
    CHECK(Get(fd, SOL_SOCKET, SO_DOMAIN) == AF_INET && Get(fd, SOL_SOCKET, SO_ACCEPTCONN) == 0);
    CHECK_ERROR(Set(fd, SOL_SOCKET, SO_TYPE, 1), ENOPROTOOPT);
    CHECK_ERROR(Set(fd, 99, 1, 1), ENOPROTOOPT);
    CHECK_ERROR(Get(fd, 99, 1), ENOPROTOOPT);
    CHECK_ERROR(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, 1), EINVAL);
    CHECK_ERROR(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, NULL, size), EFAULT);
    CHECK_ERROR(getsockopt(fd, SOL_SOCKET, SO_ERROR, NULL, &size), EFAULT);
    CHECK_ERROR(Set(STDOUT_FILENO, SOL_SOCKET, SO_REUSEADDR, 1), ENOTSOCK);
    CHECK_ERROR(Set(77, SOL_SOCKET, SO_REUSEADDR, 1), EBADF);
    CHECK(close(fd) == 0 && close(udp) == 0);
}
