// File upload by the SDK. Arguments: how it authenticates (daa SCOPE, or sas CONNECTION_STRING), and what it uploads.
#include <applibs/log.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <azure_sphere_provisioning.h>
#include <iothub.h>
#include <iothub_client_options.h>
#include <iothub_device_client_ll.h>
#include <iothubtransportmqtt.h>

static const char* pieces[] = {"one, ", "two, ", "three"};

static IOTHUB_DEVICE_CLIENT_LL_HANDLE Connect(const char* how, const char* where)
{
    IOTHUB_DEVICE_CLIENT_LL_HANDLE hub = NULL;
    if (strcmp(how, "sas") == 0)
    {
        return IoTHubDeviceClient_LL_CreateFromConnectionString(where, &MQTT_Protocol);
    }
    (void)IoTHubDeviceClient_LL_CreateWithAzureSphereDeviceAuthProvisioning(where, 10000, &hub);
    return hub;
}

// `context` counts the pieces. The fourth call is the one that says there are no more.
static IOTHUB_CLIENT_FILE_UPLOAD_GET_DATA_RESULT OnPiece(IOTHUB_CLIENT_FILE_UPLOAD_RESULT result, unsigned char const** data,
                                                         size_t* size, void* context)
{
    size_t* count = context;
    if (data == NULL || size == NULL)
    {
        Log_Debug("Told: %d\n", result);
        return IOTHUB_CLIENT_FILE_UPLOAD_GET_DATA_OK;
    }
    Log_Debug("Asked, %d\n", result);
    if (*count == sizeof(pieces) / sizeof(pieces[0]))
    {
        *data = NULL;
        *size = 0;
    }
    else
    {
        *data = (const unsigned char*)pieces[*count];
        *size = strlen(pieces[*count]);
        (*count)++;
    }
    return IOTHUB_CLIENT_FILE_UPLOAD_GET_DATA_OK;
}

static IOTHUB_CLIENT_FILE_UPLOAD_GET_DATA_RESULT OnPieceThatEnds(IOTHUB_CLIENT_FILE_UPLOAD_RESULT result,
                                                                 unsigned char const** data, size_t* size, void* context)
{
    size_t* count = context;
    return *count == 2 && data != NULL ? IOTHUB_CLIENT_FILE_UPLOAD_GET_DATA_ABORT : OnPiece(result, data, size, context);
}

static IOTHUB_CLIENT_RESULT UploadMegabyte(IOTHUB_DEVICE_CLIENT_LL_HANDLE hub)
{
    const size_t size = 1024 * 1024;
    unsigned char* bytes = malloc(size);
    for (size_t i = 0; i < size; i++)
    {
        bytes[i] = (unsigned char)(i % 251);
    }
    IOTHUB_CLIENT_RESULT result = IoTHubDeviceClient_LL_UploadToBlob(hub, "big.bin", bytes, size);
    free(bytes);
    return result;
}

// By the calls for each step. `told` is what the hub is told of it.
static IOTHUB_CLIENT_RESULT UploadBlockwise(IOTHUB_DEVICE_CLIENT_LL_HANDLE hub, bool told)
{
    char* correlationId = NULL;
    char* uri = NULL;
    IOTHUB_CLIENT_RESULT result =
        IoTHubDeviceClient_LL_AzureStorageInitializeBlobUpload(hub, "blocks.txt", &correlationId, &uri);
    if (result != IOTHUB_CLIENT_OK)
    {
        return result;
    }
    IOTHUB_CLIENT_LL_AZURE_STORAGE_CLIENT_HANDLE storage = IoTHubDeviceClient_LL_AzureStorageCreateClient(hub, uri);
    for (uint32_t number = 0; result == IOTHUB_CLIENT_OK && number < 3; number++)
    {
        const char* piece = pieces[number];
        result = IoTHubDeviceClient_LL_AzureStoragePutBlock(storage, number, (const uint8_t*)piece, strlen(piece));
        Log_Debug("Block %u: %d\n", (unsigned)number, result);
    }
    if (result == IOTHUB_CLIENT_OK)
    {
        result = IoTHubDeviceClient_LL_AzureStoragePutBlockList(storage);
    }
    IoTHubDeviceClient_LL_AzureStorageDestroyClient(storage);
    bool success = told && result == IOTHUB_CLIENT_OK;
    IOTHUB_CLIENT_RESULT notified = IoTHubDeviceClient_LL_AzureStorageNotifyBlobUploadCompletion(
        hub, correlationId, success, success ? 200 : 500, success ? "OK" : "thought better of it");
    Log_Debug("Notified: %d\n", notified);
    free(correlationId);
    free(uri);
    return result;
}

static IOTHUB_CLIENT_RESULT Upload(IOTHUB_DEVICE_CLIENT_LL_HANDLE hub, const char* what)
{
    size_t count = 0;
    const unsigned char* text = (const unsigned char*)"hello";
    if (strcmp(what, "pieces") == 0)
    {
        return IoTHubDeviceClient_LL_UploadMultipleBlocksToBlob(hub, "pieces.txt", OnPiece, &count);
    }
    if (strcmp(what, "aborted") == 0)
    {
        return IoTHubDeviceClient_LL_UploadMultipleBlocksToBlob(hub, "pieces.txt", OnPieceThatEnds, &count);
    }
    if (strcmp(what, "blockwise") == 0)
    {
        return UploadBlockwise(hub, true);
    }
    if (strcmp(what, "regretted") == 0)
    {
        return UploadBlockwise(hub, false);
    }
    if (strcmp(what, "big") == 0)
    {
        return UploadMegabyte(hub);
    }
    if (strcmp(what, "empty") == 0)
    {
        return IoTHubDeviceClient_LL_UploadToBlob(hub, "empty.txt", text, 0);
    }
    if (strcmp(what, "nothing") == 0)
    {
        return IoTHubDeviceClient_LL_UploadToBlob(hub, "nothing.txt", NULL, 5);
    }
    return IoTHubDeviceClient_LL_UploadToBlob(hub, what, text, strlen((const char*)text));
}

int main(int argc, char* argv[])
{
    if (argc < 4)
    {
        return 99;
    }
    IoTHub_Init();
    IOTHUB_DEVICE_CLIENT_LL_HANDLE hub = Connect(argv[1], argv[2]);
    if (hub == NULL)
    {
        Log_Debug("No device client\n");
        return 98;
    }
    for (int i = 3; i < argc; i++)
    {
        Log_Debug("%s: %d\n", argv[i], Upload(hub, argv[i]));
    }
    IoTHubDeviceClient_LL_Destroy(hub);
    IoTHub_Deinit();
    return 0;
}
