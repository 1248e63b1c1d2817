// The device's HTTP proxy for libcurl.
#ifndef APPLIBS_NETWORKING_CURL_H
#define APPLIBS_NETWORKING_CURL_H

#include <applibs/networking.h>
#include <curl/curl.h>

#ifdef __cplusplus
extern "C" {
#endif

// CURLPROXY_HTTP, or -1.
int Networking_Curl_ProxyTypeToCurlProxyType(Networking_ProxyType proxyType);
// Makes a handle use the proxy that the device has, or none (NetworkConfig or ReadNetworkProxyConfig). 0, or -1 with EACCES, EFAULT.
int Networking_Curl_SetDefaultProxy(CURL* curlHandle);

#ifdef __cplusplus
}
#endif

#endif
