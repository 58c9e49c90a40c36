# How a folder declares its library, its programs and its tests.
#
#   singularity_library(core SOURCES error.cpp LINK Boost::json [PCH std|asio])
#   singularity_program(singularity SOURCES main.cpp LINK cli)
#   singularity_test(core SOURCES error_test.cpp LINK core)              no I/O
#   singularity_test(pgclient_pg SOURCES pool_pgtest.cpp LINK … PG)      against a private PostgreSQL
#
# A library's target is singularity_NAME, linked as singularity::NAME; headers are included from the
# root of the tree ("core/error.hpp"). A precompiled header belongs to a layer: std below Asio; tests have
# their own.

function(singularity_settings target)
    target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR})
    if(SINGULARITY_SANITIZE)
        target_compile_options(${target} PUBLIC ${SINGULARITY_SANITIZE_FLAGS} -fno-sanitize-recover=all)
        target_link_options(${target} PUBLIC ${SINGULARITY_SANITIZE_FLAGS})
    endif()
endfunction()

function(singularity_precompile target layer)
    if(layer)
        target_link_libraries(${target} PRIVATE singularity_pch_${layer})
        target_precompile_headers(${target} REUSE_FROM singularity_pch_${layer})
        # A precompiled header serves one kind of code: programs are compiled as the libraries are.
        set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
        target_compile_options(${target} PRIVATE -fPIC)
    endif()
    if(layer STREQUAL test)
        target_compile_options(${target} PRIVATE ${SINGULARITY_UNOPTIMISED})
    endif()
endfunction()

function(singularity_link target)
    foreach(library ${ARGN})
        if(TARGET singularity_${library})
            target_link_libraries(${target} PUBLIC singularity_${library})
        else()
            target_link_libraries(${target} PUBLIC ${library})
        endif()
    endforeach()
endfunction()

function(singularity_library name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "PCH" "SOURCES;LINK")
    add_library(singularity_${name} STATIC ${arg_SOURCES})
    if(SINGULARITY_TOGETHER)
        set_target_properties(singularity_${name} PROPERTIES
            UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${SINGULARITY_TOGETHER})
    endif()
    singularity_settings(singularity_${name})
    singularity_link(singularity_${name} ${arg_LINK})
    singularity_precompile(singularity_${name} "${arg_PCH}")
endfunction()

function(singularity_program name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "PCH" "SOURCES;LINK")
    add_executable(${name} ${arg_SOURCES})
    singularity_settings(${name})
    singularity_link(${name} ${arg_LINK})
    singularity_precompile(${name} "${arg_PCH}")
endfunction()

# PG tests find their server through test/with_cluster, which tools and ctest start once for a run.
function(singularity_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "PG" "TIMEOUT" "SOURCES;LINK")
    add_executable(${name}_test ${arg_SOURCES})
    set_target_properties(${name}_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    singularity_settings(${name}_test)
    singularity_link(${name}_test ${arg_LINK} GTest::gtest_main GTest::gmock)
    singularity_precompile(${name}_test test)
    add_test(NAME ${name} COMMAND ${name}_test)
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 300)
    endif()
    set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT} SKIP_RETURN_CODE 77)
    if(arg_PG)
        set_tests_properties(${name} PROPERTIES LABELS pg)
    endif()
endfunction()
