// Sessions: handshake, reading, writing, end.
#include <string.h>

#include "host.h"
#include "objects.h"
#include "transfer.h"

// What the host takes at once: a record.
#define MAX_PLAIN 16384

static HOST_TLS_STATE state_of(WOLFSSL* ssl)
{
    HOST_TLS_STATE state;
    host_tls_state(ssl->session, &state);
    return state;
}

// wolfSSL's number for what speaks against a certificate.
static int error_of_fault(uint32_t fault)
{
    switch (fault)
    {
        case HOST_TLS_TRUSTED:
            return 0;
        case HOST_TLS_NO_CERTIFICATE:
            return NO_PEER_CERT;
        case HOST_TLS_NOT_YET_VALID:
            return ASN_BEFORE_DATE_E;
        case HOST_TLS_EXPIRED:
            return ASN_AFTER_DATE_E;
        case HOST_TLS_WRONG_NAME:
            return DOMAIN_NAME_MISMATCH;
        default:
            return ASN_NO_SIGNER_E;
    }
}

static int error_of_failure(uint32_t error)
{
    switch (error)
    {
        case HOST_TLS_ALERT:
            return FATAL_ERROR;
        case HOST_TLS_VERSION:
            return VERSION_ERROR;
        case HOST_TLS_CORRUPTED:
            return VERIFY_MAC_ERROR;
        default:
            return PARSE_ERROR;
    }
}

static int fail(WOLFSSL* ssl, int error)
{
    ssl->error = error;
    return WOLFSSL_FATAL_ERROR;
}

// ---- the handshake

static void open_session(WOLFSSL* ssl)
{
    HOST_TLS_REQUEST request = {.context = ssl->settings.context,
                                .lowest = ssl->settings.lowest,
                                .highest = ssl->settings.highest,
                                .server_name = ssl->settings.server_name,
                                .host_name = ssl->host_name,
                                .protocols = ssl->protocols};
    ssl->session = host_tls_open(&request);
    settle(ssl);
}

// Whether the server is accepted; 0, or why it is not.
static int judge(WOLFSSL* ssl, uint32_t fault)
{
    int error = error_of_fault(fault);
    if (ssl->settings.verify_mode == WOLFSSL_VERIFY_NONE)
    {
        return 0;
    }
    if (ssl->settings.verify != NULL)
    {
        WOLFSSL_X509_STORE_CTX store = {
            .domain = ssl->host_name, .current_cert = wolfSSL_get_peer_certificate(ssl), .error = error};
        bool accepted = ssl->settings.verify(error == 0, &store) != 0;
        return accepted ? 0 : (error != 0 ? error : ASN_NO_SIGNER_E);
    }
    return error;
}

int wolfSSL_X509_STORE_CTX_get_error(WOLFSSL_X509_STORE_CTX* store)
{
    return store == NULL ? BAD_FUNC_ARG : store->error;
}

// The host's session has failed.
static int failure_of(WOLFSSL* ssl, const HOST_TLS_STATE* state)
{
    (void)send_waiting(ssl); // the alert
    return fail(ssl, error_of_failure(state->error));
}

// What the host has for the server after a handshake goes out only once the server is accepted.
static int finish(WOLFSSL* ssl, uint32_t fault)
{
    int error = judge(ssl, fault);
    if (error != 0)
    {
        host_tls_close(ssl->session);
        ssl->session = -1;
        ssl->closed = true;
        return fail(ssl, error);
    }
    ssl->connected = true;
    return send_waiting(ssl) ? WOLFSSL_SUCCESS : WOLFSSL_FATAL_ERROR;
}

int wolfSSL_connect(WOLFSSL* ssl)
{
    if (ssl == NULL)
    {
        return BAD_FUNC_ARG;
    }
    if (ssl->closed)
    {
        return fail(ssl, ssl->error != 0 ? ssl->error : SOCKET_ERROR_E);
    }
    ssl->error = 0;
    if (ssl->session < 0)
    {
        open_session(ssl);
    }
    while (!ssl->connected)
    {
        HOST_TLS_STATE state = state_of(ssl);
        if (state.phase == HOST_TLS_FAILED)
        {
            return failure_of(ssl, &state);
        }
        if (state.phase != HOST_TLS_HANDSHAKE)
        {
            return finish(ssl, state.fault);
        }
        if (!send_waiting(ssl) || !receive_record(ssl))
        {
            return WOLFSSL_FATAL_ERROR;
        }
    }
    return send_waiting(ssl) ? WOLFSSL_SUCCESS : WOLFSSL_FATAL_ERROR;
}

// Whether the session is ready for data; the handshake is made where it was not.
static bool is_ready(WOLFSSL* ssl)
{
    ssl->error = ssl->closed && !ssl->connected ? ssl->error : 0;
    return ssl->connected || wolfSSL_connect(ssl) == WOLFSSL_SUCCESS;
}

// ---- data

int wolfSSL_write(WOLFSSL* ssl, const void* bytes, int size)
{
    if (ssl == NULL || bytes == NULL || size < 0)
    {
        return BAD_FUNC_ARG;
    }
    if (!is_ready(ssl))
    {
        return WOLFSSL_FATAL_ERROR;
    }
    if (ssl->ended)
    {
        return fail(ssl, SOCKET_ERROR_E);
    }
    for (;;)
    {
        HOST_TLS_STATE state = state_of(ssl);
        size_t left = (size_t)size - (ssl->written < (size_t)size ? ssl->written : (size_t)size);
        if (state.phase == HOST_TLS_FAILED)
        {
            return failure_of(ssl, &state);
        }
        if (!send_waiting(ssl))
        {
            return WOLFSSL_FATAL_ERROR;
        }
        if (left == 0)
        {
            ssl->written = 0;
            return size;
        }
        left = left < MAX_PLAIN ? left : MAX_PLAIN;
        host_tls_write(ssl->session, (const char*)bytes + ssl->written, left);
        ssl->written += left;
        settle(ssl);
    }
}

static int read_bytes(WOLFSSL* ssl, void* buffer, int size, int peek)
{
    if (ssl == NULL || buffer == NULL || size < 0)
    {
        return BAD_FUNC_ARG;
    }
    if (!is_ready(ssl))
    {
        return WOLFSSL_FATAL_ERROR;
    }
    for (;;)
    {
        size_t count = host_tls_read(ssl->session, buffer, (size_t)size, peek);
        HOST_TLS_STATE state = state_of(ssl);
        if (count > 0 || size == 0)
        {
            return (int)count;
        }
        if (state.phase == HOST_TLS_FAILED)
        {
            return failure_of(ssl, &state);
        }
        if (state.phase == HOST_TLS_ENDED)
        {
            ssl->error = ZERO_RETURN;
            return 0;
        }
        if (ssl->closed)
        {
            ssl->error = SOCKET_PEER_CLOSED_E;
            return 0;
        }
        (void)send_waiting(ssl); // what the host answers by itself; where it has to wait, it goes out with the next call
        if (!receive_record(ssl) && !ssl->closed)
        {
            return WOLFSSL_FATAL_ERROR;
        }
    }
}

int wolfSSL_read(WOLFSSL* ssl, void* buffer, int size)
{
    return read_bytes(ssl, buffer, size, 0);
}

int wolfSSL_peek(WOLFSSL* ssl, void* buffer, int size)
{
    return read_bytes(ssl, buffer, size, 1);
}

int wolfSSL_pending(WOLFSSL* ssl)
{
    return ssl == NULL || ssl->session < 0 ? 0 : (int)state_of(ssl).readable;
}

// ---- the end

int wolfSSL_shutdown(WOLFSSL* ssl)
{
    if (ssl == NULL || !ssl->connected)
    {
        return WOLFSSL_FATAL_ERROR;
    }
    ssl->error = 0;
    if (!ssl->ended)
    {
        host_tls_shutdown(ssl->session);
        ssl->ended = true;
        settle(ssl);
        if (!send_waiting(ssl))
        {
            return WOLFSSL_FATAL_ERROR;
        }
        return state_of(ssl).phase == HOST_TLS_ENDED ? WOLFSSL_SUCCESS : WOLFSSL_SHUTDOWN_NOT_DONE;
    }
    if (!send_waiting(ssl))
    {
        return WOLFSSL_FATAL_ERROR;
    }
    while (state_of(ssl).phase == HOST_TLS_OPEN)
    {
        if (ssl->closed || !receive_record(ssl))
        {
            return WOLFSSL_FATAL_ERROR;
        }
    }
    return WOLFSSL_SUCCESS;
}

// wolfSSL's own numbers for what these are called outside.
int wolfSSL_get_error(WOLFSSL* ssl, int result)
{
    if (result > 0)
    {
        return WOLFSSL_ERROR_NONE;
    }
    if (ssl == NULL)
    {
        return BAD_FUNC_ARG;
    }
    switch (ssl->error)
    {
        case WANT_READ:
            return WOLFSSL_ERROR_WANT_READ;
        case WANT_WRITE:
            return WOLFSSL_ERROR_WANT_WRITE;
        case ZERO_RETURN:
            return WOLFSSL_ERROR_ZERO_RETURN;
        default:
            return ssl->error;
    }
}
