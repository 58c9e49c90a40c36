# Makes text files part of a binary.
#
#   singularity_embed(messages HEADER messages/schemas.hpp FUNCTION schema_files
#                     NAMESPACE singularity::messages FOLDER schemas GLOB *.json)
#
# declares, in the generated header, `std::span<const core::EmbeddedFile> schema_files()`: every file
# below FOLDER that matches, by path, sorted. A changed, new or removed file rebuilds.

function(singularity_embed name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "HEADER;FUNCTION;NAMESPACE;FOLDER;GLOB" "")
    set(folder ${CMAKE_CURRENT_SOURCE_DIR}/${arg_FOLDER})
    file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE ${folder} ${folder}/${arg_GLOB})
    list(SORT files)
    set(header ${CMAKE_BINARY_DIR}/generated/${arg_HEADER})
    string(REGEX REPLACE "\\.hpp$" ".cpp" source ${header})
    file(CONFIGURE OUTPUT ${header} @ONLY CONTENT
"#pragma once
#include <span>
#include \"core/embedded.hpp\"
namespace @arg_NAMESPACE@ {
std::span<const core::EmbeddedFile> @arg_FUNCTION@();
}
")
    list(TRANSFORM files PREPEND ${folder}/ OUTPUT_VARIABLE inputs)
    add_custom_command(OUTPUT ${source}
        COMMAND ${CMAKE_COMMAND} -D OUTPUT=${source} -D HEADER=${arg_HEADER} -D NAMESPACE=${arg_NAMESPACE}
            -D FUNCTION=${arg_FUNCTION} -D FOLDER=${folder} "-D FILES=${files}"
            -P ${CMAKE_SOURCE_DIR}/cmake/EmbedFiles.cmake
        DEPENDS ${inputs} ${CMAKE_SOURCE_DIR}/cmake/EmbedFiles.cmake VERBATIM)
    target_sources(singularity_${name} PRIVATE ${source})
    target_include_directories(singularity_${name} PUBLIC ${CMAKE_BINARY_DIR}/generated)
endfunction()
