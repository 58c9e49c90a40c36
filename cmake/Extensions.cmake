# How a PostgreSQL extension is built: into a tree of its own below build/extensions, laid out like the
# server's (usr/share/postgresql/17/extension, usr/lib/postgresql/17/lib), which a private cluster
# takes as its extension_destdir. Nothing is installed system-wide.
#
#   singularity_extension(sg_ulid SQL sql/sg_ulid--1.0.sql SOURCES src/ulid.cpp … [LEAF])
#   singularity_extension(sg_queue SQL … SOURCES … LINK singularity_pgbackend)
#
# LEAF extensions see only a freestanding subset: no exceptions, no RTTI. The others go through pgbackend/.
# TEST extensions exist for tests alone and have a tree of their own, which no home is filled from.

set(EXTENSION_ROOT ${CMAKE_BINARY_DIR}/extensions)

set(TEST_EXTENSION_ROOT ${CMAKE_BINARY_DIR}/test-extensions)

# All of them, and with engine_test() the programs that test them: what `make test-sanitized` builds.
add_custom_target(server_side)

execute_process(COMMAND ${PG_CONFIG} --includedir-server
    OUTPUT_VARIABLE PG_INCLUDE_SERVER OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)

# What is loaded into a server, or linked into that. The server's headers read one object through pointers of
# several types, and count on wrapping.
function(singularity_backend_settings target)
    target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR})
    target_include_directories(${target} SYSTEM PRIVATE ${PG_INCLUDE_SERVER})
    target_compile_options(${target} PRIVATE -fvisibility=hidden -fno-strict-aliasing -fwrapv)
    if(SINGULARITY_SANITIZE)
        # Without -fwrapv, so that what overflows is reported; it wraps all the same.
        target_compile_options(${target} PRIVATE ${SINGULARITY_SANITIZE_FLAGS} -fno-wrapv
            -fsanitize=float-cast-overflow,float-divide-by-zero)
        target_link_options(${target} PRIVATE ${SINGULARITY_SANITIZE_FLAGS})
    endif()
endfunction()

function(singularity_extension name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "LEAF;TEST" "" "SQL;SOURCES;LINK")
    set(root ${EXTENSION_ROOT})
    if(arg_TEST)
        set(root ${TEST_EXTENSION_ROOT})
    endif()
    set(share ${root}/usr/share/postgresql/17/extension)
    set(installed)
    foreach(file ${name}.control ${arg_SQL})
        get_filename_component(base ${file} NAME)
        set(copy ${share}/${base})
        # Written beside and renamed, so that a running server never sees half a file.
        add_custom_command(OUTPUT ${copy}
            COMMAND ${CMAKE_COMMAND} -E make_directory ${share}
            COMMAND ${CMAKE_COMMAND} -E copy ${CMAKE_CURRENT_SOURCE_DIR}/${file} ${copy}.new
            COMMAND ${CMAKE_COMMAND} -E rename ${copy}.new ${copy}
            DEPENDS ${file} VERBATIM)
        list(APPEND installed ${copy})
    endforeach()
    add_custom_target(${name}_files ALL DEPENDS ${installed})
    add_dependencies(server_side ${name}_files)
    if(arg_SOURCES)
        add_library(${name} MODULE ${arg_SOURCES})
        add_dependencies(server_side ${name})
        singularity_backend_settings(${name})
        target_link_libraries(${name} PRIVATE ${arg_LINK})
        if(singularity_pgbackend IN_LIST arg_LINK)
            target_precompile_headers(${name} REUSE_FROM singularity_pgbackend)
        endif()
        if(arg_LEAF)
            target_compile_options(${name} PRIVATE -fno-exceptions -fno-rtti)
        endif()
        set_target_properties(${name} PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${root}/usr/lib/postgresql/17/lib)
    endif()
endfunction()
