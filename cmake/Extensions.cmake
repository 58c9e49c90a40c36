# How a PostgreSQL extension is built: into a tree of its own below build/extensions, laid out like the
# server's (usr/share/postgresql/17/extension, usr/lib/postgresql/17/lib), which a private cluster
# takes as its extension_destdir. Nothing is installed system-wide.
#
#   singularity_extension(sg_ulid SQL sql/sg_ulid--1.0.sql SOURCES src/ulid.cpp … [LEAF])
#
# LEAF extensions see only a freestanding subset: no exceptions, no RTTI.

set(EXTENSION_ROOT ${CMAKE_BINARY_DIR}/extensions)
set(EXTENSION_SHARE ${EXTENSION_ROOT}/usr/share/postgresql/17/extension)
set(EXTENSION_LIB ${EXTENSION_ROOT}/usr/lib/postgresql/17/lib)

execute_process(COMMAND ${PG_CONFIG} --includedir-server
    OUTPUT_VARIABLE PG_INCLUDE_SERVER OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)

function(singularity_extension name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "LEAF" "" "SQL;SOURCES;LINK")
    set(installed)
    foreach(file ${name}.control ${arg_SQL})
        get_filename_component(base ${file} NAME)
        set(copy ${EXTENSION_SHARE}/${base})
        # Written beside and renamed, so that a running server never sees half a file.
        add_custom_command(OUTPUT ${copy}
            COMMAND ${CMAKE_COMMAND} -E make_directory ${EXTENSION_SHARE}
            COMMAND ${CMAKE_COMMAND} -E copy ${CMAKE_CURRENT_SOURCE_DIR}/${file} ${copy}.new
            COMMAND ${CMAKE_COMMAND} -E rename ${copy}.new ${copy}
            DEPENDS ${file} VERBATIM)
        list(APPEND installed ${copy})
    endforeach()
    add_custom_target(${name}_files ALL DEPENDS ${installed})
    if(arg_SOURCES)
        add_library(${name} MODULE ${arg_SOURCES})
        target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
        target_include_directories(${name} SYSTEM PRIVATE ${PG_INCLUDE_SERVER})
        target_link_libraries(${name} PRIVATE ${arg_LINK})
        target_compile_options(${name} PRIVATE -fvisibility=hidden)
        if(arg_LEAF)
            target_compile_options(${name} PRIVATE -fno-exceptions -fno-rtti)
        endif()
        set_target_properties(${name} PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${EXTENSION_LIB})
    endif()
endfunction()
