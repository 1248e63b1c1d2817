// Whom an app trusts, and as whom it comes.
#include <signal.h>
#include <tlsutils/deviceauth.h>

#include "parts.h"

static void Accepts(WOLFSSL_METHOD* method, const char* version)
{
    WOLFSSL_CTX* ctx = ContextFor(method, "certs/root.pem");
    WOLFSSL* ssl = SessionTo(ctx, "tls.contoso.com");
    wolfSSL_CTX_free(ctx); // the session goes on
    CHECK(strcmp(wolfSSL_get_version(ssl), "unknown") == 0 && wolfSSL_get_peer_certificate(ssl) == NULL);
    CHECK(wolfSSL_connect(ssl) == WOLFSSL_SUCCESS && wolfSSL_get_error(ssl, 1) == WOLFSSL_ERROR_NONE);
    CHECK(wolfSSL_connect(ssl) == WOLFSSL_SUCCESS); // once more
    CHECK(strcmp(wolfSSL_get_version(ssl), version) == 0 && strncmp(wolfSSL_get_cipher(ssl), "TLS_", 4) == 0);
    CHECK(strcmp(Answer(ssl, "hello\n"), "hello\n") == 0);
    CHECK(strcmp(Answer(ssl, "sni\n"), "tls.contoso.com\n") == 0);
    CHECK(strcmp(Answer(ssl, "who\n"), "nobody\n") == 0);
    WOLFSSL_X509* peer = wolfSSL_get_peer_certificate(ssl);
    CHECK(strcmp(wolfSSL_X509_get_subjectCN(peer), "tls.contoso.com") == 0);
    wolfSSL_X509_free(peer); // it is the session's
    CHECK(wolfSSL_get_peer_certificate(ssl) == peer);
    End(ssl);
}

static void Fails(WOLFSSL_METHOD* method, const char* root, const char* name, int error)
{
    char text[WOLFSSL_MAX_ERROR_SZ];
    WOLFSSL_CTX* ctx = ContextFor(method, root);
    WOLFSSL* ssl = SessionTo(ctx, name);
    int result = wolfSSL_connect(ssl);
    if (result != WOLFSSL_FATAL_ERROR || wolfSSL_get_error(ssl, result) != error)
    {
        Log_Debug("FAILED %s: %d, error %d, not %d\n", name, result, wolfSSL_get_error(ssl, result), error);
        failures++;
    }
    CHECK(strcmp(wolfSSL_ERR_error_string((unsigned long)error, text), wc_GetErrorString(error)) == 0);
    CHECK(strcmp(text, "unknown error number") != 0);
    char begin[8];
    wolfSSL_ERR_error_string_n((unsigned long)-error, begin, sizeof(begin)); // without its sign
    CHECK(strlen(begin) == 7 && strncmp(begin, text, 7) == 0);
    // It stays so.
    CHECK(wolfSSL_write(ssl, "x", 1) == WOLFSSL_FATAL_ERROR && wolfSSL_read(ssl, text, 1) == WOLFSSL_FATAL_ERROR);
    CHECK(wolfSSL_shutdown(ssl) == WOLFSSL_FATAL_ERROR);
    End(ssl);
    wolfSSL_CTX_free(ctx);
}

static int accepts = 0;
static int seen = 0;

static int OnVerify(int accepted, WOLFSSL_X509_STORE_CTX* store)
{
    seen = wolfSSL_X509_STORE_CTX_get_error(store);
    CHECK(accepted == (seen == 0) && strcmp(store->domain, "other.contoso.com") == 0);
    CHECK(strcmp(wolfSSL_X509_get_subjectCN(store->current_cert), "other.contoso.com") == 0);
    return accepts;
}

static void Verify(int mode, VerifyCallback verify, int error)
{
    WOLFSSL_CTX* ctx = ContextFor(wolfTLS_client_method(), NULL);
    wolfSSL_CTX_set_verify(ctx, verify == NULL ? mode : WOLFSSL_VERIFY_PEER, NULL);
    WOLFSSL* ssl = SessionTo(ctx, "other.contoso.com");
    if (verify != NULL)
    {
        wolfSSL_set_verify(ssl, mode, verify); // of one session
    }
    int result = wolfSSL_connect(ssl);
    CHECK(wolfSSL_get_error(ssl, result) == error);
    CHECK(error != 0 || strcmp(Answer(ssl, "hello\n"), "hello\n") == 0);
    End(ssl);
    wolfSSL_CTX_free(ctx);
}

void Trust(void)
{
    Accepts(wolfTLSv1_2_client_method(), "TLSv1.2");
    Accepts(wolfTLSv1_3_client_method(), "TLSv1.3");
    Accepts(wolfTLS_client_method(), "TLSv1.3");
    Accepts(wolfSSLv23_client_method(), "TLSv1.3");
    for (int i = 0; i < 2; i++)
    {
        WOLFSSL_METHOD* method = i == 0 ? wolfTLSv1_2_client_method() : wolfTLSv1_3_client_method();
        Fails(method, "certs/other.pem", "tls.contoso.com", ASN_NO_SIGNER_E);
        Fails(method, NULL, "tls.contoso.com", ASN_NO_SIGNER_E);
        Fails(method, "certs/root.pem", "name.contoso.com", DOMAIN_NAME_MISMATCH);
        Fails(method, "certs/root.pem", "expired.contoso.com", ASN_AFTER_DATE_E);
        Fails(method, "certs/root.pem", "future.contoso.com", ASN_BEFORE_DATE_E);
    }
    Fails(wolfTLSv1_3_client_method(), "certs/root.pem", "old.contoso.com", VERSION_ERROR);
    Fails(wolfTLS_client_method(), "certs/root.pem", "plain.contoso.com", UNKNOWN_RECORD_TYPE);
    Fails(wolfTLS_client_method(), "certs/root.pem", "closing.contoso.com", SOCKET_ERROR_E);
    Fails(wolfTLS_client_method(), "certs/root.pem", "junk.contoso.com", PARSE_ERROR);

    Verify(WOLFSSL_VERIFY_NONE, NULL, 0);
    Verify(WOLFSSL_VERIFY_PEER, OnVerify, ASN_NO_SIGNER_E);
    accepts = 1;
    CHECK(seen == ASN_NO_SIGNER_E);
    Verify(WOLFSSL_VERIFY_PEER, OnVerify, 0);
}

// What is refused before there is a connection.
void Refused(void)
{
    WOLFSSL_CTX* ctx = wolfSSL_CTX_new(wolfTLSv1_2_client_method());
    char* root = PathOf("certs/root.pem");
    char* text = PathOf("certs/text.txt");
    char* broken = PathOf("certs/broken.pem");
    CHECK(wolfSSL_CTX_new(NULL) == NULL && wolfSSL_new(NULL) == NULL);
    CHECK(wolfSSL_CTX_load_verify_locations(ctx, "/nowhere", NULL) == WOLFSSL_BAD_FILE);
    CHECK(wolfSSL_CTX_load_verify_locations(ctx, root, "/mnt") == WOLFSSL_BAD_PATH);
    CHECK(wolfSSL_CTX_load_verify_locations(ctx, NULL, NULL) == WOLFSSL_FAILURE);
    CHECK(wolfSSL_CTX_load_verify_locations(ctx, text, NULL) == ASN_NO_PEM_HEADER);
    CHECK(wolfSSL_CTX_load_verify_locations(ctx, broken, NULL) == ASN_PARSE_E);
    CHECK(wolfSSL_CTX_use_certificate_file(ctx, root, 7) == WOLFSSL_BAD_FILETYPE);
    CHECK(wolfSSL_CTX_use_PrivateKey_file(ctx, root, WOLFSSL_FILETYPE_PEM) == ASN_NO_PEM_HEADER);
    CHECK(wolfSSL_CTX_use_certificate_buffer(ctx, (const unsigned char*)"0", 1, WOLFSSL_FILETYPE_ASN1) == ASN_PARSE_E);
    CHECK(wolfSSL_CTX_load_verify_buffer(ctx, NULL, 0, WOLFSSL_FILETYPE_PEM) == BAD_FUNC_ARG);
    CHECK(wolfSSL_X509_load_certificate_file("/nowhere", WOLFSSL_FILETYPE_PEM) == NULL);
    CHECK(wolfSSL_X509_load_certificate_file(text, WOLFSSL_FILETYPE_PEM) == NULL);
    CHECK(wolfSSL_CTX_SetMinVersion(ctx, WOLFSSL_TLSV1_3) == BAD_FUNC_ARG);
    CHECK(wolfSSL_CTX_SetMinVersion(ctx, WOLFSSL_TLSV1) == WOLFSSL_SUCCESS);
    CHECK(wolfSSL_CTX_UseSNI(ctx, 1, "x", 1) == BAD_FUNC_ARG);
    CHECK(wolfSSL_CTX_SetDevId(NULL, 1) == WOLFSSL_FAILURE && wolfSSL_Debugging_ON() == NOT_COMPILED_IN);

    WOLFSSL* ssl = wolfSSL_new(ctx);
    CHECK(wolfSSL_check_domain_name(ssl, NULL) == WOLFSSL_FAILURE && wolfSSL_set_fd(NULL, 0) == BAD_FUNC_ARG);
    CHECK(wolfSSL_UseALPN(ssl, "h2", 2, 0) == BAD_FUNC_ARG);
    char name[300];
    memset(name, 'x', sizeof(name));
    CHECK(wolfSSL_UseALPN(ssl, name, 256, WOLFSSL_ALPN_CONTINUE_ON_MISMATCH) == BAD_FUNC_ARG);
    CHECK(wolfSSL_connect(ssl) == WOLFSSL_FATAL_ERROR && wolfSSL_get_error(ssl, -1) == SOCKET_ERROR_E); // no descriptor
    CHECK(wolfSSL_read(ssl, NULL, 1) == BAD_FUNC_ARG && wolfSSL_write(NULL, "x", 1) == BAD_FUNC_ARG);
    CHECK(wolfSSL_shutdown(ssl) == WOLFSSL_FATAL_ERROR && wolfSSL_pending(ssl) == 0);
    wolfSSL_free(ssl);
    wolfSSL_free(NULL);
    wolfSSL_CTX_free(ctx);
    wolfSSL_CTX_free(NULL);
    free(root);
    free(text);
    free(broken);
}

// ---- as whom it comes

static void Presents(WOLFSSL_CTX* ctx, const char* name, const char* who)
{
    WOLFSSL* ssl = SessionTo(ctx, name);
    CHECK(wolfSSL_connect(ssl) == WOLFSSL_SUCCESS);
    const char* answer = Answer(ssl, "who\n");
    CHECK(who == NULL ? strlen(answer) == 129 : strcmp(answer, who) == 0); // a device id
    End(ssl);
}

// A server that wants a certificate, and gets none that it trusts: with TLS 1.3 the client learns of it when it reads.
static void IsTurnedAway(WOLFSSL_CTX* ctx)
{
    char byte;
    WOLFSSL* ssl = SessionTo(ctx, "strict.contoso.com");
    int result = wolfSSL_connect(ssl);
    result = result == WOLFSSL_SUCCESS ? wolfSSL_read(ssl, &byte, 1) : result;
    CHECK(result == WOLFSSL_FATAL_ERROR && wolfSSL_get_error(ssl, result) == FATAL_ERROR);
    End(ssl);
}

// The bytes of a file of the image package, on the heap.
static unsigned char* BytesOf(const char* file, long* size)
{
    int fd = Storage_OpenFileInImagePackage(file);
    CHECK(fd >= 0);
    *size = lseek(fd, 0, SEEK_END);
    unsigned char* bytes = malloc((size_t)*size);
    CHECK(lseek(fd, 0, SEEK_SET) == 0 && read(fd, bytes, (size_t)*size) == *size && close(fd) == 0);
    return bytes;
}

// All from memory, and the name for the server from the context.
static void FromMemory(void)
{
    static const char name[] = "strict.contoso.com";
    long size;
    WOLFSSL_CTX* ctx = ContextFor(wolfTLS_client_method(), NULL);
    unsigned char* root = BytesOf("certs/root.pem", &size);
    CHECK(wolfSSL_CTX_load_verify_buffer(ctx, root, size, WOLFSSL_FILETYPE_PEM) == WOLFSSL_SUCCESS);
    unsigned char* certificate = BytesOf("certs/client.pem", &size);
    CHECK(wolfSSL_CTX_use_certificate_chain_buffer(ctx, certificate, size) == WOLFSSL_SUCCESS);
    unsigned char* key = BytesOf("certs/client-key.pem", &size);
    CHECK(wolfSSL_CTX_use_PrivateKey_buffer(ctx, key, size, WOLFSSL_FILETYPE_PEM) == WOLFSSL_SUCCESS);
    CHECK(wolfSSL_CTX_UseSNI(ctx, WOLFSSL_SNI_HOST_NAME, name, sizeof(name) - 1) == WOLFSSL_SUCCESS);
    WOLFSSL* ssl = wolfSSL_new(ctx);
    wolfSSL_CTX_free(ctx);
    free(root);
    free(certificate);
    memset(key, 0, (size_t)size);
    free(key);
    CHECK(wolfSSL_set_fd(ssl, ConnectTo(name, 0)) == WOLFSSL_SUCCESS && wolfSSL_connect(ssl) == WOLFSSL_SUCCESS);
    CHECK(strcmp(Answer(ssl, "who\n"), "client-1\n") == 0 && strcmp(Answer(ssl, "sni\n"), "strict.contoso.com\n") == 0);
    End(ssl);
}

void ClientCertificate(void)
{
    FromMemory();
    for (int i = 0; i < 2; i++)
    {
        WOLFSSL_CTX* ctx = ContextFor(i == 0 ? wolfTLSv1_2_client_method() : wolfTLSv1_3_client_method(), "certs/root.pem");
        char* certificate = PathOf("certs/client.pem");
        char* key = PathOf("certs/client-key.pem");
        char* other_key = PathOf("certs/server-key.pem");
        char* der = PathOf("certs/client.der");
        char* der_key = PathOf("certs/client-key.der");
        IsTurnedAway(ctx);
        Presents(ctx, "tls.contoso.com", "nobody\n");
        CHECK(wolfSSL_CTX_use_certificate_chain_file(ctx, certificate) == WOLFSSL_SUCCESS);
        IsTurnedAway(ctx); // without the key, as the log says
        CHECK(wolfSSL_CTX_use_PrivateKey_file(ctx, other_key, WOLFSSL_FILETYPE_PEM) == WOLFSSL_SUCCESS);
        IsTurnedAway(ctx); // with one that belongs to another certificate
        CHECK(wolfSSL_CTX_use_PrivateKey_file(ctx, key, WOLFSSL_FILETYPE_PEM) == WOLFSSL_SUCCESS);
        Presents(ctx, "strict.contoso.com", "client-1\n");
        Presents(ctx, "tls.contoso.com", "client-1\n");
        wolfSSL_CTX_free(ctx);

        // DER, and of one session only.
        ctx = ContextFor(wolfTLS_client_method(), "certs/root.pem");
        WOLFSSL* ssl = SessionTo(ctx, "strict.contoso.com");
        CHECK(wolfSSL_use_certificate_file(ssl, der, WOLFSSL_FILETYPE_ASN1) == WOLFSSL_SUCCESS);
        CHECK(wolfSSL_use_PrivateKey_file(ssl, der_key, WOLFSSL_FILETYPE_ASN1) == WOLFSSL_SUCCESS);
        CHECK(wolfSSL_use_certificate_chain_file(ssl, certificate) == WOLFSSL_SUCCESS); // the same certificate
        CHECK(wolfSSL_connect(ssl) == WOLFSSL_SUCCESS && strcmp(Answer(ssl, "who\n"), "client-1\n") == 0);
        End(ssl);
        IsTurnedAway(ctx);
        wolfSSL_CTX_free(ctx);
        free(certificate);
        free(key);
        free(other_key);
        free(der);
        free(der_key);
    }
}

void DeviceCertificate(void)
{
    for (int i = 0; i < 2; i++)
    {
        WOLFSSL_CTX* ctx = ContextFor(i == 0 ? wolfTLSv1_2_client_method() : wolfTLSv1_3_client_method(), "certs/root.pem");
        CHECK(wolfSSL_CTX_use_certificate_file(ctx, DeviceAuth_GetCertificatePath(), WOLFSSL_FILETYPE_PEM) == WOLFSSL_SUCCESS);
        CHECK(wolfSSL_CTX_SetDevId(ctx, 1) == WOLFSSL_SUCCESS);
        WOLFSSL* ssl = SessionTo(ctx, "strict.contoso.com");
        CHECK(wolfSSL_SetDevId(ssl, 1) == WOLFSSL_SUCCESS && wolfSSL_connect(ssl) == WOLFSSL_SUCCESS);
        Log_Debug("device %s", Answer(ssl, "who\n"));
        End(ssl);
        wolfSSL_CTX_free(ctx);
    }
}

static void OnSignal(int number)
{
    (void)number;
}

// The app has loaded the DAA certificate, and the device gets a new one.
void RenewedCertificate(void)
{
    WOLFSSL_CTX* ctx = ContextFor(wolfTLS_client_method(), "certs/root.pem");
    CHECK(wolfSSL_CTX_use_certificate_file(ctx, DeviceAuth_GetCertificatePath(), WOLFSSL_FILETYPE_PEM) == WOLFSSL_SUCCESS);
    signal(SIGUSR1, OnSignal);
    Log_Debug("loaded\n");
    sleep(1000);
    Presents(ctx, "strict.contoso.com", NULL);
    wolfSSL_CTX_free(ctx);
}
