// What ends a C++ program beside its exit. The argument is the part.
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <stdexcept>

extern "C" {
#include <applibs/log.h>
}

namespace sensors
{
struct Fault
{
    int code;
};
} // namespace sensors

namespace
{
struct Base
{
    Base()
    {
        Call();
    }
    virtual ~Base() = default;
    void Call()
    {
        Virtual();
    }
    virtual void Virtual() = 0;
};

struct Derived : Base
{
    void Virtual() override
    {
    }
};

struct Global
{
    Global()
    {
        Log_Debug("constructed\n");
    }
    ~Global()
    {
        Log_Debug("destroyed\n");
    }
} global;

const volatile size_t TOO_MUCH = 0x7ffffff0;

void Throw()
{
    try
    {
        throw sensors::Fault{3};
    }
    catch (const sensors::Fault&)
    {
        Log_Debug("caught\n");
    }
}

void OnTerminate()
{
    Log_Debug("the app's handler\n");
    std::abort();
}

void Allocate()
{
    char* volatile memory = new (std::nothrow) char[TOO_MUCH];
    Log_Debug("%s\n", memory == nullptr ? "null" : "memory");
    memory = new char[TOO_MUCH];
    Log_Debug("not reached: %p\n", static_cast<void*>(memory));
}
} // namespace

int main(int, char* argv[])
{
    const char* part = argv[1];
    if (std::strcmp(part, "throw") == 0)
    {
        Throw();
    }
    if (std::strcmp(part, "standard") == 0)
    {
        throw std::runtime_error("no answer");
    }
    if (std::strcmp(part, "number") == 0)
    {
        throw 7;
    }
    if (std::strcmp(part, "terminate") == 0)
    {
        std::terminate();
    }
    if (std::strcmp(part, "handler") == 0)
    {
        std::set_terminate(OnTerminate);
        throw std::logic_error("wrong");
    }
    if (std::strcmp(part, "pure") == 0)
    {
        Derived derived;
    }
    if (std::strcmp(part, "memory") == 0)
    {
        Allocate();
    }
    return 0;
}
