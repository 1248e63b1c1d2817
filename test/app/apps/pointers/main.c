// Gives the device's functions a pointer to where no memory is, a length of more than there is, and watches that never end.
#include <arpa/inet.h>
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <applibs/application.h>
#include <applibs/eventloop.h>
#include <applibs/i2c.h>
#include <applibs/log.h>
#include <applibs/spi.h>
#include <applibs/storage.h>

#include "../check.h"

int failures = 0;

static void* nowhere;
static size_t size;
static uint8_t here[16];

static int I2c(void)
{
    return I2CMaster_Open(2);
}

static int Spi(void)
{
    SPIMaster_Config config;
    (void)SPIMaster_InitConfig(&config);
    return SPIMaster_Open(1, MT3620_SPI_CS_A, &config);
}

static void Read(void)
{
    int file = Storage_OpenMutableFile();
    (void)write(file, "hello", 5);
    (void)lseek(file, 0, SEEK_SET);
    (void)read(file, nowhere, 5);
}

static void Write(void)
{
    (void)write(Storage_OpenMutableFile(), nowhere, 5);
}

static void Send(void)
{
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons(1000)};
    (void)sendto(socket(AF_INET, SOCK_DGRAM, 0), nowhere, 100, 0, (const struct sockaddr*)&there, sizeof(there));
}

static void Connect(void)
{
    (void)Application_Connect(nowhere);
}

static void ReadI2c(void)
{
    (void)I2CMaster_Read(I2c(), 0x38, here, size);
}

static void WriteI2c(void)
{
    (void)I2CMaster_Write(I2c(), 0x38, here, size);
}

static void ReadSpi(void)
{
    (void)SPIMaster_WriteThenRead(Spi(), here, 1, here, size);
}

static int OnEvents(int fd)
{
    struct epoll_event event = {.events = EPOLLIN};
    int outer = epoll_create1(0);
    CHECK(epoll_ctl(outer, EPOLL_CTL_ADD, fd, &event) == 0);
    return outer;
}

static void Ignore(EventLoop* loop, int fd, EventLoop_IoEvents events, void* context)
{
    (void)loop;
    (void)fd;
    (void)events;
    (void)context;
}

// What watches itself, through others, would be looked at for ever.
static void Circles(void)
{
    struct epoll_event event = {.events = EPOLLIN};
    int inner = epoll_create1(0);
    int first = OnEvents(inner);
    int outer = OnEvents(OnEvents(OnEvents(first)));
    EventLoop* loop = EventLoop_Create();
    errno = 0;
    CHECK(epoll_ctl(inner, EPOLL_CTL_ADD, first, &event) == -1 && errno == ELOOP);
    CHECK(epoll_wait(first, &event, 1, 1) == 0);
    event = (struct epoll_event){.events = EPOLLIN};
    CHECK(epoll_ctl(epoll_create1(0), EPOLL_CTL_ADD, outer, &event) == -1 && errno == ELOOP);
    CHECK(EventLoop_RegisterIo(loop, EventLoop_GetWaitDescriptor(loop), EventLoop_Input, Ignore, NULL) == NULL);
    CHECK(errno == ELOOP);
    CHECK(EventLoop_Run(loop, 1, true) == EventLoop_Run_FinishedEmpty);
    CHECK(epoll_ctl(inner, EPOLL_CTL_ADD, eventfd(1, 0), &event) == 0);
    CHECK(epoll_wait(outer, &event, 1, 1) == 1);
}

// The sizes are hidden from the compiler, which knows malloc.
static void NoMemory(void)
{
    volatile size_t most = SIZE_MAX;
    void* volatile block;
    void* aligned;
    errno = 0;
    block = malloc(most);
    CHECK(block == NULL && errno == ENOMEM);
    errno = 0;
    block = calloc(most, 1);
    CHECK(block == NULL && errno == ENOMEM);
    errno = 0;
    block = realloc(NULL, most);
    CHECK(block == NULL && errno == ENOMEM);
    errno = 0;
    block = aligned_alloc(64, most - 63);
    CHECK(block == NULL && errno == ENOMEM);
    errno = 0;
    block = memalign(64, most - 100);
    CHECK(block == NULL && errno == ENOMEM);
    errno = 0;
    block = malloc(most / 2 + 1);
    CHECK(block == NULL && errno == ENOMEM);
    CHECK(posix_memalign(&aligned, 64, most - 100) == ENOMEM);
    errno = 0;
    block = malloc(1);
    block = realloc(block, 0);
    CHECK(block == NULL && errno == 0);
}

static void SpiSizes(void)
{
    SPIMaster_Transfer transfers[2];
    int spi = Spi();
    CHECK(SPIMaster_InitTransfers(transfers, 2) == 0);
    for (int i = 0; i < 2; i++)
    {
        transfers[i] = (SPIMaster_Transfer){.flags = SPI_TransferFlags_Write, .writeData = here, .length = i == 0 ? 2 : SIZE_MAX};
    }
    errno = 0;
    CHECK(SPIMaster_TransferSequential(spi, transfers, 2) == -1 && errno == EINVAL);
    errno = 0;
    CHECK(SPIMaster_InitTransfers(transfers, SIZE_MAX / sizeof(SPIMaster_Transfer) + 2) == -1 && errno == EINVAL);
}

// Sizes that add up, or multiply, to more than a size can be.
static void Sizes(void)
{
    volatile size_t large = 0x10001;
    struct iovec parts[2] = {{here, SIZE_MAX}, {here, 1}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    int udp = socket(AF_INET, SOCK_DGRAM, 0);
    void* volatile block;
    errno = 0;
    block = calloc(large, large);
    CHECK(block == NULL && errno == ENOMEM);
    NoMemory();
    SpiSizes();
    CHECK(sendmsg(udp, &message, 0) == -1 && errno == EINVAL);
    CHECK(recvmsg(udp, &message, MSG_DONTWAIT) == -1 && errno == EINVAL);
    message.msg_iovlen = -1;
    CHECK(sendmsg(udp, &message, 0) == -1 && errno == EMSGSIZE);
    CHECK(recvmsg(udp, &message, MSG_DONTWAIT) == -1 && errno == EMSGSIZE);
}

// Keeps nothing on C's own stack, so that the engine's ends first.
static int Deep(int level);
static int (*volatile deeper)(int) = Deep;

static int Deep(int level)
{
    return deeper(level + 1) + 1;
}

static void Recursion(void)
{
    (void)Deep(0);
}

static const PART parts[] = {
    {"read", Read},
    {"write", Write},
    {"send", Send},
    {"connect", Connect},
    {"read-i2c", ReadI2c},
    {"write-i2c", WriteI2c},
    {"read-spi", ReadSpi},
    {"circles", Circles},
    {"sizes", Sizes},
    {"recursion", Recursion},
};

int main(int argc, char* argv[])
{
    int code;
    nowhere = (void*)strtoul(argv[argc - 1], NULL, 16);
    size = (size_t)nowhere;
    code = RUN_PART(parts, argv[1]);
    Log_Debug("still there\n");
    return code;
}
