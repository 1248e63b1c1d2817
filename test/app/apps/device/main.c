// The applibs that tell of the device and configure it, against what the reference says of them. The argument names the part to run.
#include <signal.h>
#include <unistd.h>

#include "../check.h"

int failures = 0;
char** arguments;

void Memory(void);
void Interfaces(void);
void Services(void);
void TimeSync(void);
void Proxy(void);
void ProxyRead(void);
void NetworkRefused(void);
void Reboot(void);
void PowerDown(void);
void PowerRefused(void);
void Updates(void);
void Deferrals(void);
void Resumed(void);
void EventsRefused(void);
void Certificates(void);
void CertificatesRefused(void);
void SetTime(void);
void TellTime(void);
void TimeRefused(void);
void Wifi(void);
void WifiRefused(void);
void WifiKept(void);

static volatile sig_atomic_t answered = 0;

static void OnAnswer(int number)
{
    (void)number;
    answered = 1;
}

void Ask(const char* what)
{
    answered = 0;
    Log_Debug("%s\n", what);
    while (!answered)
    {
        sleep(1000);
    }
}

static const PART parts[] = {
    {"memory", Memory},
    {"interfaces", Interfaces},
    {"services", Services},
    {"time-sync", TimeSync},
    {"proxy", Proxy},
    {"proxy-read", ProxyRead},
    {"network-refused", NetworkRefused},
    {"reboot", Reboot},
    {"power-down", PowerDown},
    {"power-refused", PowerRefused},
    {"updates", Updates},
    {"deferrals", Deferrals},
    {"resumed", Resumed},
    {"events-refused", EventsRefused},
    {"certificates", Certificates},
    {"certificates-refused", CertificatesRefused},
    {"set-time", SetTime},
    {"tell-time", TellTime},
    {"time-refused", TimeRefused},
    {"wifi", Wifi},
    {"wifi-refused", WifiRefused},
    {"wifi-kept", WifiKept},
};

int main(int argc, char* argv[])
{
    const struct sigaction action = {.sa_handler = OnAnswer};
    arguments = argv;
    CHECK(argc >= 2 && sigaction(SIGUSR1, &action, NULL) == 0);
    return RUN_PART(parts, argv[1]);
}
