// libcurl. The argument names the part to run; the easy interface is here.
#include <applibs/networking_curl.h>
#include <time.h>
#include <tlsutils/deviceauth_curl.h>

#include "http.h"

int failures = 0;

char body[400 * 1024];
size_t bodySize;
char why[CURL_ERROR_SIZE];
static char head[4096];
// The second one of the command line.
static const char* argument = "";

static size_t OnBody(void* bytes, size_t size, size_t count, void* context)
{
    CHECK(context == body && size == 1 && count > 0 && count <= CURL_MAX_WRITE_SIZE && bodySize + count < sizeof(body));
    memcpy(body + bodySize, bytes, count);
    bodySize += count;
    body[bodySize] = '\0';
    return count;
}

static size_t OnHead(char* line, size_t size, size_t count, void* context)
{
    CHECK(context == head && size == 1 && line[count - 1] == '\n' && strlen(head) + count < sizeof(head));
    strncat(head, line, count);
    return count;
}

long Milliseconds(void)
{
    struct timespec now;
    CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

CURL* Make(const char* url)
{
    CURL* handle = curl_easy_init();
    CHECK(handle != NULL && curl_easy_setopt(handle, CURLOPT_URL, url) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, OnBody) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_WRITEDATA, body) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, OnHead) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_HEADERDATA, head) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, why) == CURLE_OK);
    return handle;
}

CURLcode Perform(CURL* handle)
{
    bodySize = 0;
    body[0] = '\0';
    head[0] = '\0';
    return curl_easy_perform(handle);
}

long Status(CURL* handle)
{
    long status = -1;
    CHECK(curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK);
    return status;
}

static const char* TextOf(CURL* handle, CURLINFO info)
{
    char* text = "?";
    CHECK(curl_easy_getinfo(handle, info, &text) == CURLE_OK);
    return text == NULL ? "NULL" : text;
}

static void Fails(const char* url, CURLcode code)
{
    CURL* handle = Make(url);
    CURLcode result = Perform(handle);
    if (result != code)
    {
        Log_Debug("FAILED %s: %d (%s), not %d\n", url, result, why, code);
        failures++;
    }
    CHECK(strlen(why) > 0 && strlen(curl_easy_strerror(code)) > 0);
    curl_easy_cleanup(handle);
}

char* InPackage(const char* name)
{
    char* path = Storage_GetAbsolutePathInImagePackage(name);
    CHECK(path != NULL);
    return path;
}

static void Get(void)
{
    CURL* handle;
    CURL* copy;
    double number = 0;
    curl_off_t large = 0;
    long length = 0;
    CHECK(curl_global_init(CURL_GLOBAL_ALL) == CURLE_OK);
    handle = Make(HTTP "/hello");
    CHECK(curl_easy_setopt(handle, CURLOPT_USERAGENT, "libcurl-agent/1.0") == CURLE_OK);
    CHECK(Perform(handle) == CURLE_OK && strcmp(why, "") == 0);
    CHECK(strcmp(body, "hello") == 0 && Status(handle) == 200);
    CHECK(strstr(head, "HTTP/1.1 200 OK\r\n") == head && strstr(head, "X-Test: 1\r\n") != NULL);
    CHECK(strcmp(head + strlen(head) - 4, "\r\n\r\n") == 0);
    CHECK(strcmp(TextOf(handle, CURLINFO_CONTENT_TYPE), "text/plain") == 0);
    CHECK(strcmp(TextOf(handle, CURLINFO_EFFECTIVE_URL), HTTP "/hello") == 0);
    CHECK(curl_easy_getinfo(handle, CURLINFO_SIZE_DOWNLOAD, &number) == CURLE_OK && number == 5);
    CHECK(curl_easy_getinfo(handle, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &large) == CURLE_OK && large == 5);
    CHECK(curl_easy_getinfo(handle, CURLINFO_HEADER_SIZE, &length) == CURLE_OK && length == (long)strlen(head));
    CHECK(curl_easy_getinfo(handle, CURLINFO_NONE, &length) == CURLE_UNKNOWN_OPTION);
    CHECK(curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, NULL) == CURLE_BAD_FUNCTION_ARGUMENT);

    CHECK(Perform(handle) == CURLE_OK && strcmp(body, "hello") == 0); // again
    CHECK(curl_easy_setopt(handle, CURLOPT_URL, "api.contoso.com:80/large?x=1#part") == CURLE_OK);
    CHECK(Perform(handle) == CURLE_OK && bodySize == 300 * 1024 && body[300 * 1024 - 1] == 'x');
    copy = curl_easy_duphandle(handle);
    curl_easy_cleanup(handle);
    CHECK(curl_easy_setopt(copy, CURLOPT_URL, HTTP "/gzip") == CURLE_OK);
    CHECK(curl_easy_setopt(copy, CURLOPT_ACCEPT_ENCODING, "") == CURLE_OK);
    CHECK(Perform(copy) == CURLE_OK && strcmp(body, "unzipped") == 0);
    CHECK(curl_easy_setopt(copy, CURLOPT_URL, HTTP "/missing") == CURLE_OK);
    CHECK(Perform(copy) == CURLE_OK && Status(copy) == 404 && strcmp(body, "not here") == 0);
    CHECK(curl_easy_setopt(copy, CURLOPT_FAILONERROR, 1L) == CURLE_OK);
    CHECK(Perform(copy) == CURLE_HTTP_RETURNED_ERROR && bodySize == 0 && Status(copy) == 404);
    CHECK(curl_easy_setopt(copy, CURLOPT_NOBODY, 1L) == CURLE_OK);
    CHECK(curl_easy_setopt(copy, CURLOPT_URL, HTTP "/hello") == CURLE_OK);
    CHECK(Perform(copy) == CURLE_OK && bodySize == 0 && Status(copy) == 200);
    CHECK(curl_easy_setopt(copy, CURLOPT_HTTPGET, 1L) == CURLE_OK);
    CHECK(curl_easy_setopt(copy, CURLOPT_HEADER, 1L) == CURLE_OK);
    CHECK(Perform(copy) == CURLE_OK && strstr(body, "HTTP/1.1 200") == body && strstr(body, "\r\n\r\nhello") != NULL);
    curl_easy_reset(copy);
    CHECK(curl_easy_perform(copy) == CURLE_URL_MALFORMAT);
    curl_easy_cleanup(copy);
    curl_easy_cleanup(NULL);
    CHECK(curl_easy_perform(NULL) == CURLE_BAD_FUNCTION_ARGUMENT);
    curl_global_cleanup();
}

static size_t OnUpload(char* buffer, size_t size, size_t count, void* context)
{
    const char** text = context;
    size_t length = strlen(*text) < size * count ? strlen(*text) : size * count;
    memcpy(buffer, *text, length);
    *text += length;
    return length;
}

static size_t OnAbort(char* buffer, size_t size, size_t count, void* context)
{
    (void)buffer;
    (void)size;
    (void)count;
    (void)context;
    return CURL_READFUNC_ABORT;
}

// The test answers with the request's line, headers and body, as they came.
static void Send(void)
{
    CURL* handle = Make(HTTP "/echo");
    struct curl_slist* headers = curl_slist_append(NULL, "X-One: 1");
    const char* upload = "from a function";
    CHECK(headers != NULL && curl_slist_append(headers, "Accept:") == headers);
    CHECK(curl_slist_append(headers, "X-Empty;") == headers && curl_slist_append(headers, "Content-Type: text/x") == headers);
    CHECK(Perform(handle) == CURLE_OK);
    CHECK(strcmp(body, "GET /echo\nHost: api.contoso.com\nAccept: */*\n\n") == 0);
    CHECK(curl_easy_setopt(handle, CURLOPT_RANGE, "0-9") == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_COOKIE, "a=1") == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_REFERER, HTTP) == CURLE_OK && Perform(handle) == CURLE_OK);
    CHECK(strcmp(body, "GET /echo\nHost: api.contoso.com\nRange: bytes=0-9\nAccept: */*\nReferer: " HTTP "\nCookie: a=1\n\n") == 0);
    curl_easy_cleanup(handle);
    handle = Make(HTTP "/echo");
    CHECK(curl_easy_setopt(handle, CURLOPT_POSTFIELDS, "a=1&b=2") == CURLE_OK && Perform(handle) == CURLE_OK);
    CHECK(strcmp(body, "POST /echo\nHost: api.contoso.com\nAccept: */*\nContent-Length: 7\n"
                       "Content-Type: application/x-www-form-urlencoded\n\na=1&b=2") == 0);
    CHECK(curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, 3L) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_USERPWD, "me:word") == CURLE_OK && Perform(handle) == CURLE_OK);
    CHECK(strcmp(body, "POST /echo\nHost: api.contoso.com\nAuthorization: Basic bWU6d29yZA==\nX-One: 1\nX-Empty: \n"
                       "Content-Type: text/x\nContent-Length: 3\n\na=1") == 0);
    curl_easy_reset(handle);
    curl_slist_free_all(headers);
    curl_easy_cleanup(handle);

    handle = Make(HTTP "/echo");
    CHECK(curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_READFUNCTION, OnUpload) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_READDATA, &upload) == CURLE_OK && Perform(handle) == CURLE_OK);
    CHECK(strcmp(body, "PUT /echo\nHost: api.contoso.com\nAccept: */*\nTransfer-Encoding: chunked\n"
                       "Expect: 100-continue\n\nfrom a function") == 0);
    upload = "short";
    CHECK(curl_easy_setopt(handle, CURLOPT_INFILESIZE, 9L) == CURLE_OK && Perform(handle) == CURLE_READ_ERROR);
    CHECK(curl_easy_setopt(handle, CURLOPT_READFUNCTION, OnAbort) == CURLE_OK);
    CHECK(Perform(handle) == CURLE_ABORTED_BY_CALLBACK);
    FILE* file = fopen(InPackage("upload.txt"), "r");
    CHECK(file != NULL && curl_easy_setopt(handle, CURLOPT_READFUNCTION, NULL) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_READDATA, file) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_INFILESIZE_LARGE, (curl_off_t)11) == CURLE_OK);
    CHECK(Perform(handle) == CURLE_OK && strstr(body, "Content-Length: 11\n\nfrom a file") != NULL && fclose(file) == 0);
    CHECK(curl_easy_setopt(handle, CURLOPT_COPYPOSTFIELDS, "kept") == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, "PATCH") == CURLE_OK && Perform(handle) == CURLE_OK);
    CHECK(strstr(body, "PATCH /echo\n") == body && strstr(body, "\n\nkept") != NULL);
    headers = curl_slist_append(NULL, "Transfer-Encoding: chunked");
    CHECK(curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers) == CURLE_OK && Perform(handle) == CURLE_OK);
    CHECK(strstr(body, "Content-Length") == NULL && strstr(body, "\n\nkept") != NULL);
    curl_slist_free_all(headers);
    curl_easy_cleanup(handle);
}

static void Redirects(void)
{
    CURL* handle = Make(HTTP "/redirect/3");
    long count = 0;
    CHECK(Perform(handle) == CURLE_OK && Status(handle) == 302);
    CHECK(strcmp(TextOf(handle, CURLINFO_REDIRECT_URL), HTTP "/redirect/2") == 0);
    CHECK(curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 1L) == CURLE_OK);
    CHECK(Perform(handle) == CURLE_OK && Status(handle) == 200 && strcmp(body, "hello") == 0);
    CHECK(strcmp(TextOf(handle, CURLINFO_EFFECTIVE_URL), HTTP "/hello") == 0);
    CHECK(strcmp(TextOf(handle, CURLINFO_REDIRECT_URL), "NULL") == 0);
    CHECK(curl_easy_getinfo(handle, CURLINFO_REDIRECT_COUNT, &count) == CURLE_OK && count == 4);
    CHECK(curl_easy_setopt(handle, CURLOPT_MAXREDIRS, 2L) == CURLE_OK && Perform(handle) == CURLE_TOO_MANY_REDIRECTS);
    curl_easy_cleanup(handle);

    handle = Make(HTTP "/moved");
    CHECK(curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 1L) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_POSTFIELDS, "x") == CURLE_OK && Perform(handle) == CURLE_OK);
    CHECK(strstr(body, "GET /echo\n") == body && strstr(body, "Content-Length") == NULL);
    CHECK(curl_easy_setopt(handle, CURLOPT_POSTREDIR, (long)CURL_REDIR_POST_ALL) == CURLE_OK);
    CHECK(Perform(handle) == CURLE_OK && strstr(body, "POST /echo\n") == body);
    CHECK(curl_easy_setopt(handle, CURLOPT_URL, HTTP "/elsewhere") == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_USERPWD, "me:word") == CURLE_OK && Perform(handle) == CURLE_OK);
    CHECK(strstr(body, "Host: second.contoso.com\n") != NULL && strstr(body, "Authorization") == NULL);
    CHECK(curl_easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS, (long)CURLPROTO_HTTPS) == CURLE_OK);
    CHECK(Perform(handle) == CURLE_UNSUPPORTED_PROTOCOL);
    curl_easy_cleanup(handle);
}

static size_t OnFull(char* bytes, size_t size, size_t count, void* context)
{
    (void)bytes;
    (void)context;
    return size * count - 1;
}

// As the sample for curl's easy interface does it: what is too much for now pauses, and the progress function goes on.
static int pauses;

static size_t OnPausing(void* bytes, size_t size, size_t count, void* context)
{
    if (bodySize > 100000 && pauses == 0)
    {
        pauses = 1;
        return CURL_WRITEFUNC_PAUSE;
    }
    return OnBody(bytes, size, count, context);
}

static int OnPaused(void* handle, curl_off_t toDownload, curl_off_t downloaded, curl_off_t toUpload, curl_off_t uploaded)
{
    CHECK(downloaded <= toDownload && toUpload == 0 && uploaded == 0);
    if (pauses > 0 && pauses < 4 && ++pauses == 4)
    {
        CHECK(curl_easy_pause(handle, CURLPAUSE_CONT) == CURLE_OK);
    }
    return 0;
}

static void Pauses(void)
{
    CURL* handle = Make(HTTP "/large?x=1");
    long start = Milliseconds();
    CHECK(curl_easy_pause(handle, CURLPAUSE_CONT) == CURLE_BAD_FUNCTION_ARGUMENT);
    CHECK(curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, OnPausing) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, OnPaused) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_XFERINFODATA, handle) == CURLE_OK);
    CHECK(Perform(handle) == CURLE_OK && bodySize == 300 * 1024 && pauses == 4);
    CHECK(Milliseconds() - start < 3000);
    pauses = 0; // nobody goes on
    CHECK(curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 1L) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_TIMEOUT, 20L) == CURLE_OK && Perform(handle) == CURLE_OPERATION_TIMEDOUT);
    curl_easy_cleanup(handle);
}

static int stops;

static int OnProgress(void* context, curl_off_t toDownload, curl_off_t downloaded, curl_off_t toUpload, curl_off_t uploaded)
{
    (void)context;
    (void)toDownload;
    (void)downloaded;
    (void)toUpload;
    (void)uploaded;
    return --stops == 0;
}

static void Failures(void)
{
    CURL* handle;
    long start;
    Fails("http://other.contoso.com/", CURLE_COULDNT_CONNECT);
    Fails("http://nowhere.contoso.com/", CURLE_COULDNT_RESOLVE_HOST);
    Fails("http://closed.contoso.com:7/", CURLE_COULDNT_CONNECT);
    Fails("ftp://api.contoso.com/", CURLE_UNSUPPORTED_PROTOCOL);
    Fails("http://api.contoso.com:99999/", CURLE_URL_MALFORMAT);
    Fails(HTTP "/nothing", CURLE_GOT_NOTHING);
    Fails(HTTP "/half", CURLE_PARTIAL_FILE);
    Fails("http://api.contoso.com:19/", CURLE_UNSUPPORTED_PROTOCOL);
    Fails("https://api.contoso.com:19/", CURLE_SSL_CONNECT_ERROR);

    handle = Make(HTTP "/slow");
    CHECK(curl_easy_setopt(handle, CURLOPT_TIMEOUT, 5L) == CURLE_OK);
    start = Milliseconds();
    CHECK(Perform(handle) == CURLE_OPERATION_TIMEDOUT && Milliseconds() - start == 5000);
    CHECK(curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, 250L) == CURLE_OK);
    CHECK(Perform(handle) == CURLE_OPERATION_TIMEDOUT && Milliseconds() - start == 5250);
    CHECK(curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, 0L) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, OnProgress) == CURLE_OK);
    stops = 20;
    CHECK(Perform(handle) == CURLE_ABORTED_BY_CALLBACK);
    curl_easy_cleanup(handle);

    handle = Make(HTTP "/hello");
    CHECK(curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, OnFull) == CURLE_OK && Perform(handle) == CURLE_WRITE_ERROR);
    CHECK(curl_easy_setopt(handle, (CURLoption)9999, 1L) == CURLE_UNKNOWN_OPTION);
    CHECK(curl_easy_setopt(handle, CURLOPT_SSL_VERIFYSTATUS, 1L) == CURLE_NOT_BUILT_IN); // as wolfSSL's backend
    CHECK(curl_easy_setopt(NULL, CURLOPT_URL, "") == CURLE_BAD_FUNCTION_ARGUMENT);
    curl_easy_cleanup(handle);
}

static CURLcode With(const char* url, CURLoption option, const char* file)
{
    CURL* handle = Make(url);
    char* path = InPackage(file);
    CURLcode result;
    CHECK(curl_easy_setopt(handle, option, path) == CURLE_OK);
    free(path);
    result = Perform(handle);
    curl_easy_cleanup(handle);
    return result;
}

static void ClientCertificate(void)
{
    CURL* handle = Make(HTTPS "/who");
    char* root = InPackage("certs/root.pem");
    char* certificate = InPackage("client/certificate.pem");
    char* key = InPackage("client/key.pem");
    CHECK(curl_easy_setopt(handle, CURLOPT_CAINFO, root) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_SSLCERT, certificate) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_SSLKEY, key) == CURLE_OK && Perform(handle) == CURLE_SSL_CERTPROBLEM);
    CHECK(curl_easy_setopt(handle, CURLOPT_KEYPASSWD, "s\xe8same") == CURLE_OK && Perform(handle) == CURLE_SSL_CERTPROBLEM);
    CHECK(curl_easy_setopt(handle, CURLOPT_KEYPASSWD, "s\xe9same") == CURLE_OK && Perform(handle) == CURLE_OK);
    CHECK(strcmp(body, "client-1") == 0);
    curl_easy_cleanup(handle);
    free(root);
    free(certificate);
    free(key);
}

static CURLcode OnTls(CURL* handle, void* sslContext, void* context)
{
    CHECK(handle != NULL && context == &failures);
    CHECK(DeviceAuth_SslCtxFunc(NULL) == DeviceAuthSslResult_EnableHwSignError);
    return DeviceAuth_SslCtxFunc(sslContext) == DeviceAuthSslResult_Success ? CURLE_OK : CURLE_SSL_CERTPROBLEM;
}

static void Https(void)
{
    CURL* handle;
    ClientCertificate();
    CHECK(With(HTTPS "/hello", CURLOPT_CAINFO, "certs/root.pem") == CURLE_OK && strcmp(body, "hello") == 0);
    CHECK(With(HTTPS "/hello", CURLOPT_CAPATH, "certs") == CURLE_OK && strcmp(body, "hello") == 0);
    CHECK(With(HTTPS "/hello", CURLOPT_CAINFO, "other/root.pem") == CURLE_PEER_FAILED_VERIFICATION);
    CHECK(With(HTTPS "/hello", CURLOPT_CAINFO, "certs/none.pem") == CURLE_SSL_CACERT_BADFILE);
    CHECK(With(HTTPS "/hello", CURLOPT_CAPATH, "empty") == CURLE_SSL_CACERT_BADFILE);
    CHECK(With("https://second.contoso.com/", CURLOPT_CAINFO, "certs/root.pem") == CURLE_PEER_FAILED_VERIFICATION);
    CHECK(With("https://second.contoso.com/", CURLOPT_SSLCERT, "certs/none.pem") == CURLE_SSL_CERTPROBLEM);
    handle = Make("https://second.contoso.com/hello");
    CHECK(Perform(handle) == CURLE_PEER_FAILED_VERIFICATION && strstr(why, "second.contoso.com") != NULL);
    CHECK(curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 0L) == CURLE_OK);
    CHECK(Perform(handle) == CURLE_PEER_FAILED_VERIFICATION);
    CHECK(curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 0L) == CURLE_OK && Perform(handle) == CURLE_OK);
    curl_easy_cleanup(handle);
}

// The test answers with the common name of the client's certificate.
static void MutualTls(void)
{
    CURL* handle = Make(HTTPS "/who");
    char* root = InPackage("certs/root.pem");
    CHECK(curl_easy_setopt(handle, CURLOPT_CAINFO, root) == CURLE_OK);
    CHECK(Perform(handle) == CURLE_OK && strcmp(body, "nobody") == 0);
    CHECK(curl_easy_setopt(handle, CURLOPT_FRESH_CONNECT, 1L) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_SSL_CTX_FUNCTION, DeviceAuth_CurlSslFunc) == CURLE_OK);
    CHECK(Perform(handle) == CURLE_OK);
    Log_Debug("device %s\n", body);
    CHECK(curl_easy_setopt(handle, CURLOPT_SSL_CTX_FUNCTION, OnTls) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_SSL_CTX_DATA, &failures) == CURLE_OK && Perform(handle) == CURLE_OK);
    Log_Debug("device %s\n", body);
    curl_easy_cleanup(handle);
    free(root);
}

static void MutualTlsRefused(void)
{
    CURL* handle = Make(HTTPS "/who");
    CHECK(curl_easy_setopt(handle, CURLOPT_SSL_CTX_FUNCTION, DeviceAuth_CurlSslFunc) == CURLE_OK);
    CHECK(Perform(handle) == CURLE_SSL_CERTPROBLEM);
    curl_easy_cleanup(handle);
}

// The test plays the proxy at proxy.contoso.com:3128: it answers to what it is asked for with whom and how it was asked.
static void Proxy(void)
{
    CURL* handle = Make("http://far.contoso.com/page");
    Networking_ProxyConfig* proxy = Networking_Proxy_Create();
    CHECK_ERROR(Networking_Curl_SetDefaultProxy(NULL), EFAULT);
    CHECK(Networking_Curl_SetDefaultProxy(handle) == 0); // there is none
    CHECK(curl_easy_setopt(handle, CURLOPT_PROXY, "http://proxy.contoso.com:3128") == CURLE_OK);
    CHECK(Perform(handle) == CURLE_OK && strcmp(body, "GET http://far.contoso.com/page undefined") == 0);
    CHECK(curl_easy_setopt(handle, CURLOPT_NOPROXY, "example.com,.contoso.com") == CURLE_OK);
    CHECK(Perform(handle) == CURLE_COULDNT_CONNECT); // directly, which the manifest does not allow
    CHECK(curl_easy_setopt(handle, CURLOPT_NOPROXY, NULL) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_PROXYUSERPWD, "me:word") == CURLE_OK && Perform(handle) == CURLE_OK);
    CHECK(strcmp(body, "GET http://far.contoso.com/page Basic bWU6d29yZA==") == 0);
    curl_easy_cleanup(handle);

    handle = Make(HTTP "/hello"); // which is asked for through a tunnel, as HTTPS always is
    CHECK(curl_easy_setopt(handle, CURLOPT_PROXY, "proxy.contoso.com") == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_PROXYPORT, 3128L) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_PROXYUSERPWD, "me:word") == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_HTTPPROXYTUNNEL, 1L) == CURLE_OK);
    CHECK(Perform(handle) == CURLE_OK && strcmp(body, "hello") == 0);
    curl_easy_cleanup(handle);

    handle = Make(HTTPS "/hello");
    CHECK(Networking_Proxy_SetProxyOptions(proxy, Networking_ProxyOptions_Enabled) == 0);
    CHECK(Networking_Proxy_SetProxyAddress(proxy, "proxy.contoso.com", 3128) == 0);
    CHECK(Networking_Proxy_SetBasicAuthentication(proxy, "me", "word") == 0 && Networking_Proxy_Apply(proxy) == 0);
    CHECK(Networking_Curl_SetDefaultProxy(handle) == 0);
    CHECK(curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 0L) == CURLE_OK);
    CHECK(Perform(handle) == CURLE_OK && strcmp(body, "hello") == 0);
    CHECK(curl_easy_setopt(handle, CURLOPT_FRESH_CONNECT, 1L) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_PROXYUSERPWD, "me:wrong") == CURLE_OK && Perform(handle) == CURLE_COULDNT_CONNECT);
    Networking_Proxy_Destroy(proxy);
    curl_easy_cleanup(handle);
}

static int OnDebug(CURL* handle, curl_infotype type, char* data, size_t size, void* context)
{
    CHECK(handle != NULL && context == &failures);
    CHECK(type != CURLINFO_HEADER_OUT || memcmp(data + size - 4, "\r\n\r\n", 4) == 0);
    stops += type == CURLINFO_HEADER_OUT || type == CURLINFO_HEADER_IN ? 1 : 0;
    return 0;
}

// The test answers after two seconds.
static void Later(void)
{
    CURL* handle = Make(HTTP "/later");
    double seconds = 0;
    curl_off_t microseconds = 0;
    CHECK(curl_easy_setopt(handle, CURLOPT_TIMEOUT, 3L) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, 1L) == CURLE_OK); // the connection takes no time
    CHECK(Perform(handle) == CURLE_OK && strcmp(body, "late") == 0);
    CHECK(curl_easy_getinfo(handle, CURLINFO_TOTAL_TIME, &seconds) == CURLE_OK && seconds == 2);
    CHECK(curl_easy_getinfo(handle, CURLINFO_TOTAL_TIME_T, &microseconds) == CURLE_OK && microseconds == 2000000);
    CHECK(curl_easy_getinfo(handle, CURLINFO_STARTTRANSFER_TIME, &seconds) == CURLE_OK && seconds == 2);
    CHECK(curl_easy_getinfo(handle, CURLINFO_SPEED_DOWNLOAD, &seconds) == CURLE_OK && seconds == 2);
    curl_easy_cleanup(handle);
}

#define TEN(text) text text text text text text text text text text
#define LONG TEN(TEN("0123456789"))

// Where an app may put what is secret: URLs, headers of its own, a redirect, the proxy's password.
static void VerboseSecrets(CURL* handle)
{
    static const char* const urls[] = {
        HTTP "/hello?sv=2024&sig=c2lnbmVk%3D&se=1#x",
        HTTP "/hello?a=1&password=hidden-1&pwd=hidden-2&signature=hidden-3&b=2",
        HTTP "/hello?connection=AccountName%3Dn%3BAccountKey%3Dhidden4%3BEnd%3D1",
        HTTP "/to?http://me:hidden-5@api.contoso.com/hello",
        "http://me:hidden-6@api.contoso.com/hello",
        HTTP "/hello?" LONG "&password=hidden-12&shown=1",
    };
    static const char* const headers[] = {
        "Authorization: SharedAccessSignature sr=host&sig=hidden7%3D&se=1", "Authorization: hidden-8 of another form",
        "X-Connection: HostName=h;SharedAccessKey=hidden9;End=1",           "X-Json: {\"password\": \"hidden-10\", \"shown\": 1}",
    };
    CHECK(curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 1L) == CURLE_OK);
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
    {
        CHECK(curl_easy_setopt(handle, CURLOPT_URL, urls[i]) == CURLE_OK && Perform(handle) == CURLE_OK);
    }
    CHECK(curl_easy_setopt(handle, CURLOPT_USERPWD, NULL) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_URL, HTTP "/cookie") == CURLE_OK);
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
    {
        struct curl_slist* list = curl_slist_append(NULL, headers[i]);
        CHECK(curl_easy_setopt(handle, CURLOPT_HTTPHEADER, list) == CURLE_OK && Perform(handle) == CURLE_OK);
        CHECK(curl_easy_setopt(handle, CURLOPT_HTTPHEADER, NULL) == CURLE_OK);
        curl_slist_free_all(list);
    }
    // The proxy answers with the password.
    CHECK(curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, OnBody) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_WRITEDATA, body) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_URL, HTTP "/hello") == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_PROXY, "http://me:hidden-11@proxy.contoso.com:3128") == CURLE_OK);
    CHECK(Perform(handle) == CURLE_OK);
}

// What curl calls for what it sends (verbose_log.h). Of two handles, one sends while the other has sent a part of a line.
extern size_t write_without_secrets(const void* handle, const void* text, size_t size, size_t count, FILE* file);

static void Sends(const void* handle, const char* text)
{
    CHECK(write_without_secrets(handle, "> ", 2, 1, stdout) == 1);
    CHECK(write_without_secrets(handle, text, strlen(text), 1, stdout) == 1);
}

static void VerboseInTurns(void)
{
    const int first = 0, second = 0;
    Sends(&first, "GET /first HTTP/1.1\r\nX-Key: 1\r\nAuthorization: Bas");
    Sends(&second, "GET /second HTTP/1.1\r\nCookie: sess");
    Sends(&first, "ic bWU6aGlkZGVuLTE0\r\nX-First: 1\r\n");
    Sends(&second, "ion=hidden-15\r\nX-Second: 1\r\n");
}

// A request breaks off within a line. The next request of that handle, or another handle at its address, has lines of its own.
static void VerboseBrokenOff(CURL* handle)
{
    CURL* other = curl_easy_init();
    Sends(handle, "GET /broken HTTP/1.1\r\nX-Broken-Off: 1");
    CHECK(curl_easy_setopt(handle, CURLOPT_PROXY, "") == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_URL, HTTP "/hello?after") == CURLE_OK && Perform(handle) == CURLE_OK);
    Sends(other, "GET /broken HTTP/1.1\r\nX-Broken-Off: 2");
    curl_easy_cleanup(other);
    Sends(other, "GET /reused HTTP/1.1\r\n");
}

static void Verbose(void)
{
    CURL* handle = Make(HTTP "/hello");
    int kept;
    char* encoded = curl_easy_escape(handle, "a b/\xc3\xa9~", 0);
    char* decoded = curl_easy_unescape(handle, "a%20b%2Gc%41", 0, &kept);
    CHECK(strcmp(encoded, "a%20b%2F%C3%A9~") == 0 && strcmp(decoded, "a b%2GcA") == 0 && kept == 8);
    curl_free(encoded);
    curl_free(decoded);
    CHECK(curl_easy_setopt(handle, CURLOPT_USERPWD, "me:word") == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_COOKIE, "session=secret") == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_VERBOSE, 1L) == CURLE_OK && Perform(handle) == CURLE_OK);
    stops = 0;
    CHECK(curl_easy_setopt(handle, CURLOPT_DEBUGFUNCTION, OnDebug) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_DEBUGDATA, &failures) == CURLE_OK && Perform(handle) == CURLE_OK && stops == 8);
    CHECK(curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, NULL) == CURLE_OK); // to standard output
    CHECK(curl_easy_setopt(handle, CURLOPT_WRITEDATA, stdout) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_VERBOSE, 0L) == CURLE_OK && Perform(handle) == CURLE_OK);
    printf("\n");
    CHECK(curl_easy_setopt(handle, CURLOPT_DEBUGFUNCTION, NULL) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_VERBOSE, 1L) == CURLE_OK);
    VerboseSecrets(handle);
    VerboseInTurns();
    VerboseBrokenOff(handle);
    printf("\n");
    curl_easy_cleanup(handle);
}

static void Offline(void)
{
    Fails(HTTP "/hello", CURLE_COULDNT_RESOLVE_HOST);
}

static size_t OnDecoded(void* bytes, size_t size, size_t count, void* context)
{
    *(curl_off_t*)context += (curl_off_t)(size * count);
    CHECK(size * count <= CURL_MAX_WRITE_SIZE && bytes != NULL);
    return count;
}

// What a few bytes become is given to the app in pieces.
static void Bomb(void)
{
    static const char* const urls[] = {HTTP "/bomb/gzip", HTTP "/bomb/deflate", HTTP "/bomb/twice"};
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
    {
        CURL* handle = Make(urls[i]);
        curl_off_t decoded = 0;
        CHECK(curl_easy_setopt(handle, CURLOPT_ACCEPT_ENCODING, "") == CURLE_OK);
        CHECK(curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, OnDecoded) == CURLE_OK);
        CHECK(curl_easy_setopt(handle, CURLOPT_WRITEDATA, &decoded) == CURLE_OK);
        CHECK(curl_easy_perform(handle) == CURLE_OK);
        Log_Debug("%s: %lld\n", urls[i], (long long)decoded);
        curl_easy_cleanup(handle);
    }
}

static size_t OnInformation(void* bytes, size_t size, size_t count, void* context)
{
    (void)bytes;
    *(curl_off_t*)context += (curl_off_t)count;
    return size * count;
}

// A server that says "100 Continue" without end: curl takes 300 KiB of headers, whatever they are.
static void Informational(void)
{
    CURL* handle = Make("http://api.contoso.com:21/");
    curl_off_t given = 0;
    CHECK(curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, OnInformation) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_HEADERDATA, &given) == CURLE_OK);
    CHECK(curl_easy_perform(handle) == CURLE_RECV_ERROR && strstr(why, "Too large response headers") != NULL);
    CHECK(given > 300 * 1024 && given < 301 * 1024);
    curl_easy_cleanup(handle);
}

static CURLcode Redirected(const char* to)
{
    char url[256];
    CURL* handle;
    CURLcode result;
    (void)snprintf(url, sizeof(url), HTTP "/to?%s", to);
    handle = Make(url);
    CHECK(curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 1L) == CURLE_OK);
    result = Perform(handle);
    curl_easy_cleanup(handle);
    return result;
}

// 127.0.0.1 is the device. The argument is a port of the computer that the test listens on.
static void Loopback(void)
{
    static const char* const hosts[] = {"127.0.0.1",  "localhost", "127.1",     "2130706433",
                                        "0x7f000001", "0.0.0.0",   "127.9.9.9", "LOCALHOST"};
    char url[128];
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
    {
        (void)snprintf(url, sizeof(url), "http://%s:%s/", hosts[i], argument);
        Fails(url, CURLE_COULDNT_CONNECT);
        CHECK(Redirected(url) == CURLE_COULDNT_CONNECT);
    }
    // The device has no IPv6.
    (void)snprintf(url, sizeof(url), "http://[::1]:%s/", argument);
    Fails(url, CURLE_COULDNT_RESOLVE_HOST);
    (void)snprintf(url, sizeof(url), "http://[::ffff:127.0.0.1]:%s/", argument);
    Fails(url, CURLE_COULDNT_RESOLVE_HOST);
}

static const PART parts[] = {
    {"get", Get},
    {"send", Send},
    {"redirects", Redirects},
    {"pauses", Pauses},
    {"later", Later},
    {"failures", Failures},
    {"https", Https},
    {"mutual-tls", MutualTls},
    {"mutual-tls-refused", MutualTlsRefused},
    {"proxy", Proxy},
    {"verbose", Verbose},
    {"offline", Offline},
    {"together", Together},
    {"event-driven", EventDriven},
    {"event-driven-at-once", EventDrivenAtOnce},
    {"waiting", Waiting},
    {"nested", Nested},
    {"shared", Shared},
    {"forms", Forms},
    {"texts", Texts},
    {"limits", Limits},
    {"security", Security},
    {"bomb", Bomb},
    {"informational", Informational},
    {"loopback", Loopback},
};

int main(int argc, char* argv[])
{
    CHECK(argc >= 2);
    argument = argc > 2 ? argv[2] : argument;
    return RUN_PART(parts, argv[1]);
}
