#include <iothub_message.h>

#include "../check.h"

static void Bytes(void)
{
    const unsigned char bytes[] = {1, 0, 2};
    const unsigned char* read;
    size_t size;
    IOTHUB_MESSAGE_HANDLE message = IoTHubMessage_CreateFromByteArray(bytes, sizeof(bytes));
    CHECK(IoTHubMessage_GetByteArray(message, &read, &size) == IOTHUB_MESSAGE_OK);
    CHECK(size == sizeof(bytes) && memcmp(read, bytes, size) == 0 && read != bytes);
    CHECK(IoTHubMessage_GetString(message) == NULL);
    IoTHubMessage_Destroy(message);
}

static void Text(void)
{
    IOTHUB_MESSAGE_HANDLE message = IoTHubMessage_CreateFromString("text");
    CHECK(strcmp(IoTHubMessage_GetString(message), "text") == 0);
    CHECK(IoTHubMessage_SetProperty(message, "key", "value") == IOTHUB_MESSAGE_OK);
    CHECK(strcmp(IoTHubMessage_GetProperty(message, "key"), "value") == 0);
    CHECK(IoTHubMessage_SetProperty(message, "key", NULL) == IOTHUB_MESSAGE_INVALID_ARG);
    CHECK(IoTHubMessage_GetProperty(message, "other") == NULL);
    IoTHubMessage_Destroy(message);
}

void Messages(void)
{
    Bytes();
    Text();
    CHECK(IoTHubMessage_CreateFromByteArray(NULL, 1) == NULL);
}
