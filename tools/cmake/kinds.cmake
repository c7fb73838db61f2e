# weft_kinds(TARGET folder FUNCTION name TYPE type HEADER header)
#
# Every file `folder/NAME.cpp` defines `extern const TYPE kind_NAME` (dashes as underscores). This function compiles them
# into TARGET and writes one source that lists them, sorted by file name, behind `const std::vector<const TYPE*>& FUNCTION()`.
# Adding a kind is adding a file: nothing registers itself and nothing is edited.
function(weft_kinds target)
  cmake_parse_arguments(K "" "FOLDER;FUNCTION;TYPE;HEADER" "" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${K_FOLDER}/*.cpp")
  list(SORT sources)
  set(declarations "")
  set(entries "")
  foreach(source IN LISTS sources)
    get_filename_component(name "${source}" NAME_WE)
    string(REPLACE "-" "_" symbol "kind_${name}")
    string(REPLACE "." "_" symbol "${symbol}")
    string(APPEND declarations "extern const ${K_TYPE} ${symbol}_${K_FUNCTION};\n")
    string(APPEND entries "&${symbol}_${K_FUNCTION}, ")
  endforeach()
  set(table "${CMAKE_CURRENT_BINARY_DIR}/${K_FUNCTION}.cpp")
  file(CONFIGURE OUTPUT "${table}" CONTENT
"// Written by tools/cmake/kinds.cmake from the files of ${K_FOLDER}.
#include \"${K_HEADER}\"
namespace weft {
${declarations}
const std::vector<const ${K_TYPE}*>& ${K_FUNCTION}()
{
  static const std::vector<const ${K_TYPE}*> all{${entries}};
  return all;
}
} // namespace weft
" @ONLY)
  target_sources(${target} PRIVATE ${sources} "${table}")
endfunction()
