// wolfSSL's calls for TLS clients, as public Azure Sphere apps make them, over the TLS of the host. Nothing of wolfSSL is in
// here but the names and numbers of its interface. A call that is not declared is not there: docs/apps.md.
#ifndef WOLFSSL_SSL_H
#define WOLFSSL_SSL_H

#include <stdio.h>

#include <wolfssl/wolfcrypt/logging.h>
#include <wolfssl/wolfcrypt/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct WOLFSSL WOLFSSL;
typedef struct WOLFSSL_CTX WOLFSSL_CTX;
typedef struct WOLFSSL_METHOD WOLFSSL_METHOD;
typedef struct WOLFSSL_X509 WOLFSSL_X509;
typedef struct WOLFSSL_X509_NAME WOLFSSL_X509_NAME;
// Of calls that are not there.
typedef struct WOLFSSL_ASN1_TIME WOLFSSL_ASN1_TIME;
typedef struct WOLFSSL_BIO WOLFSSL_BIO;
typedef struct WOLFSSL_CERT_MANAGER WOLFSSL_CERT_MANAGER;
typedef struct WOLFSSL_CIPHER WOLFSSL_CIPHER;
typedef struct WOLFSSL_EVP_PKEY WOLFSSL_EVP_PKEY;
typedef struct WOLFSSL_SESSION WOLFSSL_SESSION;
typedef struct WOLFSSL_X509_CHAIN WOLFSSL_X509_CHAIN;
typedef struct WOLFSSL_X509_STORE WOLFSSL_X509_STORE;

enum
{
    WOLFSSL_ERROR_NONE = 0,
    WOLFSSL_FAILURE = 0,
    WOLFSSL_SUCCESS = 1,
    WOLFSSL_SHUTDOWN_NOT_DONE = 2,

    WOLFSSL_ALPN_NOT_FOUND = -9,
    WOLFSSL_BAD_CERTTYPE = -8,
    WOLFSSL_BAD_STAT = -7,
    WOLFSSL_BAD_PATH = -6,
    WOLFSSL_BAD_FILETYPE = -5,
    WOLFSSL_BAD_FILE = -4,
    WOLFSSL_NOT_IMPLEMENTED = -3,
    WOLFSSL_UNKNOWN = -2,
    WOLFSSL_FATAL_ERROR = -1,

    WOLFSSL_FILETYPE_ASN1 = 2,
    WOLFSSL_FILETYPE_PEM = 1,
    WOLFSSL_FILETYPE_DEFAULT = 2,

    WOLFSSL_VERIFY_NONE = 0,
    WOLFSSL_VERIFY_PEER = 1,
    WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT = 2,
    WOLFSSL_VERIFY_CLIENT_ONCE = 4,

    // of wolfSSL_get_error
    WOLFSSL_ERROR_WANT_READ = 2,
    WOLFSSL_ERROR_WANT_WRITE = 3,
    WOLFSSL_ERROR_SYSCALL = 5,
    WOLFSSL_ERROR_ZERO_RETURN = 6,
    WOLFSSL_ERROR_WANT_CONNECT = 7,
    WOLFSSL_ERROR_WANT_ACCEPT = 8,
    WOLFSSL_ERROR_WANT_X509_LOOKUP = 83,
    WOLFSSL_ERROR_SSL = 85
};

// The older names of the same.
#define SSL_ERROR_NONE WOLFSSL_ERROR_NONE
#define SSL_FAILURE WOLFSSL_FAILURE
#define SSL_SUCCESS WOLFSSL_SUCCESS
#define SSL_SHUTDOWN_NOT_DONE WOLFSSL_SHUTDOWN_NOT_DONE
#define SSL_BAD_PATH WOLFSSL_BAD_PATH
#define SSL_BAD_FILETYPE WOLFSSL_BAD_FILETYPE
#define SSL_BAD_FILE WOLFSSL_BAD_FILE
#define SSL_NOT_IMPLEMENTED WOLFSSL_NOT_IMPLEMENTED
#define SSL_FATAL_ERROR WOLFSSL_FATAL_ERROR
#define SSL_FILETYPE_ASN1 WOLFSSL_FILETYPE_ASN1
#define SSL_FILETYPE_PEM WOLFSSL_FILETYPE_PEM
#define SSL_FILETYPE_DEFAULT WOLFSSL_FILETYPE_DEFAULT
#define SSL_VERIFY_NONE WOLFSSL_VERIFY_NONE
#define SSL_VERIFY_PEER WOLFSSL_VERIFY_PEER
#define SSL_VERIFY_FAIL_IF_NO_PEER_CERT WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT
#define SSL_ERROR_WANT_READ WOLFSSL_ERROR_WANT_READ
#define SSL_ERROR_WANT_WRITE WOLFSSL_ERROR_WANT_WRITE
#define SSL_ERROR_SYSCALL WOLFSSL_ERROR_SYSCALL
#define SSL_ERROR_ZERO_RETURN WOLFSSL_ERROR_ZERO_RETURN
#define SSL_ERROR_SSL WOLFSSL_ERROR_SSL

enum
{
    WOLFSSL_SSLV3 = 0,
    WOLFSSL_TLSV1 = 1,
    WOLFSSL_TLSV1_1 = 2,
    WOLFSSL_TLSV1_2 = 3,
    WOLFSSL_TLSV1_3 = 4
};

enum
{
    WOLFSSL_SNI_HOST_NAME = 0
};

enum
{
    WOLFSSL_ALPN_NO_MATCH = 0,
    WOLFSSL_ALPN_MATCH = 1,
    WOLFSSL_ALPN_CONTINUE_ON_MISMATCH = 2,
    WOLFSSL_ALPN_FAILED_ON_MISMATCH = 4
};

// Room that wolfSSL_ERR_error_string needs.
#define WOLFSSL_MAX_ERROR_SZ 80

// ---- the library

// WOLFSSL_SUCCESS. One wolfSSL_Cleanup belongs to each.
int wolfSSL_Init(void);
int wolfSSL_Cleanup(void);

// ---- errors

// What the last call on a session, which returned `result`, came to: WOLFSSL_ERROR_…, or a number below 0 of error-ssl.h or
// wolfcrypt/error-crypt.h.
int wolfSSL_get_error(WOLFSSL* ssl, int result);
// What such a number means. `buffer` has room for WOLFSSL_MAX_ERROR_SZ bytes, and is returned; NULL: the text is the library's,
// until the next call.
char* wolfSSL_ERR_error_string(unsigned long error, char* buffer);
void wolfSSL_ERR_error_string_n(unsigned long error, char* buffer, unsigned long size);
const char* wolfSSL_ERR_reason_error_string(unsigned long error);

// ---- contexts: whom an app trusts, and as whom it comes

WOLFSSL_METHOD* wolfTLSv1_2_client_method(void);
WOLFSSL_METHOD* wolfTLSv1_3_client_method(void);
// TLS 1.2 or 1.3.
WOLFSSL_METHOD* wolfTLS_client_method(void);
WOLFSSL_METHOD* wolfSSLv23_client_method(void);

// NULL: there is no memory, or no method. The app frees it; sessions that were made of it go on.
WOLFSSL_CTX* wolfSSL_CTX_new(WOLFSSL_METHOD* method);
void wolfSSL_CTX_free(WOLFSSL_CTX* ctx);
// The lowest version to agree on: WOLFSSL_TLSV1_…; below TLS 1.2 there is none here.
int wolfSSL_CTX_SetMinVersion(WOLFSSL_CTX* ctx, int version);

// Adds certificate authorities to trust: a file of PEM certificates. Folders are refused (WOLFSSL_BAD_PATH). WOLFSSL_SUCCESS,
// WOLFSSL_BAD_FILE where the file can't be read, ASN_NO_PEM_HEADER or ASN_PARSE_E where it has no certificate.
int wolfSSL_CTX_load_verify_locations(WOLFSSL_CTX* ctx, const char* file, const char* path);
// The same, from memory. `format`: WOLFSSL_FILETYPE_….
int wolfSSL_CTX_load_verify_buffer(WOLFSSL_CTX* ctx, const unsigned char* bytes, long size, int format);
// The app's own certificate: one, or one with its issuers. Results as above. The certificate of DeviceAuth_GetCertificatePath needs
// no private key: it is the device's.
int wolfSSL_CTX_use_certificate_file(WOLFSSL_CTX* ctx, const char* file, int format);
int wolfSSL_CTX_use_certificate_buffer(WOLFSSL_CTX* ctx, const unsigned char* bytes, long size, int format);
int wolfSSL_CTX_use_certificate_chain_file(WOLFSSL_CTX* ctx, const char* file);
int wolfSSL_CTX_use_certificate_chain_buffer(WOLFSSL_CTX* ctx, const unsigned char* bytes, long size);
// The private key of that certificate, not encrypted.
int wolfSSL_CTX_use_PrivateKey_file(WOLFSSL_CTX* ctx, const char* file, int format);
int wolfSSL_CTX_use_PrivateKey_buffer(WOLFSSL_CTX* ctx, const unsigned char* bytes, long size, int format);
// Which device holds private keys. It is noted; the device's key is the host's in any case.
int wolfSSL_CTX_SetDevId(WOLFSSL_CTX* ctx, int device);
int wolfSSL_CTX_UseSNI(WOLFSSL_CTX* ctx, unsigned char type, const void* name, unsigned short size);

// What a function for wolfSSL_CTX_set_verify is told of.
typedef struct WOLFSSL_X509_STORE_CTX
{
    char* domain; // that wolfSSL_check_domain_name was told of, or NULL
    WOLFSSL_X509* current_cert;
    void* userCtx;
    int error; // why the certificate is not accepted; 0: it is
    int error_depth;
} WOLFSSL_X509_STORE_CTX;
// Returns 1 to accept the server's certificate, 0 to refuse it. `accepted`: what wolfSSL would do.
typedef int (*VerifyCallback)(int accepted, WOLFSSL_X509_STORE_CTX* store);
// WOLFSSL_VERIFY_NONE: any server is accepted. The device does not have this call. `verify` may be NULL.
void wolfSSL_CTX_set_verify(WOLFSSL_CTX* ctx, int mode, VerifyCallback verify);
int wolfSSL_X509_STORE_CTX_get_error(WOLFSSL_X509_STORE_CTX* store);

// ---- sessions: one for a connection

// NULL: there is no memory. The app frees it, and closes the descriptor itself.
WOLFSSL* wolfSSL_new(WOLFSSL_CTX* ctx);
void wolfSSL_free(WOLFSSL* ssl);
// The app's own socket, connected or about to be, blocking or not.
int wolfSSL_set_fd(WOLFSSL* ssl, int fd);
int wolfSSL_get_fd(const WOLFSSL* ssl);
// The name that the server's certificate has to carry. Without it any name will do.
int wolfSSL_check_domain_name(WOLFSSL* ssl, const char* name);
int wolfSSL_UseSNI(WOLFSSL* ssl, unsigned char type, const void* name, unsigned short size);
// Application protocols, separated by commas, the first one first. A server that has none of them may end the handshake.
int wolfSSL_UseALPN(WOLFSSL* ssl, char* protocols, unsigned int size, unsigned char options);
// The one that the server chose; WOLFSSL_ALPN_NOT_FOUND: none. The text is the session's.
int wolfSSL_ALPN_GetProtocol(WOLFSSL* ssl, char** protocol, unsigned short* size);
int wolfSSL_SetDevId(WOLFSSL* ssl, int device);
void wolfSSL_set_verify(WOLFSSL* ssl, int mode, VerifyCallback verify);
int wolfSSL_use_certificate_file(WOLFSSL* ssl, const char* file, int format);
int wolfSSL_use_certificate_chain_file(WOLFSSL* ssl, const char* file);
int wolfSSL_use_PrivateKey_file(WOLFSSL* ssl, const char* file, int format);

// The handshake. WOLFSSL_SUCCESS, or WOLFSSL_FATAL_ERROR with more in wolfSSL_get_error: WOLFSSL_ERROR_WANT_READ and
// WOLFSSL_ERROR_WANT_WRITE say to call again when the descriptor is ready.
int wolfSSL_connect(WOLFSSL* ssl);
// Bytes that were written: all of them, or WOLFSSL_FATAL_ERROR as above; call again with the same bytes.
int wolfSSL_write(WOLFSSL* ssl, const void* bytes, int size);
// Bytes that were read. 0: there is no more, WOLFSSL_ERROR_ZERO_RETURN where the server has ended the session, SOCKET_PEER_CLOSED_E
// where it only closed the connection.
int wolfSSL_read(WOLFSSL* ssl, void* buffer, int size);
// The same, and the bytes are read again.
int wolfSSL_peek(WOLFSSL* ssl, void* buffer, int size);
// Bytes that wolfSSL_read has without the descriptor.
int wolfSSL_pending(WOLFSSL* ssl);
// Ends the session: WOLFSSL_SUCCESS once the server has done so too, until then WOLFSSL_SHUTDOWN_NOT_DONE; a second call waits for it.
int wolfSSL_shutdown(WOLFSSL* ssl);

// TLSv1.2 or TLSv1.3, and the cipher suite.
const char* wolfSSL_get_version(const WOLFSSL* ssl);
const char* wolfSSL_get_cipher(WOLFSSL* ssl);
// The server's certificate: the session's. NULL before the handshake.
WOLFSSL_X509* wolfSSL_get_peer_certificate(WOLFSSL* ssl);

// ---- certificates

// The first certificate of a file. NULL where there is none. The app frees it.
WOLFSSL_X509* wolfSSL_X509_load_certificate_file(const char* file, int format);
WOLFSSL_X509* wolfSSL_X509_load_certificate_buffer(const unsigned char* bytes, int size, int format);
void wolfSSL_X509_free(WOLFSSL_X509* x509);
// The certificate's own.
WOLFSSL_X509_NAME* wolfSSL_X509_get_subject_name(WOLFSSL_X509* x509);
WOLFSSL_X509_NAME* wolfSSL_X509_get_issuer_name(WOLFSSL_X509* x509);
// A name as /CN=…/O=…, as much of it as there is room for; returns `text`. With NULL the app frees the result.
char* wolfSSL_X509_NAME_oneline(WOLFSSL_X509_NAME* name, char* text, int size);
char* wolfSSL_X509_get_subjectCN(WOLFSSL_X509* x509);
// The next of the certificate's host names; NULL after the last, and then the first again. The text is the certificate's.
char* wolfSSL_X509_get_next_altname(WOLFSSL_X509* x509);
// Copies the serial number; `size` becomes its length. WOLFSSL_SUCCESS, BUFFER_E where there is not enough room, BAD_FUNC_ARG.
int wolfSSL_X509_get_serial_number(WOLFSSL_X509* x509, unsigned char* serial, int* size);
// A time as in the certificate: its type, its length, its characters.
const byte* wolfSSL_X509_notBefore(WOLFSSL_X509* x509);
const byte* wolfSSL_X509_notAfter(WOLFSSL_X509* x509);
const unsigned char* wolfSSL_X509_get_der(WOLFSSL_X509* x509, int* size);

#ifdef __cplusplus
}
#endif

#include <wolfssl/wolfio.h>

#endif
