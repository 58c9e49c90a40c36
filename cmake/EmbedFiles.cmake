# Runs at build time: writes the source that singularity_embed adds. Texts become raw string literals
# of at most 8 KB each, since compilers limit how long one may be.
set(body "#include \"${HEADER}\"\n\nnamespace ${NAMESPACE} {\n\nnamespace {\n\n"
    "constexpr core::EmbeddedFile kFiles[] = {\n")
foreach(path ${FILES})
    file(READ ${FOLDER}/${path} text)
    string(LENGTH "${text}" length)
    string(APPEND body "    {\"${path}\",\n")
    set(at 0)
    while(at LESS length)
        string(SUBSTRING "${text}" ${at} 8000 piece)
        string(APPEND body "R\"embedded(${piece})embedded\"\n")
        math(EXPR at "${at} + 8000")
    endwhile()
    if(length EQUAL 0)
        string(APPEND body "\"\"")
    endif()
    string(APPEND body "},\n")
endforeach()
string(APPEND body "};\n\n}  // namespace\n\n"
    "std::span<const core::EmbeddedFile> ${FUNCTION}() {\n    return kFiles;\n}\n\n}  // namespace ${NAMESPACE}\n")
file(WRITE ${OUTPUT} "${body}")
