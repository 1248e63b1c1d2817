# Switches for the device's gcc that clang refuses for WebAssembly. They are left away, wherever the app names them: in
# properties of its targets, and in CMAKE_C_FLAGS and its like. link-app.cjs does the same for those of the linker.

set(sphere_iot_refused_switches
    "^-(m(cpu|arch|tune|fpu|float-abi|fp16-format)=.*|m(thumb|arm|word-relocations)|fanalyzer|fdump-.*|flto.*|fstack-protector.*|fplan9-extensions|fno-printf-return-value|fno-tree-loop-distribute-patterns|specs=.*|Wa,.*)$")

# What is left of a list of switches; sets OUTPUT. clang has no -Ofast and -Og for emcc.
function(sphere_iot_understood OUTPUT)
  set(switches ${ARGN})
  list(FILTER switches EXCLUDE REGEX "${sphere_iot_refused_switches}")
  list(TRANSFORM switches REPLACE "^-Ofast$" "-O3")
  list(TRANSFORM switches REPLACE "^-Og$" "-O1")
  set(${OUTPUT} "${switches}" PARENT_SCOPE)
endfunction()

function(sphere_iot_understood_by_targets FOLDER)
  get_property(targets DIRECTORY ${FOLDER} PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target IN LISTS targets)
    set_property(TARGET ${target} PROPERTY INTERPROCEDURAL_OPTIMIZATION OFF)
    foreach(property IN ITEMS COMPILE_OPTIONS INTERFACE_COMPILE_OPTIONS)
      get_target_property(switches ${target} ${property})
      if(switches)
        sphere_iot_understood(switches ${switches})
        set_property(TARGET ${target} PROPERTY ${property} "${switches}")
      endif()
    endforeach()
    get_target_property(text ${target} COMPILE_FLAGS)
    if(text)
      separate_arguments(switches UNIX_COMMAND "${text}")
      sphere_iot_understood(switches ${switches})
      list(JOIN switches " " text)
      set_property(TARGET ${target} PROPERTY COMPILE_FLAGS "${text}")
    endif()
  endforeach()
  get_property(folders DIRECTORY ${FOLDER} PROPERTY SUBDIRECTORIES)
  foreach(folder IN LISTS folders)
    sphere_iot_understood_by_targets(${folder})
  endforeach()
endfunction()

# A macro: it sets variables of the app's folder.
macro(sphere_iot_understood_by_variables)
  foreach(name IN ITEMS CMAKE_C_FLAGS CMAKE_CXX_FLAGS CMAKE_C_FLAGS_RELEASE CMAKE_CXX_FLAGS_RELEASE CMAKE_C_FLAGS_DEBUG CMAKE_CXX_FLAGS_DEBUG)
    separate_arguments(sphere_iot_switches UNIX_COMMAND "${${name}}")
    sphere_iot_understood(sphere_iot_switches ${sphere_iot_switches})
    list(JOIN sphere_iot_switches " " ${name})
  endforeach()
endmacro()

cmake_language(DEFER DIRECTORY ${CMAKE_SOURCE_DIR} CALL sphere_iot_understood_by_targets ${CMAKE_SOURCE_DIR})
cmake_language(DEFER DIRECTORY ${CMAKE_SOURCE_DIR} CALL sphere_iot_understood_by_variables)
