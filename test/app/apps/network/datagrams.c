// UDP. The test answers at echo.contoso.com:123, and sends to 5000.
#include "network.h"

static ssize_t Send(int fd, const char* text, struct sockaddr_in to)
{
    return sendto(fd, text, strlen(text), 0, (const struct sockaddr*)&to, sizeof(to));
}

void Datagrams(void)
{
    static char large[65508];
    char buffer[64];
    struct sockaddr_in server = AddressOf("echo.contoso.com", 123);
    struct sockaddr_in from;
    socklen_t size = sizeof(from);
    struct timeval second = {.tv_sec = 1};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK_ERROR(send(fd, "x", 1, 0), EDESTADDRREQ);
    CHECK(Send(fd, "one", server) == 3 && Send(fd, "second", server) == 6);
    CHECK(recvfrom(fd, buffer, sizeof(buffer), 0, (struct sockaddr*)&from, &size) == 3 && memcmp(buffer, "ONE", 3) == 0);
    CHECK(from.sin_addr.s_addr == server.sin_addr.s_addr && from.sin_port == server.sin_port && size == sizeof(from));
    CHECK(PollOne(fd, POLLIN | POLLOUT, -1) != 0);
    CHECK(recv(fd, buffer, 3, MSG_PEEK | MSG_TRUNC) == 6 && recv(fd, buffer, 3, 0) == 3); // the rest is lost
    CHECK(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof(second)) == 0);
    CHECK_ERROR(recv(fd, buffer, sizeof(buffer), 0), EAGAIN);
    CHECK_ERROR(sendto(fd, large, sizeof(large), 0, (struct sockaddr*)&server, sizeof(server)), EMSGSIZE);
    CHECK_ERROR(Send(fd, "x", AddressOf("other.contoso.com", 123)), EACCES);
    CHECK(Send(fd, "x", AddressOf("sink.contoso.com", 123)) == 1); // nobody is there
    CHECK(Send(fd, "dns", Address("127.0.0.1", 53)) == 3); // what else runs on the device
    CHECK(recvfrom(fd, buffer, sizeof(buffer), 0, (struct sockaddr*)&from, &size) == 3 && memcmp(buffer, "DNS", 3) == 0);
    CHECK(from.sin_addr.s_addr == htonl(INADDR_LOOPBACK) && Send(fd, "x", Address("127.0.0.1", 54)) == 1);
    CHECK(Connect(fd, server) == 0 && send(fd, "three", 5, 0) == 5 && recv(fd, buffer, 64, 0) == 5);
    CHECK(getpeername(fd, (struct sockaddr*)&from, &size) == 0 && from.sin_port == server.sin_port);
    CHECK(close(fd) == 0);

    fd = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK(Bind(fd, Address("0.0.0.0", 5000)) == 0);
    Log_Debug("bound\n");
    CHECK(recvfrom(fd, buffer, sizeof(buffer), 0, (struct sockaddr*)&from, &size) == 5);
    CHECK(strcmp(inet_ntoa(from.sin_addr), "192.168.1.3") == 0 && Send(fd, "answer", from) == 6);
    CHECK(Send(fd, "own", Address("127.0.0.1", 5000)) == 3);
    CHECK(recvfrom(fd, buffer, sizeof(buffer), 0, (struct sockaddr*)&from, &size) == 3 && ntohs(from.sin_port) == 5000);
    CHECK(close(fd) == 0);
}
