#define _GNU_SOURCE // IFF_RUNNING
// Names and addresses.
#include <ifaddrs.h>
#include <net/if.h>
#include <netpacket/packet.h>

#include "network.h"

static int LookUp(const char* node, const char* service, const struct addrinfo* hints)
{
    struct addrinfo* found = NULL;
    int result = getaddrinfo(node, service, hints, &found);
    freeaddrinfo(result == 0 ? found : NULL);
    return result;
}

static void ShowAddress(const struct sockaddr* address, const struct sockaddr* mask, char* text, size_t size)
{
    const unsigned char* hardware = ((const struct sockaddr_ll*)address)->sll_addr;
    char ip[INET_ADDRSTRLEN];
    char bits[INET_ADDRSTRLEN];
    if (address->sa_family == AF_PACKET)
    {
        CHECK(((const struct sockaddr_ll*)address)->sll_halen == 6);
        (void)snprintf(text, size, "%02x:%02x:%02x:%02x:%02x:%02x", hardware[0], hardware[1], hardware[2], hardware[3],
                       hardware[4], hardware[5]);
        return;
    }
    CHECK(address->sa_family == AF_INET);
    inet_ntop(AF_INET, &((const struct sockaddr_in*)address)->sin_addr, ip, sizeof(ip));
    inet_ntop(AF_INET, &((const struct sockaddr_in*)mask)->sin_addr, bits, sizeof(bits));
    (void)snprintf(text, size, "%s/%s", ip, bits);
}

// The name of each, and its hardware address or "address/mask".
void InterfaceList(void)
{
    struct ifaddrs* interfaces;
    CHECK(getifaddrs(&interfaces) == 0);
    for (const struct ifaddrs* each = interfaces; each != NULL; each = each->ifa_next)
    {
        char text[64];
        ShowAddress(each->ifa_addr, each->ifa_netmask, text, sizeof(text));
        Log_Debug("%s %s%s\n", each->ifa_name, text, (each->ifa_flags & IFF_RUNNING) != 0 ? " running" : "");
    }
    freeifaddrs(interfaces);
    freeifaddrs(NULL);
}

void Names(void)
{
    struct addrinfo* found = NULL;
    struct hostent* host;
    struct sockaddr_in address = Address("10.1.2.3", 8080);
    char text[INET_ADDRSTRLEN];
    char service[8];
    CHECK(getaddrinfo("Echo.Contoso.com", "https", NULL, &found) == 0);
    CHECK(found->ai_socktype == SOCK_STREAM && found->ai_protocol == IPPROTO_TCP && found->ai_family == AF_INET);
    CHECK(ntohs(((struct sockaddr_in*)found->ai_addr)->sin_port) == 443);
    CHECK(found->ai_next != NULL && found->ai_next->ai_socktype == SOCK_DGRAM && found->ai_next->ai_next == NULL);
    freeaddrinfo(found);
    CHECK(AddressOf("echo.contoso.com", 1).sin_addr.s_addr == AddressOf("ECHO.contoso.com.", 2).sin_addr.s_addr);
    CHECK(AddressOf("echo.contoso.com", 1).sin_addr.s_addr != AddressOf("sink.contoso.com", 1).sin_addr.s_addr);
    CHECK(AddressOf("10.1.2.3", 1).sin_addr.s_addr == inet_addr("10.1.2.3"));
    CHECK(AddressOf("localhost", 1).sin_addr.s_addr == htonl(INADDR_LOOPBACK));

    CHECK(getaddrinfo(NULL, "8080", &(struct addrinfo){.ai_flags = AI_PASSIVE, .ai_socktype = SOCK_STREAM}, &found) == 0);
    CHECK(((struct sockaddr_in*)found->ai_addr)->sin_addr.s_addr == INADDR_ANY && found->ai_next == NULL);
    freeaddrinfo(found);
    CHECK(getaddrinfo("echo.contoso.com", NULL, &(struct addrinfo){.ai_flags = AI_CANONNAME}, &found) == 0);
    CHECK(found->ai_canonname != NULL && strcmp(found->ai_canonname, "echo.contoso.com") == 0);
    freeaddrinfo(found);
    freeaddrinfo(NULL);

    CHECK(LookUp(NULL, NULL, NULL) == EAI_NONAME);
    CHECK(LookUp("no name", "80", NULL) == EAI_NONAME && LookUp("", "80", NULL) == EAI_NONAME);
    CHECK(LookUp("echo.contoso.com", "nonsense", NULL) == EAI_SERVICE);
    CHECK(LookUp("echo.contoso.com", "65536", NULL) == EAI_SERVICE);
    CHECK(LookUp("echo.contoso.com", "http", &(struct addrinfo){.ai_flags = AI_NUMERICSERV}) == EAI_SERVICE);
    CHECK(LookUp("echo.contoso.com", "80", &(struct addrinfo){.ai_flags = AI_NUMERICHOST}) == EAI_NONAME);
    CHECK(LookUp("echo.contoso.com", "80", &(struct addrinfo){.ai_family = AF_INET6}) == EAI_NONAME);
    CHECK(LookUp("echo.contoso.com", "80", &(struct addrinfo){.ai_family = AF_UNIX}) == EAI_FAMILY);
    CHECK(LookUp("echo.contoso.com", "80", &(struct addrinfo){.ai_socktype = SOCK_RAW}) == EAI_SOCKTYPE);
    CHECK(strlen(gai_strerror(EAI_NONAME)) > 0);

    host = gethostbyname("echo.contoso.com");
    CHECK(host != NULL && host->h_length == 4 && host->h_addrtype == AF_INET && host->h_addr_list[1] == NULL);
    CHECK(strcmp(inet_ntoa(*(struct in_addr*)host->h_addr_list[0]), "198.18.0.1") == 0);
    CHECK(gethostbyname("no name") == NULL && h_errno == HOST_NOT_FOUND);
    {
        struct hostent entry;
        struct hostent* found;
        char buffer[200];
        int error = 0;
        CHECK(gethostbyname_r("echo.contoso.com", &entry, buffer + 1, 199, &found, &error) == 0 && found == &entry);
        CHECK(strcmp(found->h_name, "echo.contoso.com") == 0 && memcmp(found->h_addr_list[0], host->h_addr_list[0], 4) == 0);
        CHECK(gethostbyname_r("echo.contoso.com", &entry, buffer, 20, &found, &error) == ERANGE && found == NULL);
        CHECK(gethostbyname_r("no name", &entry, buffer, 200, &found, &error) == 0 && found == NULL && error == HOST_NOT_FOUND);
        CHECK(gethostbyname2("echo.contoso.com", AF_INET6) == NULL);
    }

    CHECK(inet_ntop(AF_INET, &address.sin_addr, text, sizeof(text)) != NULL && strcmp(text, "10.1.2.3") == 0);
    CHECK(inet_pton(AF_INET, "10.1.2", &address.sin_addr) == 0 && inet_addr("10.1.2.256") == INADDR_NONE);
    CHECK(getnameinfo((struct sockaddr*)&address, sizeof(address), text, sizeof(text), service, sizeof(service), 0) == 0);
    CHECK(strcmp(text, "10.1.2.3") == 0 && strcmp(service, "8080") == 0);
    CHECK(getnameinfo((struct sockaddr*)&address, sizeof(address), text, sizeof(text), NULL, 0, NI_NAMEREQD) == EAI_NONAME);
    CHECK(getnameinfo((struct sockaddr*)&address, 3, text, sizeof(text), NULL, 0, 0) == EAI_FAMILY);
    CHECK(getnameinfo((struct sockaddr*)&address, sizeof(address), text, 3, NULL, 0, 0) == EAI_OVERFLOW);
}
