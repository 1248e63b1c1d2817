// A session's bytes: between the host, which encrypts and decrypts them, and the app's socket. As wolfSSL does, this receives one
// record at a time and no byte more, so that the descriptor stays readable as long as there is more to read.
#include "transfer.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/socket.h>

#include "host.h"
#include "objects.h"
#include "wait.h"

// Types of records: change_cipher_spec to heartbeat.
#define FIRST_TYPE 20
#define LAST_TYPE 24
#define HEAD_SIZE 5
#define CHUNK_SIZE 2048

// ---- wolfSSL's own input and output

static int io_error(void)
{
    switch (errno)
    {
        case EAGAIN:
            return WOLFSSL_CBIO_ERR_WANT_READ;
        case EINTR:
            return WOLFSSL_CBIO_ERR_ISR;
        case ECONNRESET:
            return WOLFSSL_CBIO_ERR_CONN_RST;
        case EPIPE:
        case ECONNABORTED:
            return WOLFSSL_CBIO_ERR_CONN_CLOSE;
        default:
            return WOLFSSL_CBIO_ERR_GENERAL;
    }
}

int receive_from_socket(WOLFSSL* ssl, char* buffer, int size, void* context)
{
    ssize_t count = recv(*(int*)context, buffer, (size_t)size, 0);
    (void)ssl;
    if (count == 0)
    {
        return WOLFSSL_CBIO_ERR_CONN_CLOSE;
    }
    return count < 0 ? io_error() : (int)count;
}

int send_to_socket(WOLFSSL* ssl, char* buffer, int size, void* context)
{
    ssize_t count = send(*(int*)context, buffer, (size_t)size, 0);
    (void)ssl;
    return count < 0 ? io_error() : (int)count;
}

// ---- the host

void settle(WOLFSSL* ssl)
{
    int kept = errno;
    HOST_TLS_STATE state;
    host_tls_state(ssl->session, &state);
    while (!state.settled)
    {
        (void)app_wait(INFINITY); // a signal changes nothing: this takes no time
        host_tls_state(ssl->session, &state);
    }
    errno = kept;
}

bool send_waiting(WOLFSSL* ssl)
{
    for (;;)
    {
        int count;
        if (ssl->out_sent == ssl->out_size)
        {
            ssl->out_sent = 0;
            ssl->out_size = host_tls_take(ssl->session, ssl->out, sizeof(ssl->out));
            if (ssl->out_size == 0)
            {
                return true;
            }
        }
        count =
            ssl->settings.send(ssl, (char*)ssl->out + ssl->out_sent, (int)(ssl->out_size - ssl->out_sent), ssl->send_context);
        if (count > 0)
        {
            ssl->out_sent += (size_t)count;
        }
        else if (count != WOLFSSL_CBIO_ERR_ISR)
        {
            ssl->closed |= count == WOLFSSL_CBIO_ERR_CONN_RST || count == WOLFSSL_CBIO_ERR_CONN_CLOSE;
            ssl->error = count == WOLFSSL_CBIO_ERR_WANT_WRITE ? WANT_WRITE : SOCKET_ERROR_E;
            return false;
        }
    }
}

// Some bytes of the record that is being received; 0: there are none.
static size_t receive_some(WOLFSSL* ssl, void* buffer, size_t size)
{
    int count;
    do
    {
        count = ssl->settings.receive(ssl, buffer, (int)size, ssl->receive_context);
    } while (count == WOLFSSL_CBIO_ERR_ISR);
    if (count > 0)
    {
        return (size_t)count;
    }
    if (count == WOLFSSL_CBIO_ERR_WANT_READ || count == WOLFSSL_CBIO_ERR_TIMEOUT)
    {
        ssl->error = WANT_READ;
        return 0;
    }
    ssl->closed |= count != WOLFSSL_CBIO_ERR_GENERAL;
    ssl->error = SOCKET_ERROR_E;
    return 0;
}

static bool receive_head(WOLFSSL* ssl)
{
    while (ssl->head_size < HEAD_SIZE)
    {
        size_t count = receive_some(ssl, ssl->head + ssl->head_size, HEAD_SIZE - ssl->head_size);
        if (count == 0)
        {
            return false;
        }
        ssl->head_size += count;
        if (ssl->head[0] < FIRST_TYPE || ssl->head[0] > LAST_TYPE)
        {
            ssl->error = UNKNOWN_RECORD_TYPE;
            return false;
        }
    }
    ssl->body_left = (size_t)ssl->head[3] << 8 | ssl->head[4];
    host_tls_feed(ssl->session, ssl->head, HEAD_SIZE);
    return true;
}

bool receive_record(WOLFSSL* ssl)
{
    unsigned char chunk[CHUNK_SIZE];
    if (ssl->head_size < HEAD_SIZE && !receive_head(ssl))
    {
        return false;
    }
    while (ssl->body_left > 0)
    {
        size_t count = receive_some(ssl, chunk, ssl->body_left < sizeof(chunk) ? ssl->body_left : sizeof(chunk));
        if (count == 0)
        {
            return false;
        }
        ssl->body_left -= count;
        host_tls_feed(ssl->session, chunk, count);
    }
    ssl->head_size = 0;
    settle(ssl);
    return true;
}
