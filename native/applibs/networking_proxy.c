// The proxy of applibs/networking.h. No connection of ours takes it by itself: an app that is to use it sets OPTION_HTTP_PROXY.
#include <applibs/networking.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "host.h"
#include "host_error.h"

struct Networking_ProxyConfig
{
    HOST_PROXY proxy;
};

// Copies a text into a field of `size` bytes; -1 with EFAULT, ERANGE.
static int copy_text(char* field, size_t size, const char* text)
{
    if (text == NULL || strnlen(text, size) == size)
    {
        return fail(text == NULL ? EFAULT : ERANGE);
    }
    (void)strcpy(field, text);
    return 0;
}

Networking_ProxyConfig* Networking_Proxy_Create(void)
{
    Networking_ProxyConfig* config = calloc(1, sizeof(Networking_ProxyConfig));
    if (config == NULL)
    {
        errno = ENOMEM;
        return NULL;
    }
    config->proxy.options = Networking_ProxyOptions_Enabled;
    return config;
}

void Networking_Proxy_Destroy(Networking_ProxyConfig* proxyConfig)
{
    if (proxyConfig != NULL)
    {
        memset(proxyConfig->proxy.password, 0, sizeof(proxyConfig->proxy.password));
    }
    free(proxyConfig);
}

int Networking_Proxy_Apply(const Networking_ProxyConfig* proxyConfig)
{
    return proxyConfig == NULL ? fail(EFAULT) : host_result(host_network_set_proxy(&proxyConfig->proxy));
}

int Networking_Proxy_Get(Networking_ProxyConfig* proxyConfig)
{
    return proxyConfig == NULL ? fail(EFAULT) : host_result(host_network_get_proxy(&proxyConfig->proxy));
}

int Networking_Proxy_GetProxyStatus(Networking_ProxyStatus* proxyStatus)
{
    if (proxyStatus == NULL)
    {
        return fail(EFAULT);
    }
    *proxyStatus = (Networking_ProxyStatus)host_network_proxy_status();
    return 0;
}

int Networking_Proxy_SetProxyOptions(Networking_ProxyConfig* proxyConfig, Networking_ProxyOptions proxyOptions)
{
    if (proxyConfig == NULL)
    {
        return fail(EFAULT);
    }
    proxyConfig->proxy.options = proxyOptions;
    return 0;
}

int Networking_Proxy_SetProxyAddress(Networking_ProxyConfig* proxyConfig, const char* proxyAddress, uint16_t proxyPort)
{
    if (proxyConfig == NULL)
    {
        return fail(EFAULT);
    }
    if (copy_text(proxyConfig->proxy.address, sizeof(proxyConfig->proxy.address), proxyAddress) != 0)
    {
        return -1;
    }
    proxyConfig->proxy.port = proxyPort;
    return 0;
}

int Networking_Proxy_SetAnonymousAuthentication(Networking_ProxyConfig* proxyConfig)
{
    if (proxyConfig == NULL)
    {
        return fail(EFAULT);
    }
    proxyConfig->proxy.authentication = Networking_ProxyAuthType_Anonymous;
    memset(proxyConfig->proxy.username, 0, sizeof(proxyConfig->proxy.username));
    memset(proxyConfig->proxy.password, 0, sizeof(proxyConfig->proxy.password));
    return 0;
}

int Networking_Proxy_SetBasicAuthentication(Networking_ProxyConfig* proxyConfig, const char* username, const char* password)
{
    if (proxyConfig == NULL || username == NULL || password == NULL)
    {
        return fail(EFAULT);
    }
    if (strnlen(password, sizeof(proxyConfig->proxy.password)) == sizeof(proxyConfig->proxy.password) ||
        copy_text(proxyConfig->proxy.username, sizeof(proxyConfig->proxy.username), username) != 0)
    {
        return fail(ERANGE);
    }
    (void)strcpy(proxyConfig->proxy.password, password);
    proxyConfig->proxy.authentication = Networking_ProxyAuthType_Basic;
    return 0;
}

int Networking_Proxy_SetProxyNoProxyAddresses(Networking_ProxyConfig* proxyConfig, const char* noProxyAddresses)
{
    return proxyConfig == NULL ? fail(EFAULT)
                               : copy_text(proxyConfig->proxy.no_proxy, sizeof(proxyConfig->proxy.no_proxy), noProxyAddresses);
}

int Networking_Proxy_GetProxyOptions(const Networking_ProxyConfig* proxyConfig, Networking_ProxyOptions* proxyOptions)
{
    if (proxyConfig == NULL || proxyOptions == NULL)
    {
        return fail(EFAULT);
    }
    *proxyOptions = proxyConfig->proxy.options;
    return 0;
}

int Networking_Proxy_GetProxyPort(const Networking_ProxyConfig* proxyConfig, uint16_t* proxyPort)
{
    if (proxyConfig == NULL || proxyPort == NULL)
    {
        return fail(EFAULT);
    }
    *proxyPort = (uint16_t)proxyConfig->proxy.port;
    return 0;
}

// A field, or NULL with EFAULT.
static const char* text_of(const Networking_ProxyConfig* config, size_t offset)
{
    if (config == NULL)
    {
        errno = EFAULT;
        return NULL;
    }
    return (const char*)config + offset;
}

const char* Networking_Proxy_GetProxyAddress(const Networking_ProxyConfig* proxyConfig)
{
    return text_of(proxyConfig, offsetof(Networking_ProxyConfig, proxy.address));
}

const char* Networking_Proxy_GetProxyUsername(const Networking_ProxyConfig* proxyConfig)
{
    return text_of(proxyConfig, offsetof(Networking_ProxyConfig, proxy.username));
}

const char* Networking_Proxy_GetProxyPassword(const Networking_ProxyConfig* proxyConfig)
{
    return text_of(proxyConfig, offsetof(Networking_ProxyConfig, proxy.password));
}

const char* Networking_Proxy_GetNoProxyAddresses(const Networking_ProxyConfig* proxyConfig)
{
    return text_of(proxyConfig, offsetof(Networking_ProxyConfig, proxy.no_proxy));
}

Networking_ProxyType Networking_Proxy_GetProxyType(const Networking_ProxyConfig* proxyConfig)
{
    return proxyConfig == NULL ? (Networking_ProxyType)fail(EFAULT) : Networking_ProxyType_HTTP;
}

Networking_ProxyAuthType Networking_Proxy_GetAuthType(const Networking_ProxyConfig* proxyConfig)
{
    return proxyConfig == NULL ? (Networking_ProxyAuthType)fail(EFAULT)
                               : (Networking_ProxyAuthType)proxyConfig->proxy.authentication;
}
