#pragma once

// Why the app ended: the exit code of main, which Azure Sphere reports.
typedef enum
{
    ExitCode_Success = 0,
    ExitCode_TermHandler_SigTerm = 1,
    ExitCode_Arguments = 2,
    ExitCode_EventLoop = 3,
    ExitCode_Timer = 4,
    ExitCode_Peripheral = 5,
    ExitCode_TwinTooLarge = 6
} ExitCode;

// Makes main leave its loop; the first reason counts.
void App_Exit(ExitCode code);
