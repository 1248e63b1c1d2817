// TLS beyond whom it trusts, and limits of time.
#include "http.h"

// What a file of the image package holds; the data is to be freed.
static struct curl_blob BlobOf(const char* name)
{
    struct curl_blob blob = {.flags = CURL_BLOB_COPY};
    char* path = InPackage(name);
    FILE* file = fopen(path, "r");
    blob.data = malloc(10000);
    CHECK(file != NULL && (blob.len = fread(blob.data, 1, 10000, file)) > 0 && fclose(file) == 0);
    free(path);
    return blob;
}

static void SetBlob(CURL* handle, CURLoption option, const char* name)
{
    struct curl_blob blob = BlobOf(name);
    CHECK(curl_easy_setopt(handle, option, &blob) == CURLE_OK);
    free(blob.data); // curl has its own copy
}

static void Blobs(void)
{
    struct curl_blob none = {.data = "none", .len = 4, .flags = CURL_BLOB_COPY};
    CURL* handle = Make(HTTPS "/who");
    SetBlob(handle, CURLOPT_CAINFO_BLOB, "certs/root.pem");
    SetBlob(handle, CURLOPT_SSLCERT_BLOB, "client/certificate.pem");
    SetBlob(handle, CURLOPT_SSLKEY_BLOB, "client/open-key.pem");
    CHECK(Perform(handle) == CURLE_OK && strcmp(body, "client-1") == 0);
    CHECK(curl_easy_setopt(handle, CURLOPT_SSLKEY_BLOB, &none) == CURLE_OK && Perform(handle) == CURLE_SSL_CERTPROBLEM);
    CHECK(curl_easy_setopt(handle, CURLOPT_CAINFO_BLOB, &none) == CURLE_OK && Perform(handle) == CURLE_SSL_CACERT_BADFILE);
    curl_easy_cleanup(handle);
}

static void Certificates(void)
{
    struct curl_certinfo* certificates = NULL;
    struct curl_tlssessioninfo* session = NULL;
    CURL* handle = Make(HTTPS "/tls");
    SetBlob(handle, CURLOPT_CAINFO_BLOB, "certs/root.pem");
    CHECK(curl_easy_setopt(handle, CURLOPT_CERTINFO, 1L) == CURLE_OK && Perform(handle) == CURLE_OK);
    CHECK(curl_easy_getinfo(handle, CURLINFO_CERTINFO, &certificates) == CURLE_OK && certificates->num_of_certs >= 1);
    CHECK(strstr(certificates->certinfo[0]->data, "Subject:") != NULL);
    CHECK(curl_easy_getinfo(handle, CURLINFO_TLS_SSL_PTR, &session) == CURLE_OK && session != NULL);
    CHECK(curl_easy_setopt(handle, CURLOPT_PINNEDPUBLICKEY, "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=") == CURLE_OK);
    CHECK(Perform(handle) == CURLE_SSL_PINNEDPUBKEYNOTMATCH);
    curl_easy_cleanup(handle);
}

static void Suites(void)
{
    CURL* handle = Make(HTTPS "/tls");
    CHECK(curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 0L) == CURLE_OK);
    CHECK(Perform(handle) == CURLE_OK && strcmp(body, "TLSv1.3") == 0);
    CHECK(curl_easy_setopt(handle, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_MAX_TLSv1_2) == CURLE_OK);
    CHECK(Perform(handle) == CURLE_OK && strcmp(body, "TLSv1.2") == 0);
    CHECK(curl_easy_setopt(handle, CURLOPT_SSL_CIPHER_LIST, "ECDHE-ECDSA-AES128-GCM-SHA256") == CURLE_OK);
    CHECK(Perform(handle) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_SSL_CIPHER_LIST, "NO-SUCH-CIPHER") == CURLE_OK);
    CHECK(Perform(handle) == CURLE_SSL_CIPHER);
    curl_easy_cleanup(handle);
}

// More than the buffers on the way hold, both ways.
static void Large(void)
{
    CURL* handle = Make(HTTPS "/length");
    char* content = malloc(300 * 1024);
    long connections = -1;
    memset(content, 'x', 300 * 1024);
    CHECK(curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 0L) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, 300 * 1024L) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_POSTFIELDS, content) == CURLE_OK);
    CHECK(Perform(handle) == CURLE_OK && strcmp(body, "307200") == 0);
    CHECK(curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_URL, HTTPS "/large?x=1") == CURLE_OK);
    CHECK(Perform(handle) == CURLE_OK && bodySize == 300 * 1024);
    CHECK(curl_easy_getinfo(handle, CURLINFO_NUM_CONNECTS, &connections) == CURLE_OK && connections == 0);
    curl_easy_cleanup(handle);
    free(content);
}

// TLS to a proxy, and TLS to the server inside it.
static void SecureProxy(void)
{
    CURL* handle = Make(HTTPS "/hello");
    CHECK(curl_easy_setopt(handle, CURLOPT_PROXY, "https://proxy.contoso.com:3129") == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_PROXYUSERPWD, "me:word") == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 0L) == CURLE_OK);
    CHECK(Perform(handle) == CURLE_PEER_FAILED_VERIFICATION); // it is another host's certificate
    CHECK(curl_easy_setopt(handle, CURLOPT_PROXY_SSL_VERIFYPEER, 0L) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_PROXY_SSL_VERIFYHOST, 0L) == CURLE_OK);
    CHECK(Perform(handle) == CURLE_OK && strcmp(body, "hello") == 0);
    curl_easy_cleanup(handle);
}

void Security(void)
{
    Blobs();
    Certificates();
    Suites();
    Large();
    SecureProxy();
}

void Limits(void)
{
    CURL* handle = Make("https://api.contoso.com:8443/"); // which says nothing
    long start = Milliseconds();
    long lasted;
    CHECK(curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, 2L) == CURLE_OK);
    CHECK(Perform(handle) == CURLE_OPERATION_TIMEDOUT && Milliseconds() - start == 2000);
    CHECK(curl_easy_setopt(handle, CURLOPT_URL, HTTP "/slow") == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 10L) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, 30L) == CURLE_OK);
    start = Milliseconds();
    CHECK(Perform(handle) == CURLE_OPERATION_TIMEDOUT);
    lasted = Milliseconds() - start;
    CHECK(lasted >= 30000 && lasted <= 32000);
    curl_easy_cleanup(handle);
}
