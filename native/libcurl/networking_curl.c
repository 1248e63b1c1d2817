#include <applibs/networking_curl.h>

#include <errno.h>

#include <applibs/networking.h>

int Networking_Curl_ProxyTypeToCurlProxyType(Networking_ProxyType proxyType)
{
    return proxyType == Networking_ProxyType_HTTP ? CURLPROXY_HTTP : -1;
}

// Makes a handle use a proxy that is enabled.
static void use(CURL* handle, const Networking_ProxyConfig* proxy)
{
    uint16_t port = 0;
    (void)Networking_Proxy_GetProxyPort(proxy, &port);
    (void)curl_easy_setopt(handle, CURLOPT_PROXY, Networking_Proxy_GetProxyAddress(proxy));
    (void)curl_easy_setopt(handle, CURLOPT_PROXYPORT, (long)port);
    (void)curl_easy_setopt(handle, CURLOPT_NOPROXY, Networking_Proxy_GetNoProxyAddresses(proxy));
    if (Networking_Proxy_GetAuthType(proxy) == Networking_ProxyAuthType_Basic)
    {
        (void)curl_easy_setopt(handle, CURLOPT_PROXYUSERNAME, Networking_Proxy_GetProxyUsername(proxy));
        (void)curl_easy_setopt(handle, CURLOPT_PROXYPASSWORD, Networking_Proxy_GetProxyPassword(proxy));
    }
}

int Networking_Curl_SetDefaultProxy(CURL* curlHandle)
{
    Networking_ProxyConfig* proxy;
    Networking_ProxyOptions options = 0;
    int result;
    int error;
    if (curlHandle == NULL)
    {
        errno = EFAULT;
        return -1;
    }
    proxy = Networking_Proxy_Create();
    if (proxy == NULL)
    {
        return -1;
    }
    result = Networking_Proxy_Get(proxy);
    error = errno;
    (void)(result == 0 ? Networking_Proxy_GetProxyOptions(proxy, &options) : 0);
    if ((options & Networking_ProxyOptions_Enabled) != 0)
    {
        use(curlHandle, proxy);
    }
    else if (result == 0 || error == ENOENT) // there is none
    {
        result = 0;
        (void)curl_easy_setopt(curlHandle, CURLOPT_PROXY, NULL);
    }
    Networking_Proxy_Destroy(proxy);
    errno = error;
    return result;
}
