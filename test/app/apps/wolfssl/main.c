// wolfSSL. The test answers at names of contoso.com, port 443. The argument names the part to run.
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "parts.h"

int failures = 0;

int ConnectTo(const char* name, int flags)
{
    struct hostent* host = gethostbyname(name);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(443)};
    int fd = socket(AF_INET, SOCK_STREAM | flags, 0);
    CHECK(host != NULL && fd >= 0);
    memcpy(&address.sin_addr, host->h_addr_list[0], sizeof(address.sin_addr));
    errno = 0;
    CHECK(connect(fd, (struct sockaddr*)&address, sizeof(address)) == 0 || errno == EINPROGRESS);
    return fd;
}

char* PathOf(const char* file)
{
    char* path = Storage_GetAbsolutePathInImagePackage(file);
    CHECK(path != NULL);
    return path;
}

WOLFSSL_CTX* ContextFor(WOLFSSL_METHOD* method, const char* root)
{
    WOLFSSL_CTX* ctx = wolfSSL_CTX_new(method);
    CHECK(ctx != NULL);
    if (root != NULL)
    {
        char* path = PathOf(root);
        CHECK(wolfSSL_CTX_load_verify_locations(ctx, path, NULL) == WOLFSSL_SUCCESS);
        free(path);
    }
    return ctx;
}

WOLFSSL* SessionTo(WOLFSSL_CTX* ctx, const char* name)
{
    WOLFSSL* ssl = wolfSSL_new(ctx);
    CHECK(ssl != NULL && wolfSSL_get_fd(ssl) == -1);
    CHECK(wolfSSL_check_domain_name(ssl, name) == WOLFSSL_SUCCESS);
    CHECK(wolfSSL_UseSNI(ssl, WOLFSSL_SNI_HOST_NAME, name, (unsigned short)strlen(name)) == WOLFSSL_SUCCESS);
    CHECK(wolfSSL_set_fd(ssl, ConnectTo(name, 0)) == WOLFSSL_SUCCESS);
    return ssl;
}

const char* Answer(WOLFSSL* ssl, const char* line)
{
    static char text[256];
    int size = 0;
    CHECK(wolfSSL_write(ssl, line, (int)strlen(line)) == (int)strlen(line));
    do
    {
        int count = wolfSSL_read(ssl, text + size, (int)sizeof(text) - size - 1);
        if (count <= 0)
        {
            Log_Debug("FAILED %s: %d, error %d\n", line, count, wolfSSL_get_error(ssl, count));
            failures++;
            break;
        }
        size += count;
    } while (text[size - 1] != '\n');
    text[size] = '\0';
    return text;
}

void End(WOLFSSL* ssl)
{
    int fd = wolfSSL_get_fd(ssl);
    wolfSSL_free(ssl);
    CHECK(close(fd) == 0);
}

static const PART parts[] = {
    {"trust", Trust},
    {"refused", Refused},
    {"client-certificate", ClientCertificate},
    {"device-certificate", DeviceCertificate},
    {"renewed-certificate", RenewedCertificate},
    {"sessions", Sessions},
    {"nonblocking", Nonblocking},
    {"spinning", Spinning},
    {"large", Large},
    {"endings", Endings},
    {"own-input", OwnInput},
    {"timeouts", Timeouts},
    {"certificates", Certificates},
    {"device-id", DeviceId},
    {"crypto", Crypto},
};

int main(int argc, char* argv[])
{
    CHECK(argc >= 2);
    CHECK(wolfSSL_Init() == WOLFSSL_SUCCESS);
    (void)RUN_PART(parts, argv[1]);
    CHECK(wolfSSL_Cleanup() == WOLFSSL_SUCCESS);
    return failures;
}
