# Includes as Windows reads them, <hw\board.h> or "number.h" for Number.h: before each build find-includes.cjs looks for those that
# are not there as they are spelt, and says in an overlay of clang's virtual file system which headers they mean.

set(sphere_iot_includes_folder ${CMAKE_BINARY_DIR}/includes)
add_compile_options(-ivfsoverlay${sphere_iot_includes_folder}/overlay.json)
if(TARGET sphere-iot-includes)
  return()
endif()
file(WRITE ${sphere_iot_includes_folder}/overlay.json "{ \"version\": 0, \"roots\": [] }\n")
file(REMOVE_RECURSE ${sphere_iot_includes_folder}/targets)
add_custom_target(
  sphere-iot-includes VERBATIM COMMENT ""
  COMMAND ${SPHERE_IOT_NODE} ${sphere_iot_cmake}/find-includes.cjs ${sphere_iot_includes_folder} ${EMSCRIPTEN_SYSROOT}/include
          ${EMSCRIPTEN_SYSROOT}/include/compat ${EMSCRIPTEN_SYSROOT}/include/c++/v1 ${sphere_iot_include})

# Has the includes of all targets of a folder, and of those under it, looked at before they are compiled.
function(sphere_iot_look_at_includes FOLDER)
  get_property(targets DIRECTORY ${FOLDER} PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target IN LISTS targets)
    get_target_property(type ${target} TYPE)
    if(type MATCHES "^(EXECUTABLE|STATIC_LIBRARY|SHARED_LIBRARY|MODULE_LIBRARY|OBJECT_LIBRARY)$")
      file(GENERATE OUTPUT ${sphere_iot_includes_folder}/targets/${target}.txt
           CONTENT "$<TARGET_PROPERTY:${target},SOURCE_DIR>\n$<TARGET_PROPERTY:${target},SOURCES>\n$<TARGET_PROPERTY:${target},INCLUDE_DIRECTORIES>\n$<TARGET_OBJECTS:${target}>\n")
      add_dependencies(${target} sphere-iot-includes)
    endif()
  endforeach()
  get_property(folders DIRECTORY ${FOLDER} PROPERTY SUBDIRECTORIES)
  foreach(folder IN LISTS folders)
    sphere_iot_look_at_includes(${folder})
  endforeach()
endfunction()
cmake_language(DEFER DIRECTORY ${CMAKE_SOURCE_DIR} CALL sphere_iot_look_at_includes ${CMAKE_SOURCE_DIR})
