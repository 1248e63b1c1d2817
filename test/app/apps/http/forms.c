// Forms, and what curl makes of texts.
#include "http.h"

static void Multipart(void)
{
    CURL* handle = Make(HTTP "/echo");
    curl_mime* form = curl_mime_init(handle);
    curl_mimepart* part = curl_mime_addpart(form);
    char* file = InPackage("upload.txt");
    CHECK(curl_mime_name(part, "field") == CURLE_OK && curl_mime_data(part, "value", CURL_ZERO_TERMINATED) == CURLE_OK);
    part = curl_mime_addpart(form);
    CHECK(curl_mime_name(part, "file") == CURLE_OK && curl_mime_filedata(part, file) == CURLE_OK);
    CHECK(curl_mime_type(part, "text/plain") == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_MIMEPOST, form) == CURLE_OK && Perform(handle) == CURLE_OK);
    CHECK(strstr(body, "POST /echo\n") == body && strstr(body, "Content-Type: multipart/form-data; boundary=") != NULL);
    CHECK(strstr(body, "Content-Disposition: form-data; name=\"field\"\r\n\r\nvalue\r\n") != NULL);
    CHECK(strstr(body, "name=\"file\"; filename=\"upload.txt\"\r\nContent-Type: text/plain\r\n\r\nfrom a file\r\n") != NULL);
    CHECK(curl_mime_filedata(curl_mime_addpart(form), "/none") == CURLE_READ_ERROR);
    curl_easy_cleanup(handle);
    curl_mime_free(form);
    free(file);
}

static void OlderForm(void)
{
    CURL* handle = Make(HTTP "/echo");
    struct curl_httppost* first = NULL;
    struct curl_httppost* last = NULL;
    CHECK(curl_formadd(&first, &last, CURLFORM_COPYNAME, "old", CURLFORM_COPYCONTENTS, "form", CURLFORM_END) == CURL_FORMADD_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_HTTPPOST, first) == CURLE_OK && Perform(handle) == CURLE_OK);
    CHECK(strstr(body, "name=\"old\"\r\n\r\nform\r\n") != NULL);
    curl_easy_cleanup(handle);
    curl_formfree(first);
}

void Forms(void)
{
    Multipart();
    OlderForm();
}

void Texts(void)
{
    const curl_version_info_data* version = curl_version_info(CURLVERSION_NOW);
    const struct curl_easyoption* option = curl_easy_option_by_name("URL");
    CURLU* url = curl_url();
    char* part = NULL;
    CHECK(strcmp(version->protocols[0], "http") == 0 && strcmp(version->protocols[1], "https") == 0);
    CHECK(version->protocols[2] == NULL && (version->features & (CURL_VERSION_SSL | CURL_VERSION_LIBZ)) != 0);
    CHECK(option != NULL && option->id == CURLOPT_URL && curl_easy_option_by_id(CURLOPT_SSL_VERIFYSTATUS) != NULL);
    CHECK(curl_url_set(url, CURLUPART_URL, HTTPS ":8443/a/b?c=d#e", 0) == CURLUE_OK);
    CHECK(curl_url_get(url, CURLUPART_PORT, &part, 0) == CURLUE_OK && strcmp(part, "8443") == 0);
    curl_free(part);
    CHECK(curl_url_set(url, CURLUPART_PORT, "none", 0) == CURLUE_BAD_PORT_NUMBER);
    CHECK(curl_url_set(url, CURLUPART_URL, "../f", 0) == CURLUE_OK);
    CHECK(curl_url_get(url, CURLUPART_URL, &part, 0) == CURLUE_OK && strcmp(part, HTTPS ":8443/f") == 0);
    curl_free(part);
    curl_url_cleanup(url);
    CHECK(curl_getdate("Thu, 01 Jan 1970 00:01:00 GMT", NULL) == 60 && curl_getdate("never", NULL) == -1);
    CHECK(strcmp(curl_easy_strerror(CURLE_OPERATION_TIMEDOUT), "Timeout was reached") == 0);
    CHECK(strlen(curl_multi_strerror(CURLM_BAD_HANDLE)) > 0 && strlen(curl_share_strerror(CURLSHE_IN_USE)) > 0);
}
