// TLS by the host, for libcurl over a socket, for wolfSSL over any bytes, and certificates. The other side: src/app/host/tls/.
#ifndef SPHERE_IOT_HOST_TLS_H
#define SPHERE_IOT_HOST_TLS_H

#include "host/core.h"

// Versions, as TLS counts them.
enum HOST_PROTOCOL_VERSION
{
    HOST_PROTOCOL_TLS_1_0 = 0x0301,
    HOST_PROTOCOL_TLS_1_1 = 0x0302,
    HOST_PROTOCOL_TLS_1_2 = 0x0303,
    HOST_PROTOCOL_TLS_1_3 = 0x0304
};

// TLS over a stream of inet_…, for libcurl. Once it is open, inet_send and inet_receive carry what is inside it. While it is being
// opened the socket is ready for nothing; then it is ready for output, however that ended.
typedef struct HOST_CONTENT_TAG
{
    const char* file;  // a path; NULL: not in a file
    const void* bytes; // the content itself, where it is in no file; NULL: not given
    uint32_t size;
} HOST_CONTENT;
typedef struct HOST_SOCKET_TLS_REQUEST_TAG
{
    const char* hostname;     // the name that the server's certificate has to carry
    const char* ca_folder;    // a path
    const void* key_password; // bytes up to a NUL, in no certain encoding; NULL: none
    const char* ciphers;      // names with : between them; NULL: the host's choice
    HOST_CONTENT ca;          // PEM. Without it and ca_folder, those that the device trusts
    HOST_CONTENT certificate; // PEM or DER; not given: no client certificate
    HOST_CONTENT key;         // the same; not given: it is in `certificate`
    uint32_t lowest_version;  // HOST_PROTOCOL_…
    uint32_t highest_version;
    uint32_t flags; // HOST_SOCKET_TLS_VERIFY_PEER …
} HOST_SOCKET_TLS_REQUEST;
enum HOST_SOCKET_TLS_FLAG
{
    HOST_SOCKET_TLS_VERIFY_PEER = 1,
    HOST_SOCKET_TLS_VERIFY_HOST = 2,
    HOST_SOCKET_TLS_DEVICE_AUTH = 4 // with the DAA certificate
};
enum HOST_SOCKET_TLS_STATE
{
    HOST_SOCKET_TLS_OPENING = 0,
    HOST_SOCKET_TLS_OPEN = 1,
    HOST_SOCKET_TLS_FAILED = 2,
    HOST_SOCKET_TLS_NOT_TRUSTED = 3,     // the server's certificate, or its name
    HOST_SOCKET_TLS_BAD_TRUST = 4,       // `ca` or ca_folder hold no certificates
    HOST_SOCKET_TLS_BAD_CERTIFICATE = 5, // `certificate` and `key` can't be used
    HOST_SOCKET_TLS_BAD_CIPHERS = 6
};
// Begins the handshake; host_socket_tls_state tells how it goes.
HOST_FUNCTION(socket_tls_start) extern void host_socket_tls_start(int socket, const HOST_SOCKET_TLS_REQUEST* request);
// HOST_SOCKET_TLS_OPENING and so on.
HOST_FUNCTION(socket_tls_state) extern int host_socket_tls_state(int socket);
// Copies what was agreed on, or why it failed, with its NUL, as much as there is room for.
HOST_FUNCTION(socket_tls_text) extern void host_socket_tls_text(int socket, char* text, size_t size);
// The length of a certificate (DER) that the server sent, the leaf is 0; 0: there is none. Copied where there is room for all of it.
HOST_FUNCTION(socket_tls_certificate)
extern size_t host_socket_tls_certificate(int socket, int index, void* buffer, size_t size);

// The client's side of TLS without a way for its bytes: C brings the encrypted ones from wherever it has them and takes those that
// are to be sent, so that any socket will do. Nothing waits: after tls_open, tls_feed, tls_write and tls_shutdown the host has work
// to do, and app_wait comes back when it has settled (HOST_TLS_STATE).

// Makes a context: the certificate authorities that an app trusts, and its own certificate and key. Its number, from 0.
HOST_FUNCTION(tls_context_create) extern int host_tls_context_create(void);
// Makes a copy of a context; its number.
HOST_FUNCTION(tls_context_copy) extern int host_tls_context_copy(int context);
// Frees a context. Sessions that were opened with it go on.
HOST_FUNCTION(tls_context_free) extern void host_tls_context_free(int context);
enum HOST_TLS_CONTENT
{
    HOST_TLS_TRUST = 0,       // adds certificate authorities
    HOST_TLS_CERTIFICATE = 1, // the first certificate, in the place of what was there
    HOST_TLS_CHAIN = 2,       // the same, with its issuers
    HOST_TLS_KEY = 3          // the private key. The DAA certificate needs none: its key is the host's.
};
// `bytes`: PEM or DER. 0, HOST_ERROR_NO_DATA where there is no such thing in them, HOST_ERROR_INVALID where it can't be read.
HOST_FUNCTION(tls_context_add) extern int host_tls_context_add(int context, int what, const void* bytes, size_t size);

typedef struct HOST_TLS_REQUEST_TAG
{
    int32_t context;
    uint32_t lowest; // HOST_PROTOCOL_…, TLS 1.2 or 1.3
    uint32_t highest;
    const char* server_name; // that is sent to the server (SNI); NULL: none
    const char* host_name;   // that its certificate has to carry; NULL: any
    const char* protocols;   // application protocols, separated by commas; NULL: none
} HOST_TLS_REQUEST;
enum HOST_TLS_PHASE
{
    HOST_TLS_HANDSHAKE = 0,
    HOST_TLS_OPEN = 1,
    HOST_TLS_ENDED = 2, // the peer has ended the session; what came before can still be read
    HOST_TLS_FAILED = 3
};
// Why the peer's certificate is not trusted. An app that accepts it all the same goes on with the session.
enum HOST_TLS_FAULT
{
    HOST_TLS_TRUSTED = 0,
    HOST_TLS_NO_CERTIFICATE = 1,
    HOST_TLS_UNKNOWN_ISSUER = 2,
    HOST_TLS_NOT_YET_VALID = 3,
    HOST_TLS_EXPIRED = 4,
    HOST_TLS_WRONG_NAME = 5
};
// Why a session failed.
enum HOST_TLS_ERROR
{
    HOST_TLS_NO_ERROR = 0,
    HOST_TLS_ALERT = 1,      // the peer has sent an alert
    HOST_TLS_VERSION = 2,    // there is no version that both have
    HOST_TLS_CORRUPTED = 3,  // a record was changed on its way
    HOST_TLS_OTHER_ERROR = 4 // the host has logged the error
};
typedef struct HOST_TLS_STATE_TAG
{
    uint32_t settled; // not 0: the host has done all that there is to do
    uint32_t phase;
    uint32_t fault;    // of the peer's certificate, once the handshake is done
    uint32_t error;    // once it has failed
    uint32_t sending;  // encrypted bytes that tls_take has
    uint32_t readable; // bytes that tls_read has
} HOST_TLS_STATE;
// Begins a session; its number, from 0.
HOST_FUNCTION(tls_open) extern int host_tls_open(const HOST_TLS_REQUEST* request);
// Ends it wherever it stands, and forgets the number.
HOST_FUNCTION(tls_close) extern void host_tls_close(int session);
// Fills in how a session stands.
HOST_FUNCTION(tls_state) extern void host_tls_state(int session, HOST_TLS_STATE* state);
// Takes encrypted bytes that the peer has sent.
HOST_FUNCTION(tls_feed) extern void host_tls_feed(int session, const void* bytes, size_t size);
// Copies encrypted bytes that are to be sent, and forgets them; their count.
HOST_FUNCTION(tls_take) extern size_t host_tls_take(int session, void* buffer, size_t size);
// Copies decrypted bytes of the peer, and forgets them unless `peek` is set; their count.
HOST_FUNCTION(tls_read) extern size_t host_tls_read(int session, void* buffer, size_t size, int peek);
// Encrypts bytes for the peer.
HOST_FUNCTION(tls_write) extern void host_tls_write(int session, const void* bytes, size_t size);
// Ends this side of the session.
HOST_FUNCTION(tls_shutdown) extern void host_tls_shutdown(int session);
enum HOST_TLS_TEXT
{
    HOST_TLS_VERSION_NAME = 0, // TLSv1.2
    HOST_TLS_CIPHER_NAME = 1,  // as IANA has it
    HOST_TLS_PROTOCOL_NAME = 2 // that the server chose
};
// Copies a text with its NUL, as much as there is room for; the bytes that it needs, or 0: there is none.
HOST_FUNCTION(tls_text) extern size_t host_tls_text(int session, int which, char* text, size_t size);
// Copies the DER of the peer's certificate; its size, which may be more than there is room for, or 0: there is none.
HOST_FUNCTION(tls_peer_certificate) extern size_t host_tls_peer_certificate(int session, void* der, size_t size);

// The same of the first certificate in PEM or DER bytes.
HOST_FUNCTION(x509_read) extern size_t host_x509_read(const void* bytes, size_t size, void* der, size_t capacity);
enum HOST_X509_TEXT
{
    HOST_X509_SUBJECT = 0, // /CN=…/O=…
    HOST_X509_ISSUER = 1,
    HOST_X509_COMMON_NAME = 2, // the subject's
    HOST_X509_SERIAL = 3,      // hexadecimal
    HOST_X509_NOT_BEFORE = 4,  // as in the certificate: YYMMDDHHMMSSZ, or with four digits for the year
    HOST_X509_NOT_AFTER = 5,
    HOST_X509_HOST_NAMES = 6 // each with a line feed
};
// A text of a certificate, as host_tls_text.
HOST_FUNCTION(x509_text)
extern size_t host_x509_text(const void* der, size_t der_size, int which, char* text, size_t size);

#endif
