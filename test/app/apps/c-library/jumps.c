// setjmp and longjmp, with and without a wait between them.
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include "../check.h"

static jmp_buf outer;
static jmp_buf inner;
static int64_t total = 0;

static int64_t Deep(int depth, int64_t value, double factor)
{
    char room[64];
    memset(room, depth, sizeof(room));
    if (depth == 0)
    {
        usleep(10);
        longjmp(inner, (int)(value * (int64_t)factor));
    }
    return Deep(depth - 1, value, factor) + room[1];
}

// C's stack is where it was after each: this would take more than there is otherwise.
static void Many(void)
{
    for (volatile int i = 1; i < 3000; i++)
    {
        int result = setjmp(inner);
        if (result == 0)
        {
            total += Deep(10, i, 2.0);
        }
        CHECK(result == 2 * i);
    }
    CHECK(total == 0);
}

static void Nested(void)
{
    volatile int steps = 0;
    int result = setjmp(outer);
    if (result == 0)
    {
        int again = setjmp(inner);
        steps = steps + 1;
        if (again < 3)
        {
            usleep(1000);
            longjmp(inner, again + 1);
        }
        sleep(1);
        longjmp(outer, 0); // becomes 1
    }
    CHECK(result == 1 && steps == 4);
}

static sigjmp_buf from_handler;

static void OnSignal(int number)
{
    siglongjmp(from_handler, number);
}

// More than once: the signal is not blocked afterwards.
static void FromHandler(void)
{
    sigset_t blocked;
    signal(SIGALRM, OnSignal);
    for (volatile int i = 0; i < 3; i++)
    {
        int result = sigsetjmp(from_handler, 1);
        if (result == 0)
        {
            alarm(2);
            sleep(10);
            CHECK(0);
        }
        CHECK(result == SIGALRM && sigprocmask(SIG_BLOCK, NULL, &blocked) == 0 && !sigismember(&blocked, SIGALRM));
    }
    if (sigsetjmp(from_handler, 0) == 0)
    {
        raise(SIGALRM);
    }
    CHECK(sigprocmask(SIG_BLOCK, NULL, &blocked) == 0 && sigismember(&blocked, SIGALRM)); // it was not saved
}

void Jumps(void)
{
    Many();
    Nested();
    FromHandler();
}
