#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../check.h"

static int LogWith(const char* format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int result = Log_DebugVarArgs(format, arguments);
    va_end(arguments);
    return result;
}

static int Print(char* text, size_t size, const char* format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, size, format, arguments);
    va_end(arguments);
    return length;
}

static void Text(void)
{
    char text[8];
    CHECK(LogWith("%s and %d\n", "text", 5) == 0);
    CHECK(Print(text, sizeof(text), "%s", "too long for it") == 15 && strcmp(text, "too lon") == 0);
    CHECK(strnlen("text", 10) == 4 && strnlen("text", 2) == 2);
}

static void Random(void)
{
    srand(7);
    int first = rand();
    int second = rand();
    CHECK(first >= 0 && second >= 0 && first != second);
    srand(7);
    CHECK(rand() == first && rand() == second);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static volatile bool hasCome = false;

static void OnTime(union sigval value)
{
    (void)value;
    CHECK(pthread_mutex_lock(&mutex) == 0);
    hasCome = true;
    CHECK(pthread_cond_signal(&condition) == 0);
    CHECK(pthread_mutex_unlock(&mutex) == 0);
}

static void Conditions(void)
{
    pthread_cond_t steady;
    pthread_condattr_t attributes;
    struct sigevent event = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = OnTime};
    struct itimerspec value = {.it_value = {.tv_sec = 2}, .it_interval = {0, 0}};
    struct timespec until;
    timer_t timer;
    CHECK(pthread_mutex_lock(&mutex) == 0);
    CHECK(pthread_cond_signal(&condition) == 0 && pthread_cond_broadcast(&condition) == 0);
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 3;
    time_t before = time(NULL);
    CHECK(pthread_cond_timedwait(&condition, &mutex, &until) == ETIMEDOUT);
    CHECK(time(NULL) >= before + 3);
    CHECK(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0 && timer_settime(timer, 0, &value, NULL) == 0);
    while (!hasCome)
    {
        CHECK(pthread_cond_wait(&condition, &mutex) == 0);
    }
    CHECK(time(NULL) >= before + 5);
    CHECK(pthread_condattr_init(&attributes) == 0 && pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
    CHECK(pthread_cond_init(&steady, &attributes) == 0);
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec++;
    CHECK(pthread_cond_timedwait(&steady, &mutex, &until) == ETIMEDOUT);
    CHECK(time(NULL) >= before + 6);
    CHECK(pthread_mutex_unlock(&mutex) == 0);
}

static sem_t semaphore;

static void Post(union sigval value)
{
    (void)value;
    CHECK(sem_post(&semaphore) == 0);
}

static void Semaphores(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = Post};
    struct itimerspec value = {.it_value = {.tv_sec = 2}, .it_interval = {0, 0}};
    struct timespec until;
    timer_t timer;
    int count;
    CHECK(sem_init(&semaphore, 0, 1) == 0 && sem_wait(&semaphore) == 0);
    CHECK_ERROR(sem_trywait(&semaphore), EAGAIN);
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 3;
    time_t before = time(NULL);
    CHECK_ERROR(sem_timedwait(&semaphore, &until), ETIMEDOUT);
    CHECK(time(NULL) >= before + 3);
    CHECK(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0 && timer_settime(timer, 0, &value, NULL) == 0);
    CHECK(sem_wait(&semaphore) == 0 && time(NULL) >= before + 5);
    CHECK(sem_post(&semaphore) == 0 && sem_getvalue(&semaphore, &count) == 0 && count == 1);
    CHECK_ERROR(sem_init(&semaphore, 0, 0x80000000u), EINVAL);
    CHECK(sem_destroy(&semaphore) == 0 && timer_delete(timer) == 0);
}

void Library(void)
{
    Semaphores();
    Text();
    Random();
    Conditions();
}
