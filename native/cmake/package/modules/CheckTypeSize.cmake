# CMake's own: it only compiles, and needs no program that runs.
include("${CMAKE_ROOT}/Modules/CheckTypeSize.cmake")
