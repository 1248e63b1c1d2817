// The broker of `npm run bench`: as little as an MQTT 3.1.1 client needs, so that what is measured is the client. TLS 1.2 with a
// client certificate, one thread. All that one wake-up brought is answered in one record.
//
//   broker CERTIFICATE.pem KEY.pem ROOT.pem
//
// Writes its port on loopback to stdout; ends when its stdin does.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST_EVENTS 64
// Records of one wake-up: a client that never stops sending is answered all the same.
#define MOST_RECORDS 16
#define RECORD_SIZE 16384
#define INPUT_SIZE (MOST_RECORDS * RECORD_SIZE + RECORD_SIZE)
#define OUTPUT_SIZE (INPUT_SIZE * 2)

typedef struct CONNECTION_TAG
{
    int fd;
    SSL* ssl;
    // The start of a packet whose rest has not come.
    size_t received;
    unsigned char input[INPUT_SIZE];
    // Answers that the peer has not taken.
    size_t sent;
    size_t filled;
    unsigned char output[OUTPUT_SIZE];
} CONNECTION;

static int epoll;

static void fail(const char* what)
{
    (void)fprintf(stderr, "broker: %s: %s\n", what, strerror(errno));
    ERR_print_errors_fp(stderr);
    exit(1);
}

static void watch(int fd, void* data, uint32_t events, int operation)
{
    struct epoll_event event = {.events = events, .data.ptr = data};
    if (epoll_ctl(epoll, operation, fd, &event) != 0)
    {
        fail("epoll_ctl");
    }
}

static void end(CONNECTION* connection)
{
    SSL_free(connection->ssl);
    (void)close(connection->fd);
    free(connection);
}

static void answer(CONNECTION* connection, unsigned char type, unsigned char length, unsigned char first, unsigned char second,
                   unsigned char third)
{
    const unsigned char packet[] = {type, length, first, second, third};
    if (connection->filled + sizeof(packet) <= OUTPUT_SIZE)
    {
        (void)memcpy(connection->output + connection->filled, packet, 2u + length);
        connection->filled += 2u + length;
    }
}

// `body` is what follows the fixed header. False: the client said goodbye, or what no client says.
static bool take_packet(CONNECTION* connection, unsigned char header, const unsigned char* body, size_t size)
{
    size_t id;
    switch (header >> 4)
    {
        case 1: // CONNECT → CONNACK
            answer(connection, 0x20, 2, 0, 0, 0);
            return true;
        case 3: // PUBLISH, by its QoS → PUBACK
            id = size < 2 ? size : 2u + (size_t)(body[0] << 8 | body[1]);
            if ((header & 6) != 0 && id + 2 <= size)
            {
                answer(connection, 0x40, 2, body[id], body[id + 1], 0);
            }
            return true;
        case 8: // SUBSCRIBE → SUBACK of one topic
            answer(connection, 0x90, 3, body[0], body[1], 1);
            return true;
        case 12: // PINGREQ → PINGRESP
            answer(connection, 0xD0, 0, 0, 0, 0);
            return true;
        default:
            return false;
    }
}

// Takes the whole packets of what has come, and keeps the rest.
static bool take_packets(CONNECTION* connection)
{
    size_t at = 0;
    for (;;)
    {
        size_t length = 0;
        size_t next = at + 1;
        for (int shift = 0;; shift += 7)
        {
            if (next >= connection->received || shift > 21)
            {
                goto rest;
            }
            length |= (size_t)(connection->input[next] & 0x7f) << shift;
            if ((connection->input[next++] & 0x80) == 0)
            {
                break;
            }
        }
        if (length > connection->received - next)
        {
            break;
        }
        if (!take_packet(connection, connection->input[at], connection->input + next, length))
        {
            return false;
        }
        at = next + length;
    }
rest:
    connection->received -= at;
    (void)memmove(connection->input, connection->input + at, connection->received);
    return true;
}

static bool flush(CONNECTION* connection)
{
    while (connection->sent < connection->filled)
    {
        size_t left = connection->filled - connection->sent;
        int written =
            SSL_write(connection->ssl, connection->output + connection->sent, (int)(left < RECORD_SIZE ? left : RECORD_SIZE));
        if (written <= 0)
        {
            watch(connection->fd, connection, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
            return SSL_get_error(connection->ssl, written) == SSL_ERROR_WANT_WRITE;
        }
        connection->sent += (size_t)written;
        if (connection->sent == connection->filled)
        {
            watch(connection->fd, connection, EPOLLIN, EPOLL_CTL_MOD);
        }
    }
    connection->sent = connection->filled = 0;
    return true;
}

// False: the connection is over.
static bool work(CONNECTION* connection)
{
    for (int records = 0; records < MOST_RECORDS && connection->received < INPUT_SIZE; records++)
    {
        int size = SSL_read(connection->ssl, connection->input + connection->received, (int)(INPUT_SIZE - connection->received));
        if (size <= 0)
        {
            int error = SSL_get_error(connection->ssl, size);
            if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
            {
                return false;
            }
            break;
        }
        connection->received += (size_t)size;
        if (!take_packets(connection))
        {
            return false;
        }
    }
    return flush(connection);
}

static void take_connection(int listener, SSL_CTX* context)
{
    int on = 1;
    CONNECTION* connection = calloc(1, sizeof(CONNECTION));
    if (connection == NULL)
    {
        fail("calloc");
    }
    connection->fd = accept(listener, NULL, NULL);
    connection->ssl = SSL_new(context);
    if (connection->fd < 0 || connection->ssl == NULL || SSL_set_fd(connection->ssl, connection->fd) != 1)
    {
        fail("accept");
    }
    (void)setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    (void)fcntl(connection->fd, F_SETFL, O_NONBLOCK);
    SSL_set_accept_state(connection->ssl);
    watch(connection->fd, connection, EPOLLIN, EPOLL_CTL_ADD);
}

static SSL_CTX* context_of(char** files)
{
    SSL_CTX* context = SSL_CTX_new(TLS_server_method());
    if (context == NULL || SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION) != 1 ||
        SSL_CTX_use_certificate_chain_file(context, files[0]) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, files[1], SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_load_verify_locations(context, files[2], NULL) != 1)
    {
        fail("certificates");
    }
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    (void)SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return context;
}

static int listen_on_loopback(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (struct sockaddr*)&address, length) != 0 || listen(listener, 16) != 0 ||
        getsockname(listener, (struct sockaddr*)&address, &length) != 0)
    {
        fail("listen");
    }
    (void)printf("%d\n", ntohs(address.sin_port));
    (void)fflush(stdout);
    return listener;
}

int main(int argc, char** argv)
{
    struct epoll_event events[MOST_EVENTS];
    static int listener, standard_input = STDIN_FILENO;
    SSL_CTX* context;
    if (argc != 4)
    {
        (void)fprintf(stderr, "broker CERTIFICATE.pem KEY.pem ROOT.pem\n");
        return 2;
    }
    context = context_of(argv + 1);
    epoll = epoll_create1(0);
    listener = listen_on_loopback();
    watch(listener, &listener, EPOLLIN, EPOLL_CTL_ADD);
    watch(standard_input, &standard_input, EPOLLIN, EPOLL_CTL_ADD);
    for (;;)
    {
        int count = epoll_wait(epoll, events, MOST_EVENTS, -1);
        for (int i = 0; i < count; i++)
        {
            char byte;
            if (events[i].data.ptr == &listener)
            {
                take_connection(listener, context);
            }
            else if (events[i].data.ptr != &standard_input)
            {
                CONNECTION* connection = events[i].data.ptr;
                if (!work(connection))
                {
                    end(connection);
                }
            }
            else if (read(STDIN_FILENO, &byte, 1) <= 0)
            {
                return 0;
            }
        }
    }
}
