// TCP, from the client's side. The test echoes at echo.contoso.com:7, and reads slowly what comes to sink.contoso.com:9.
#include "network.h"

static int Open(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(fd >= 3);
    return fd;
}

void Streams(void)
{
    char buffer[32] = "";
    struct sockaddr_in peer;
    struct sockaddr_in own;
    socklen_t size = sizeof(peer);
    int fd = Open();
    CHECK_ERROR(recv(fd, buffer, 1, 0), ENOTCONN);
    CHECK_ERROR(send(fd, "x", 1, 0), ENOTCONN);
    CHECK_ERROR(getpeername(fd, (struct sockaddr*)&peer, &size), ENOTCONN);
    CHECK_ERROR(shutdown(fd, SHUT_RDWR), ENOTCONN);
    CHECK_ERROR(accept(fd, NULL, NULL), EINVAL);
    CHECK(Connect(fd, AddressOf("echo.contoso.com", 7)) == 0);
    CHECK_ERROR(Connect(fd, AddressOf("echo.contoso.com", 7)), EISCONN);
    CHECK_ERROR(listen(fd, 1), EINVAL);
    CHECK(getpeername(fd, (struct sockaddr*)&peer, &size) == 0 && size == sizeof(peer));
    CHECK(ntohs(peer.sin_port) == 7 && strcmp(inet_ntoa(peer.sin_addr), "198.18.0.1") == 0);
    CHECK(getsockname(fd, (struct sockaddr*)&own, &size) == 0 && strcmp(inet_ntoa(own.sin_addr), "192.168.1.2") == 0);
    CHECK(ntohs(own.sin_port) >= 49152);
    CHECK(ErrorOf(fd) == 0);

    CHECK(write(fd, "hello", 5) == 5);
    CHECK(read(fd, buffer, 2) == 2 && memcmp(buffer, "he", 2) == 0);
    CHECK(recv(fd, buffer, sizeof(buffer), MSG_PEEK) == 3 && recv(fd, buffer, sizeof(buffer), 0) == 3);
    CHECK(memcmp(buffer, "llo", 3) == 0);
    CHECK(send(fd, "one ", 4, 0) == 4 && send(fd, "two", 3, MSG_NOSIGNAL) == 3);
    CHECK(recv(fd, buffer, 7, MSG_WAITALL) == 7 && memcmp(buffer, "one two", 7) == 0);
    CHECK_ERROR(recv(fd, buffer, 1, MSG_DONTWAIT), EAGAIN);
    CHECK_ERROR(recv(fd, NULL, 1, 0), EFAULT);
    CHECK_ERROR(send(fd, NULL, 1, 0), EFAULT);
    CHECK_ERROR(lseek(fd, 0, SEEK_SET), ESPIPE);

    struct iovec parts[2] = {{.iov_base = "ab", .iov_len = 2}, {.iov_base = "cde", .iov_len = 3}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    CHECK(sendmsg(fd, &message, 0) == 5);
    char first[3];
    char second[9];
    struct iovec room[2] = {{.iov_base = first, .iov_len = 3}, {.iov_base = second, .iov_len = 9}};
    message = (struct msghdr){.msg_iov = room, .msg_iovlen = 2};
    CHECK(recvmsg(fd, &message, 0) == 5 && memcmp(first, "abc", 3) == 0 && memcmp(second, "de", 2) == 0);

    CHECK(write(fd, "last", 4) == 4 && shutdown(fd, SHUT_WR) == 0);
    CHECK_ERROR(send(fd, "x", 1, MSG_NOSIGNAL), EPIPE);
    CHECK(recv(fd, buffer, sizeof(buffer), MSG_WAITALL) == 4); // and the end
    CHECK(recv(fd, buffer, sizeof(buffer), 0) == 0 && read(fd, buffer, 1) == 0);
    CHECK_ERROR(shutdown(fd, 7), EINVAL);
    CHECK(close(fd) == 0);
    CHECK_ERROR(recv(fd, buffer, 1, 0), EBADF);
    CHECK_ERROR(send(STDOUT_FILENO, "x", 1, 0), ENOTSOCK);
    CHECK_ERROR(Connect(STDOUT_FILENO, own), ENOTSOCK);

    CHECK_ERROR(socket(AF_INET6, SOCK_STREAM, 0), EAFNOSUPPORT);
    CHECK_ERROR(socket(AF_INET, SOCK_RAW, 0), EPERM);
    CHECK_ERROR(socket(AF_INET, SOCK_SEQPACKET, 0), EPROTONOSUPPORT);
    CHECK_ERROR(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP), EPROTONOSUPPORT);
    fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    CHECK(fd >= 0 && (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
    CHECK(close(fd) == 0);
}

void Nonblocking(void)
{
    char buffer[8];
    int fd = Open();
    CHECK(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0);
    CHECK(PollOne(fd, POLLIN | POLLOUT, 0) == (POLLOUT | POLLHUP));
    CHECK_ERROR(Connect(fd, AddressOf("echo.contoso.com", 7)), EINPROGRESS);
    CHECK_ERROR(Connect(fd, AddressOf("echo.contoso.com", 7)), EALREADY);
    CHECK(PollOne(fd, POLLOUT, 0) == 0);
    CHECK(PollOne(fd, POLLOUT, 1000) == POLLOUT && ErrorOf(fd) == 0);
    CHECK(Connect(fd, AddressOf("echo.contoso.com", 7)) == 0);
    CHECK_ERROR(Connect(fd, AddressOf("echo.contoso.com", 7)), EISCONN);
    CHECK_ERROR(read(fd, buffer, 1), EAGAIN);
    CHECK(PollOne(fd, POLLIN, 50) == 0);
    CHECK(write(fd, "x", 1) == 1 && PollOne(fd, POLLIN, -1) == POLLIN && read(fd, buffer, 8) == 1);
    CHECK(close(fd) == 0);

    fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    CHECK_ERROR(Connect(fd, AddressOf("closed.contoso.com", 7)), EINPROGRESS);
    CHECK((PollOne(fd, POLLOUT, -1) & (POLLERR | POLLHUP | POLLOUT)) == (POLLERR | POLLHUP | POLLOUT));
    CHECK(ErrorOf(fd) == ECONNREFUSED && ErrorOf(fd) == 0);
    CHECK(close(fd) == 0);
    fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    CHECK_ERROR(Connect(fd, AddressOf("closed.contoso.com", 7)), EINPROGRESS);
    CHECK(close(fd) == 0); // while it is being connected
}

#define LARGE (300 * 1024)
static unsigned char bytes[LARGE];

void Large(void)
{
    static unsigned char back[LARGE];
    int fd = Open();
    for (int i = 0; i < LARGE; i++)
    {
        bytes[i] = (unsigned char)(i * 7 + i / 256);
    }
    CHECK(Connect(fd, AddressOf("sink.contoso.com", 9)) == 0);
    CHECK(write(fd, bytes, LARGE) == LARGE); // longer than what waits anywhere
    CHECK(shutdown(fd, SHUT_WR) == 0);
    CHECK(recv(fd, back, LARGE, MSG_WAITALL) == LARGE && memcmp(bytes, back, LARGE) == 0);
    CHECK(close(fd) == 0);
}

void Full(void)
{
    int fd = Open();
    int sent = 0;
    ssize_t count;
    CHECK(Connect(fd, AddressOf("sink.contoso.com", 9)) == 0);
    CHECK(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
    while ((count = write(fd, bytes, LARGE)) > 0)
    {
        sent += (int)count;
    }
    CHECK(count == -1 && errno == EAGAIN && sent == 65536);
    CHECK(PollOne(fd, POLLOUT, 0) == 0 && PollOne(fd, POLLOUT, -1) == POLLOUT);
    CHECK(close(fd) == 0);
}

void Refusals(void)
{
    struct sockaddr_in address = AddressOf("echo.contoso.com", 7);
    int fd = Open();
    CHECK_ERROR(Connect(fd, AddressOf("other.contoso.com", 7)), EACCES);
    CHECK_ERROR(Connect(fd, Address("10.9.9.9", 7)), EACCES);
    CHECK_ERROR(Connect(fd, AddressOf("closed.contoso.com", 7)), ECONNREFUSED);
    CHECK_ERROR(Connect(fd, AddressOf("nowhere.contoso.com", 7)), EHOSTUNREACH);
    CHECK_ERROR(Connect(fd, Address("127.0.0.1", 8080)), ECONNREFUSED);
    CHECK_ERROR(connect(fd, NULL, 0), EFAULT);
    CHECK_ERROR(connect(fd, (const struct sockaddr*)&address, 4), EINVAL);
    address.sin_family = AF_UNIX;
    CHECK_ERROR(Connect(fd, address), EAFNOSUPPORT);
    CHECK(Connect(fd, Address("127.0.0.1", 7)) == 0 && close(fd) == 0); // what else runs on the device; the same socket after all these
    fd = Open();
    CHECK(Connect(fd, Address("10.1.2.3", 7)) == 0); // a listed address
    CHECK(close(fd) == 0);
    CHECK_ERROR(Connect(fd, address), EBADF);
}

void Timeouts(void)
{
    struct timeval time = {.tv_sec = 2, .tv_usec = 500000};
    struct timeval is = {0};
    socklen_t size = sizeof(is);
    char buffer[8];
    int fd = Open();
    long start;
    CHECK(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time)) == 0);
    CHECK(getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &is, &size) == 0 && is.tv_sec == 2 && is.tv_usec == 500000);
    CHECK(getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &is, &size) == 0 && is.tv_sec == 0 && is.tv_usec == 0);
    CHECK(Connect(fd, AddressOf("echo.contoso.com", 7)) == 0);
    start = Milliseconds();
    CHECK_ERROR(recv(fd, buffer, 8, 0), EAGAIN);
    CHECK(Milliseconds() - start == 2500);
    CHECK_ERROR(read(fd, buffer, 8), EAGAIN);
    CHECK(Milliseconds() - start == 5000);
    CHECK(PollOne(fd, POLLIN, 700) == 0 && Milliseconds() - start == 5700);
    time.tv_usec = 1000000;
    CHECK_ERROR(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time)), EDOM);
    CHECK(close(fd) == 0);
}

void BrokenPipe(void)
{
    char buffer[8];
    int fd = Open();
    int sent;
    CHECK(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
    CHECK(Connect(fd, AddressOf("sink.contoso.com", 19)) == 0);
    CHECK(recv(fd, buffer, 8, MSG_WAITALL) == 3 && memcmp(buffer, "bye", 3) == 0);
    do // the peer has closed, and tells who writes
    {
        sent = (int)write(fd, "x", 1);
        (void)usleep(1000);
    } while (sent == 1);
    CHECK(errno == ECONNRESET || errno == EPIPE);
    CHECK_ERROR(write(fd, "x", 1), EPIPE);
    CHECK((PollOne(fd, POLLIN, 0) & (POLLIN | POLLHUP)) == (POLLIN | POLLHUP) && read(fd, buffer, 8) == 0);
    CHECK(close(fd) == 0);
}

void Killed(void)
{
    int fd = Open();
    CHECK(Connect(fd, AddressOf("echo.contoso.com", 7)) == 0 && shutdown(fd, SHUT_WR) == 0);
    (void)write(fd, "x", 1);
    CHECK(false);
}

void Offline(void)
{
    struct addrinfo* found;
    int fd = Open();
    CHECK(getaddrinfo("echo.contoso.com", "7", NULL, &found) == EAI_AGAIN);
    CHECK(gethostbyname("echo.contoso.com") == NULL && h_errno == TRY_AGAIN);
    CHECK_ERROR(Connect(fd, Address("10.1.2.3", 7)), ENETUNREACH);
    CHECK(close(fd) == 0);
}

static void OnSignal(int number)
{
    (void)number;
}

void Interrupted(void)
{
    const struct sigaction action = {.sa_handler = OnSignal};
    char buffer[8];
    int fd = Open();
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
    CHECK(Connect(fd, AddressOf("echo.contoso.com", 7)) == 0);
    Log_Debug("reading\n");
    CHECK_ERROR(read(fd, buffer, 8), EINTR);
    CHECK(write(fd, "left", 4) == 4); // and arrives, though the app ends
}
