// From a grammar's symbol and field numbers to our words, as tables looked up once per node.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include <tree_sitter/api.h>

#include "analysis/language.hpp"
#include "analysis/syntax/kind.hpp"

namespace singularity::analysis {

template <class Word>
using WordTable = std::vector<std::pair<std::string_view, Word>>;

struct Grammar {
    const TSLanguage* language;       // static storage of the grammar
    std::vector<Kind> kinds;          // by TSSymbol
    std::vector<Role> roles;          // by TSFieldId
    std::vector<Operator> operators;  // by TSSymbol, of anonymous tokens
    TSSymbol async_token;             // 0 where the language has none
};

// Built at first use, then immutable: safe to share between threads.
const Grammar& grammar(Language language);

// The two tables that differ by language.
const WordTable<Kind>& cpp_kinds();
const WordTable<Kind>& python_kinds();
const TSLanguage* cpp_language();
const TSLanguage* python_language();

}  // namespace singularity::analysis
