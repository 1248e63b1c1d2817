// The broker of `npm run bench`: as little as an MQTT 3.1.1 client needs, so that what is measured is the client. TLS 1.2 with a
// client certificate, with or without WebSocket, one thread. All that one wake-up brought is answered in one record.
//
//   broker CERTIFICATE.pem KEY.pem ROOT.pem
//
// Writes its port on loopback to stdout; ends when its stdin does.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
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
#define HEAD_SIZE 4096

#define NO_FRAME SIZE_MAX
#define FRAME_HEAD_SIZE 4
#define WEBSOCKET_KEY_SIZE 24

// What the first byte of a connection shows.
typedef enum FRAMING_TAG
{
    FRAMING_UNKNOWN,
    FRAMING_NONE,
    // The head of the HTTP request has not come whole.
    FRAMING_UPGRADE,
    FRAMING_WEBSOCKET
} FRAMING;

typedef struct CONNECTION_TAG
{
    int fd;
    SSL* ssl;
    FRAMING framing;
    // WebSocket: what has come of the request or of a frame's head, and of the frame what is still to come.
    size_t head_size;
    unsigned char head[HEAD_SIZE];
    uint64_t frame_left;
    bool is_data;
    unsigned char mask[4];
    size_t mask_at;
    // The start of a packet whose rest has not come.
    size_t received;
    unsigned char input[INPUT_SIZE];
    // Answers that the peer has not taken.
    size_t sent;
    size_t filled;
    // Where the frame of this wake-up's answers begins.
    size_t frame;
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
    // Without it, clients would tell of an end that they did not expect.
    (void)SSL_shutdown(connection->ssl);
    SSL_free(connection->ssl);
    (void)close(connection->fd);
    free(connection);
}

static void put(CONNECTION* connection, const void* bytes, size_t size)
{
    if (size > OUTPUT_SIZE - connection->filled)
    {
        errno = ENOBUFS;
        fail("a peer does not take its answers");
    }
    (void)memcpy(connection->output + connection->filled, bytes, size);
    connection->filled += size;
}

// Of a WebSocket, room for the head of a frame of up to 64 KiB.
static void begin_frame(CONNECTION* connection)
{
    if (connection->framing == FRAMING_WEBSOCKET && connection->frame == NO_FRAME)
    {
        connection->frame = connection->filled;
        put(connection, "\0\0\0", FRAME_HEAD_SIZE);
    }
}

// Writes the head of the frame, which is shorter where the frame is.
static void end_frame(CONNECTION* connection)
{
    unsigned char* head = connection->output + connection->frame;
    size_t length;
    if (connection->frame == NO_FRAME)
    {
        return;
    }
    length = connection->filled - connection->frame - FRAME_HEAD_SIZE;
    if (length > UINT16_MAX)
    {
        errno = EMSGSIZE;
        fail("the answers of a wake-up are no frame");
    }
    head[0] = 0x82;
    if (length < 126)
    {
        head[1] = (unsigned char)length;
        (void)memmove(head + 2, head + FRAME_HEAD_SIZE, length);
        connection->filled -= 2;
    }
    else
    {
        head[1] = 126;
        head[2] = (unsigned char)(length >> 8);
        head[3] = (unsigned char)length;
    }
    connection->frame = NO_FRAME;
}

static void answer(CONNECTION* connection, unsigned char type, unsigned char length, unsigned char first, unsigned char second,
                   unsigned char third)
{
    const unsigned char packet[] = {type, length, first, second, third};
    begin_frame(connection);
    put(connection, packet, 2u + length);
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

// The value of a header, of which the name ends with ": "; NULL: there is none. Ends the line with a NUL.
static char* header_value(char* head, const char* name)
{
    char* value = strcasestr(head, name);
    if (value == NULL)
    {
        return NULL;
    }
    value += strlen(name);
    value[strcspn(value, "\r")] = '\0';
    return value;
}

// Answers the request once it is whole. False: it asks for something else.
static bool take_upgrade(CONNECTION* connection)
{
    unsigned char text[WEBSOCKET_KEY_SIZE + 36];
    unsigned char digest[SHA_DIGEST_LENGTH];
    char accept[32];
    char response[512];
    char request[HEAD_SIZE];
    const char *key, *protocol;
    connection->head[connection->head_size] = '\0';
    if (strstr((char*)connection->head, "\r\n\r\n") == NULL)
    {
        return true;
    }
    (void)memcpy(request, connection->head, sizeof(request));
    key = header_value((char*)connection->head, "Sec-WebSocket-Key: ");
    protocol = header_value(request, "Sec-WebSocket-Protocol: ");
    if (key == NULL || strlen(key) != WEBSOCKET_KEY_SIZE || protocol == NULL || strlen(protocol) > 32)
    {
        return false;
    }
    (void)memcpy(text, key, WEBSOCKET_KEY_SIZE);
    (void)memcpy(text + WEBSOCKET_KEY_SIZE, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", 36);
    (void)SHA1(text, sizeof(text), digest);
    (void)EVP_EncodeBlock((unsigned char*)accept, digest, sizeof(digest));
    (void)snprintf(response, sizeof(response),
                   "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Accept: %s\r\nSec-WebSocket-Protocol: %s\r\n\r\n",
                   accept, protocol);
    put(connection, response, strlen(response));
    connection->framing = FRAMING_WEBSOCKET;
    connection->head_size = 0;
    return true;
}

// The size of a frame's head, of which two bytes have come; a client's has a mask of four bytes.
static size_t frame_head_size(const unsigned char* head)
{
    size_t length = head[1] & 0x7f;
    return 2 + (length == 126 ? 2u : length == 127 ? 8u : 0u) + 4;
}

// False: the peer closes, or does not mask.
static bool take_frame_head(CONNECTION* connection)
{
    const unsigned char* head = connection->head;
    size_t size = frame_head_size(head);
    int opcode = head[0] & 0x0f;
    if ((head[1] & 0x80) == 0 || opcode == 8)
    {
        return false;
    }
    connection->frame_left = head[1] & 0x7f;
    if (size > 6)
    {
        connection->frame_left = 0;
        for (size_t i = 2; i < size - 4; i++)
        {
            connection->frame_left = connection->frame_left << 8 | head[i];
        }
    }
    connection->is_data = opcode < 8;
    (void)memcpy(connection->mask, head + size - 4, 4);
    connection->mask_at = 0;
    connection->head_size = 0;
    return true;
}

// Of what came over a WebSocket, what a frame carries. False: the peer closes.
static bool take_frames(CONNECTION* connection, const unsigned char* bytes, size_t size)
{
    while (size > 0)
    {
        size_t part = size;
        if (connection->frame_left == 0)
        {
            connection->head[connection->head_size++] = *bytes++;
            size--;
            if (connection->head_size >= 2 && connection->head_size == frame_head_size(connection->head) &&
                !take_frame_head(connection))
            {
                return false;
            }
            continue;
        }
        part = part < connection->frame_left ? part : (size_t)connection->frame_left;
        for (size_t i = 0; i < part && connection->is_data; i++)
        {
            connection->input[connection->received++] = bytes[i] ^ connection->mask[connection->mask_at++ & 3];
        }
        connection->frame_left -= part;
        bytes += part;
        size -= part;
    }
    return true;
}

// What one read brought, by the connection's framing. False: the connection is over.
static bool take_bytes(CONNECTION* connection, const unsigned char* bytes, size_t size)
{
    if (connection->framing == FRAMING_UNKNOWN)
    {
        connection->framing = bytes[0] == 'G' ? FRAMING_UPGRADE : FRAMING_NONE;
    }
    switch (connection->framing)
    {
        case FRAMING_UPGRADE:
            if (size >= HEAD_SIZE - connection->head_size)
            {
                return false;
            }
            (void)memcpy(connection->head + connection->head_size, bytes, size);
            connection->head_size += size;
            return take_upgrade(connection);
        case FRAMING_WEBSOCKET:
            return take_frames(connection, bytes, size) && take_packets(connection);
        default:
            (void)memcpy(connection->input + connection->received, bytes, size);
            connection->received += size;
            return take_packets(connection);
    }
}

static bool flush(CONNECTION* connection)
{
    end_frame(connection);
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
    static unsigned char record[RECORD_SIZE];
    for (int records = 0; records < MOST_RECORDS && connection->received <= INPUT_SIZE - RECORD_SIZE; records++)
    {
        int size = SSL_read(connection->ssl, record, RECORD_SIZE);
        if (size <= 0)
        {
            int error = SSL_get_error(connection->ssl, size);
            if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
            {
                return false;
            }
            break;
        }
        if (!take_bytes(connection, record, (size_t)size))
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
    connection->frame = NO_FRAME;
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
    if (listener < 0 || bind(listener, (struct sockaddr*)&address, length) != 0 || listen(listener, SOMAXCONN) != 0 ||
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
