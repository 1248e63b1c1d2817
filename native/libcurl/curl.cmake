# curl's own sources and zlib's, for HTTP and HTTPS. What they are compiled for is in curl_config.h. Nothing of them is edited: what
# differs is a file of ours in the place of one of theirs, or another name for a symbol.
include(CheckCSourceCompiles)
check_c_source_compiles(
  "#include <time.h>
_Static_assert(sizeof(time_t) == 8, \"\"); int main(void) { return 0; }" CURL_TIME_T_HAS_8_BYTES)

file(GLOB curl_own_sources ${CURL_FOLDER}/lib/*.c ${CURL_FOLDER}/lib/curlx/*.c ${CURL_FOLDER}/lib/vauth/*.c
     ${CURL_FOLDER}/lib/vdns/*.c ${CURL_FOLDER}/lib/vquic/vquic.c ${CURL_FOLDER}/lib/vtls/*.c)
# Other TLS libraries, other machines, and the backend that tls_backend.c takes the place of.
list(FILTER curl_own_sources EXCLUDE REGEX
     "/(vtls/(apple|gtls|mbedtls|openssl|rustls|schannel|schannel_verify|wolfssl)|amigaos|macos|dllmain|system_win32)\\.c$")
set(curl_includes ${CURL_FOLDER}/include ${CURL_FOLDER}/lib ${ZLIB_FOLDER})
set(curl_definitions BUILDING_LIBCURL CURL_STATICLIB HAVE_CONFIG_H SIZEOF_TIME_T=$<IF:$<BOOL:${CURL_TIME_T_HAS_8_BYTES}>,8,4>)

add_library(curl_sources OBJECT ${curl_own_sources})
target_include_directories(curl_sources PRIVATE native/include/libc native/libcurl ${curl_includes})
target_compile_definitions(curl_sources PRIVATE ${curl_definitions})
set_source_files_properties(${CURL_FOLDER}/lib/curl_addrinfo.c PROPERTIES COMPILE_DEFINITIONS getaddrinfo=curl_getaddrinfo)
# socket_action.c has the one that apps call.
set_source_files_properties(${CURL_FOLDER}/lib/multi.c PROPERTIES COMPILE_DEFINITIONS curl_multi_socket_action=curl_socket_action)
# decoding.c has the app's host have turns.
set_source_files_properties(${CURL_FOLDER}/lib/content_encoding.c PROPERTIES COMPILE_DEFINITIONS inflate=inflate_in_turns)
# What CURLOPT_VERBOSE writes into the log goes through verbose_log.c.
set_source_files_properties(${CURL_FOLDER}/lib/curl_trc.c
                            PROPERTIES COMPILE_OPTIONS "-include;${CMAKE_CURRENT_SOURCE_DIR}/native/libcurl/verbose_log.h")
set_source_files_properties(${CURL_FOLDER}/lib/request.c PROPERTIES COMPILE_DEFINITIONS
                            "Curl_req_hard_reset=curl_req_hard_reset;Curl_req_free=curl_req_free")

set(zlib_own_sources adler32 crc32 inffast inflate inftrees zutil)
list(TRANSFORM zlib_own_sources REPLACE "(.+)" "${ZLIB_FOLDER}/\\1.c")
add_library(zlib_sources OBJECT ${zlib_own_sources})
target_include_directories(zlib_sources PRIVATE ${ZLIB_FOLDER})

foreach(library IN ITEMS curl_sources zlib_sources)
  target_compile_options(${library} PRIVATE -Oz -ffile-prefix-map=${CURL_FOLDER}/=)
endforeach()
