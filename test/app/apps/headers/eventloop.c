#include <applibs/eventloop.h>

static void OnEvent(EventLoop* loop, int fd, EventLoop_IoEvents events, void* context)
{
    (void)loop;
    (void)fd;
    (void)events;
    *(int*)context = 1;
}

int EventLoopNames(void)
{
    int called = 0;
    EventLoop* loop = EventLoop_Create();
    EventRegistration* registration = EventLoop_RegisterIo(loop, 1, EventLoop_Output, OnEvent, &called);
    int failed = registration == 0 || EventLoop_ModifyIoEvents(loop, registration, EventLoop_None) != 0;
    // The standard output can always be written to, but nobody asks.
    failed |= EventLoop_Run(loop, 10, true) != EventLoop_Run_FinishedEmpty || called;
    failed |= EventLoop_ModifyIoEvents(loop, registration, EventLoop_Output) != 0;
    failed |= EventLoop_Run(loop, 10, true) != EventLoop_Run_Finished || !called;
    EventLoop_Close(loop);
    return failed;
}
