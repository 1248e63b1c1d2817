# Renames what the SDK defines and an app may define too: the names of enumerators (MU_DEFINE_ENUM_STRINGS stands in many
# apps, since the SDK is a shared library on the device) and parson, which most apps bring in a version of their own.

# Writes a header for -include to HEADER, and one source file for each enum into FOLDER: archive members that give the names
# of enumerators to an app which only uses them. Sets `enum_string_sources` in the caller.
function(write_renamed_symbols HEADER FOLDER PARSON_HEADER)
  set(names)
  set(sources)
  foreach(source IN LISTS ARGN)
    file(STRINGS ${source} lines REGEX "^ *MU_DEFINE_ENUM_STRINGS(_WITHOUT_INVALID)?\\(")
    foreach(line IN LISTS lines)
      string(REGEX REPLACE ".*\\( *([A-Z0-9_]+).*" "\\1" enum "${line}")
      list(APPEND names ${enum}Strings ${enum}StringStorage ${enum}_FromString)
      set(file ${FOLDER}/${enum}.c)
      file(CONFIGURE OUTPUT ${file} @ONLY CONTENT [[
extern const char* sphere_sdk_@enum@Strings(int value);
extern int sphere_sdk_@enum@_FromString(const char* name, void* value);
const char* @enum@Strings(int value) { return sphere_sdk_@enum@Strings(value); }
int @enum@_FromString(const char* name, void* value) { return sphere_sdk_@enum@_FromString(name, value); }
]])
      list(APPEND sources ${file})
    endforeach()
  endforeach()
  file(STRINGS ${PARSON_HEADER} lines REGEX "(json|parson)_[a-z_]+ *\\(")
  foreach(line IN LISTS lines)
    string(REGEX REPLACE ".*[ *]((json|parson)_[a-z_]+) *\\(.*" "\\1" name "${line}")
    list(APPEND names ${name})
  endforeach()
  list(REMOVE_DUPLICATES names)
  list(TRANSFORM names REPLACE "(.+)" "#define \\1 sphere_sdk_\\1\n" OUTPUT_VARIABLE text)
  string(JOIN "" text ${text})
  file(CONFIGURE OUTPUT ${HEADER} CONTENT "${text}" @ONLY)
  set(enum_string_sources ${sources} PARENT_SCOPE)
endfunction()
