// curl's TLS: the host does it, on the connection that curl has opened. This file is what curl's vtls/rustls.c is elsewhere, under the
// name of its backend.
#include <curl_setup.h>

#include <urldata.h>

#include <api.h>
#include <cfilters.h>
#include <curl_sha256.h>
#include <curl_trc.h>
#include <curlx/dynbuf.h>
#include <vtls/rustls.h>
#include <vtls/vtls.h>
#include <vtls/vtls_int.h>
#include <vtls/x509asn1.h>

#include "host.h"
#include "network_socket.h"
#include "tls_context.h"

#define VERSION_TEXT "sphere-iot"

typedef struct BACKEND_TAG
{
    TLS_CONTEXT context;
    int socket; // the host's number for it
    bool started;
} BACKEND;

static BACKEND* backend_of(struct Curl_cfilter* cf)
{
    return ((struct ssl_connect_data*)cf->ctx)->backend;
}

// ---- what is asked for

static uint32_t lowest_version(const struct ssl_primary_config* config)
{
    switch (config->version)
    {
        case CURL_SSLVERSION_TLSv1_0:
            return HOST_PROTOCOL_TLS_1_0;
        case CURL_SSLVERSION_TLSv1_1:
            return HOST_PROTOCOL_TLS_1_1;
        case CURL_SSLVERSION_TLSv1_3:
            return HOST_PROTOCOL_TLS_1_3;
        default:
            return HOST_PROTOCOL_TLS_1_2;
    }
}

static uint32_t highest_version(const struct ssl_primary_config* config)
{
    switch (config->version_max)
    {
        case CURL_SSLVERSION_MAX_TLSv1_0:
            return HOST_PROTOCOL_TLS_1_0;
        case CURL_SSLVERSION_MAX_TLSv1_1:
            return HOST_PROTOCOL_TLS_1_1;
        case CURL_SSLVERSION_MAX_TLSv1_2:
            return HOST_PROTOCOL_TLS_1_2;
        default:
            return HOST_PROTOCOL_TLS_1_3;
    }
}

// A blob wins over a file, as in curl's other backends.
static HOST_CONTENT content_of(const char* file, const struct curl_blob* blob)
{
    HOST_CONTENT content = {.file = blob == NULL ? file : NULL};
    if (blob != NULL)
    {
        content.bytes = blob->data;
        content.size = (uint32_t)blob->len;
    }
    return content;
}

// The names of both lists, with : between them.
static CURLcode join_ciphers(const struct ssl_primary_config* config, struct dynbuf* names)
{
    CURLcode result = CURLE_OK;
    if (config->cipher_list13 != NULL)
    {
        result = curlx_dyn_add(names, config->cipher_list13);
    }
    if (result == CURLE_OK && config->cipher_list != NULL)
    {
        result = curlx_dyn_addf(names, "%s%s", curlx_dyn_len(names) > 0 ? ":" : "", config->cipher_list);
    }
    return result;
}

// Has the app's own function for CURLOPT_SSL_CTX_FUNCTION set what it can.
static CURLcode ask_app(struct Curl_easy* data, TLS_CONTEXT* context)
{
    CURLcode result = CURLE_OK;
    if (data->set.ssl.fsslctx != NULL)
    {
        struct Curl_mapi_guard guard;
        CURL_CBAPI_START(&guard, data, easy_fsslctx);
        result = data->set.ssl.fsslctx(data, context, data->set.ssl.fsslctxp);
        CURL_CBAPI_END(&guard);
        if (result != CURLE_OK)
        {
            failf(data, "error signaled by SSL ctx callback");
        }
    }
    return result;
}

static CURLcode start(struct Curl_cfilter* cf, struct Curl_easy* data)
{
    const struct ssl_connect_data* connection = cf->ctx;
    const struct ssl_primary_config* config = Curl_ssl_cf_get_primary_config(cf);
    const struct ssl_primary_config* own = &Curl_ssl_cf_get_config(cf, data)->primary;
    BACKEND* backend = backend_of(cf);
    struct dynbuf ciphers;
    CURLcode result;
    if (config->version == CURL_SSLVERSION_SSLv2 || config->version == CURL_SSLVERSION_SSLv3)
    {
        failf(data, "SSL 2 and SSL 3 are not supported");
        return CURLE_NOT_BUILT_IN;
    }
    backend->context.device_auth = false;
    backend->socket = network_socket_number((int)Curl_conn_cf_get_socket(cf->next, data));
    result = backend->socket < 0 ? CURLE_SSL_CONNECT_ERROR : ask_app(data, &backend->context);
    if (result != CURLE_OK)
    {
        return result;
    }
    curlx_dyn_init(&ciphers, CURL_MAX_INPUT_LENGTH);
    result = join_ciphers(config, &ciphers);
    if (result == CURLE_OK)
    {
        const HOST_SOCKET_TLS_REQUEST request = {.hostname = connection->peer.sni != NULL ? connection->peer.sni
                                                                                          : connection->peer.origin->hostname,
                                                 .ca = content_of(config->CAfile, config->ca_info_blob),
                                                 .ca_folder = config->ca_info_blob == NULL ? config->CApath : NULL,
                                                 .certificate = content_of(own->clientcert, own->cert_blob),
                                                 .key = content_of(own->key, own->key_blob),
                                                 .key_password = own->key_passwd,
                                                 .ciphers = curlx_dyn_len(&ciphers) > 0 ? curlx_dyn_ptr(&ciphers) : NULL,
                                                 .lowest_version = lowest_version(config),
                                                 .highest_version = highest_version(config),
                                                 .flags = (config->verifypeer ? HOST_SOCKET_TLS_VERIFY_PEER : 0) |
                                                          (config->verifyhost ? HOST_SOCKET_TLS_VERIFY_HOST : 0) |
                                                          (backend->context.device_auth ? HOST_SOCKET_TLS_DEVICE_AUTH : 0)};
        host_socket_tls_start(backend->socket, &request);
        backend->started = true;
    }
    curlx_dyn_free(&ciphers);
    return result;
}

// ---- what came of it

static CURLcode code_of(int state)
{
    switch (state)
    {
        case HOST_SOCKET_TLS_NOT_TRUSTED:
            return CURLE_PEER_FAILED_VERIFICATION;
        case HOST_SOCKET_TLS_BAD_TRUST:
            return CURLE_SSL_CACERT_BADFILE;
        case HOST_SOCKET_TLS_BAD_CERTIFICATE:
            return CURLE_SSL_CERTPROBLEM;
        case HOST_SOCKET_TLS_BAD_CIPHERS:
            return CURLE_SSL_CIPHER;
        default:
            return CURLE_SSL_CONNECT_ERROR;
    }
}

// A certificate that the server sent, to be freed; NULL: there is none, or no memory. `*size` 0: there is none.
static char* copy_certificate(int socket, int index, size_t* size)
{
    char* certificate;
    *size = host_socket_tls_certificate(socket, index, NULL, 0);
    certificate = *size == 0 ? NULL : curlx_malloc(*size);
    if (certificate != NULL)
    {
        (void)host_socket_tls_certificate(socket, index, certificate, *size);
    }
    return certificate;
}

// CURLOPT_CERTINFO.
static CURLcode keep_certificates(struct Curl_easy* data, int socket)
{
    CURLcode result;
    int count = 0;
    while (count < MAX_ALLOWED_CERT_AMOUNT && host_socket_tls_certificate(socket, count, NULL, 0) > 0)
    {
        count++;
    }
    result = Curl_ssl_init_certinfo(data, count);
    for (int i = 0; result == CURLE_OK && i < count; i++)
    {
        size_t size;
        char* certificate = copy_certificate(socket, i, &size);
        result = certificate == NULL ? CURLE_OUT_OF_MEMORY : Curl_extract_certinfo(data, i, certificate, certificate + size);
        curlx_free(certificate);
    }
    return result;
}

// CURLOPT_PINNEDPUBLICKEY.
static CURLcode check_pinned_key(struct Curl_cfilter* cf, struct Curl_easy* data, int socket)
{
    const char* pinned = Curl_ssl_cf_is_proxy(cf) ? CURL_EASY_STR(data, STRING_SSL_PINNEDPUBLICKEY_PROXY)
                                                  : CURL_EASY_STR(data, STRING_SSL_PINNEDPUBLICKEY);
    struct Curl_X509certificate parsed = {0};
    CURLcode result = CURLE_SSL_PINNEDPUBKEYNOTMATCH;
    char* certificate;
    size_t size;
    if (pinned == NULL)
    {
        return CURLE_OK;
    }
    certificate = copy_certificate(socket, 0, &size);
    if (certificate != NULL && Curl_parseX509(&parsed, certificate, certificate + size) == 0)
    {
        const struct Curl_asn1Element* key = &parsed.subjectPublicKeyInfo;
        result = Curl_pin_peer_pubkey(data, pinned, (const unsigned char*)key->header, (size_t)(key->end - key->header));
    }
    curlx_free(certificate);
    if (result == CURLE_SSL_PINNEDPUBKEYNOTMATCH)
    {
        failf(data, "SSL: public key does not match pinned public key");
    }
    return result;
}

static CURLcode finish(struct Curl_cfilter* cf, struct Curl_easy* data)
{
    struct ssl_connect_data* connection = cf->ctx;
    int socket = backend_of(cf)->socket;
    int state = host_socket_tls_state(socket);
    CURLcode result;
    char text[CURL_ERROR_SIZE];
    // Ready for output is what a socket becomes when its TLS is open, or has failed.
    connection->io_need = state == HOST_SOCKET_TLS_OPENING ? CURL_SSL_IO_NEED_SEND : CURL_SSL_IO_NEED_NONE;
    if (state == HOST_SOCKET_TLS_OPENING)
    {
        return CURLE_OK;
    }
    host_socket_tls_text(socket, text, sizeof(text));
    if (state != HOST_SOCKET_TLS_OPEN)
    {
        failf(data, "%s", text);
        return code_of(state);
    }
    infof(data, "SSL connection using %s", text);
    result = data->set.ssl.certinfo ? keep_certificates(data, socket) : CURLE_OK;
    result = result == CURLE_OK ? check_pinned_key(cf, data, socket) : result;
    connection->state = result == CURLE_OK ? ssl_connection_complete : connection->state;
    return result;
}

// ---- what curl calls

static CURLcode tls_connect(struct Curl_cfilter* cf, struct Curl_easy* data, bool* done)
{
    struct ssl_connect_data* connection = cf->ctx;
    CURLcode result = CURLE_OK;
    if (connection->state != ssl_connection_complete)
    {
        result = backend_of(cf)->started ? CURLE_OK : start(cf, data);
        result = result == CURLE_OK ? finish(cf, data) : result;
    }
    *done = result == CURLE_OK && connection->state == ssl_connection_complete;
    return result;
}

static CURLcode tls_receive(struct Curl_cfilter* cf, struct Curl_easy* data, char* buffer, size_t size, size_t* received)
{
    CURLcode result = Curl_conn_cf_recv(cf->next, data, buffer, size, received);
    if (result == CURLE_OK && *received == 0)
    {
        ((struct ssl_connect_data*)cf->ctx)->peer_closed = TRUE;
    }
    return result;
}

static CURLcode tls_send(struct Curl_cfilter* cf, struct Curl_easy* data, const void* bytes, size_t size, size_t* sent)
{
    return Curl_conn_cf_send(cf->next, data, bytes, size, FALSE, sent);
}

// The host says goodbye when the socket is closed.
static CURLcode tls_shut_down(struct Curl_cfilter* cf, struct Curl_easy* data, bool send_shutdown, bool* done)
{
    (void)data;
    (void)send_shutdown;
    cf->shutdown = TRUE;
    *done = TRUE;
    return CURLE_OK;
}

static void tls_close(struct Curl_cfilter* cf, struct Curl_easy* data)
{
    (void)data;
    backend_of(cf)->started = false;
}

static void* tls_internals(struct ssl_connect_data* connection, CURLINFO info)
{
    (void)info;
    return &((BACKEND*)connection->backend)->context;
}

static CURLcode tls_random(struct Curl_easy* data, unsigned char* bytes, size_t size)
{
    (void)data;
    host_random_bytes(bytes, size);
    return CURLE_OK;
}

static CURLcode tls_sha256(const unsigned char* input, size_t size, unsigned char* digest, size_t digest_size)
{
    (void)digest_size;
    return Curl_sha256it(digest, input, size);
}

static size_t tls_version(char* text, size_t size)
{
    return (size_t)curl_msnprintf(text, size, VERSION_TEXT);
}

const struct Curl_ssl Curl_ssl_rustls = {.info = {CURLSSLBACKEND_NONE, VERSION_TEXT},
                                         .supports = SSLSUPP_CA_PATH | SSLSUPP_CAINFO_BLOB | SSLSUPP_CERTINFO |
                                                     SSLSUPP_PINNEDPUBKEY | SSLSUPP_SSL_CTX | SSLSUPP_HTTPS_PROXY |
                                                     SSLSUPP_TLS13_CIPHERSUITES | SSLSUPP_CIPHER_LIST,
                                         .sizeof_ssl_backend_data = sizeof(BACKEND),
                                         .version = tls_version,
                                         .shut_down = tls_shut_down,
                                         .random = tls_random,
                                         .do_connect = tls_connect,
                                         .adjust_pollset = Curl_ssl_adjust_pollset,
                                         .get_internals = tls_internals,
                                         .close = tls_close,
                                         .sha256sum = tls_sha256,
                                         .recv_plain = tls_receive,
                                         .send_plain = tls_send};
