# Compiler, linker and cache settings that hold for every target.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

add_compile_options(-Wall -Wextra -Wshadow -Werror)
# GCC 14 reports these where nothing is wrong once it has inlined: strings that are put together,
# coroutine frames (their operator delete), Boost's variants.
foreach(warning maybe-uninitialized array-bounds stringop-overflow stringop-overread mismatched-new-delete)
    add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wno-${warning}>)
endforeach()

# Of a release's tests: optimising them took twice the time of compiling them, and they ran no sooner.
set(SINGULARITY_UNOPTIMISED $<$<CONFIG:Release>:-O0>)

find_program(MOLD mold)
if(MOLD)
    add_link_options(-fuse-ld=mold)
endif()

find_program(CCACHE ccache)
if(CCACHE)
    # Precompiled headers are cached too; GCC needs to keep their preprocessor state for that.
    set(CMAKE_CXX_COMPILER_LAUNCHER
        ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
        ${CCACHE})
    add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess>)
endif()

# So many files of a library are compiled as one: what they include and instantiate alike is compiled once for all of
# them. Names in unnamed namespaces must differ within a library. 0: each file for itself, sooner after a small change.
set(SINGULARITY_TOGETHER 6 CACHE STRING "How many source files of a library are compiled together")
if(SINGULARITY_TOGETHER)
    # Of what is unnamed in a file that another includes.
    add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wno-subobject-linkage>)
endif()

set(SINGULARITY_SANITIZE "" CACHE STRING "Sanitizers for everything")
if(SINGULARITY_SANITIZE)
    set(SINGULARITY_SANITIZE_FLAGS -fsanitize=${SINGULARITY_SANITIZE} -fno-omit-frame-pointer)
endif()

set_property(GLOBAL PROPERTY JOB_POOLS link=1)
set(CMAKE_JOB_POOL_LINK link)
