# Where an app's CMakeLists.txt looks for the SDK: the variables of its toolchain file, new ones and old, the folders in its shape,
# and its command line on PATH, which is the PATH of the configuration only.

get_filename_component(AZURE_SPHERE_SDK_PATH "${CMAKE_CURRENT_LIST_DIR}/.." ABSOLUTE)
file(GLOB AZURE_SPHERE_AVAILABLE_API_SETS RELATIVE ${AZURE_SPHERE_SDK_PATH}/Sysroots ${AZURE_SPHERE_SDK_PATH}/Sysroots/*)
# There is one API set, whichever the app is made for.
set(sphere_iot_api_set ${AZURE_SPHERE_AVAILABLE_API_SETS} CACHE INTERNAL "")
set(sphere_iot_sdk ${AZURE_SPHERE_SDK_PATH} CACHE INTERNAL "")
set(AZURE_SPHERE_API_SET_DIR ${AZURE_SPHERE_SDK_PATH}/Sysroots/${sphere_iot_api_set})
set(AZURE_SPHERE_CMAKE_PATH ${CMAKE_CURRENT_LIST_DIR})
set(AZURE_SPHERE_APPROOT_DIR ${CMAKE_BINARY_DIR}/approot${PROJECT_NAME})
# Older apps include a file by this name to make their image package.
set(AZURE_SPHERE_MAKE_IMAGE_FILE ${CMAKE_CURRENT_LIST_DIR}/make-image.cmake)
foreach(name IN ITEMS AZURE_SPHERE_TARGET_API_SET AZURE_SPHERE_API_SET TARGET_API_SET)
  if("${${name}}" STREQUAL "")
    set(${name} ${sphere_iot_api_set})
  endif()
endforeach()
set(AS_INT_RESOLVED_API_SET ${AZURE_SPHERE_TARGET_API_SET})
set(AS_INT_APP_TYPE HLApp)
if(NOT DEFINED ARM_GNU_PATH)
  set(ARM_GNU_PATH ${AZURE_SPHERE_API_SET_DIR}/tools/gcc)
endif()

set(ENV{AzureSphereSDKPath} ${AZURE_SPHERE_SDK_PATH})
set(ENV{AzureSphereDefaultSDKDir} ${AZURE_SPHERE_SDK_PATH})
set(ENV{AzureSphereCMakePath} ${AZURE_SPHERE_CMAKE_PATH})
set(ENV{PATH} "${AZURE_SPHERE_SDK_PATH}/Tools:$ENV{PATH}")

# Which tools and which API set an app is made for: there is one of each here.
function(azsphere_configure_tools)
  cmake_parse_arguments(PARSE_ARGV 0 tools "" "TOOLS_REVISION" "")
  sphere_iot_check_keywords(azsphere_configure_tools tools TOOLS_REVISION)
endfunction()
function(azsphere_configure_api)
  cmake_parse_arguments(PARSE_ARGV 0 api "" "TARGET_API_SET" "")
  sphere_iot_check_keywords(azsphere_configure_api api TARGET_API_SET)
endfunction()

# Stops at arguments that COMMAND does not know, and at the keywords behind PREFIX, which are for one value, if they have none. PREFIX: that
# of cmake_parse_arguments. A keyword for several values may have none: the list is empty.
function(sphere_iot_check_keywords COMMAND PREFIX)
  if(DEFINED ${PREFIX}_UNPARSED_ARGUMENTS)
    list(GET ${PREFIX}_UNPARSED_ARGUMENTS 0 unknown)
    message(FATAL_ERROR "${COMMAND} has no keyword ${unknown}.")
  endif()
  foreach(keyword IN LISTS ${PREFIX}_KEYWORDS_MISSING_VALUES)
    if(keyword IN_LIST ARGN)
      message(FATAL_ERROR "${COMMAND}: there is nothing behind ${keyword}.")
    endif()
  endforeach()
endfunction()
