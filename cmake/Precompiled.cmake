# One precompiled header a layer: std below Asio, asio for what runs on it or speaks JSON, test for every test. Also Asio
# and Beast themselves, compiled once. REUSE_FROM needs a target that owns a header.

set(core ${CMAKE_SOURCE_DIR}/core)

function(singularity_precompiled_layer layer)
    add_library(singularity_pch_${layer} OBJECT ${core}/pch.cpp)
    target_precompile_headers(singularity_pch_${layer} PRIVATE ${core}/pch_${layer}.hpp)
    singularity_settings(singularity_pch_${layer})
    target_link_libraries(singularity_pch_${layer} PUBLIC ${ARGN})
endfunction()

add_library(singularity_asio STATIC ${core}/asio_separate.cpp ${core}/awaitable_operators.cpp)
singularity_settings(singularity_asio)
target_compile_definitions(singularity_asio PUBLIC BOOST_ASIO_SEPARATE_COMPILATION
    BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
target_link_libraries(singularity_asio PUBLIC Boost::headers Threads::Threads)

singularity_precompiled_layer(std)
singularity_precompiled_layer(asio singularity_asio Boost::json)
singularity_precompiled_layer(test singularity_asio Boost::json GTest::gtest GTest::gmock)
target_compile_options(singularity_pch_test PRIVATE ${SINGULARITY_UNOPTIMISED})
