#include "analysis/syntax/parser.hpp"

#include <new>

namespace singularity::analysis {
namespace {

TSParser& thread_parser(const TSLanguage* language) {
    thread_local ParserHandle parser(ts_parser_new());
    if (!parser) throw std::bad_alloc();
    ts_parser_set_language(parser.get(), language);
    return *parser;
}

}  // namespace

TreeHandle parse(std::string_view text, const Grammar& grammar, std::chrono::microseconds limit) {
    TSParser& parser = thread_parser(grammar.language);
    ts_parser_set_timeout_micros(&parser, static_cast<std::uint64_t>(limit.count()));
    TreeHandle tree(
        ts_parser_parse_string(&parser, nullptr, text.data(), static_cast<uint32_t>(text.size())));
    // Otherwise the next call would resume the text that was given up.
    if (!tree) ts_parser_reset(&parser);
    return tree;
}

}  // namespace singularity::analysis
