// Code to occurrences: what the learning loop takes from one source file.
//
// An occurrence is one function (or method, or lambda) in which an idiom was recognised by its
// structure. Its shape is the idiom's skeleton, free of identifiers, formatting and unrelated
// statements; occurrences of one idiom, language and shape are the evidence of one pattern.
// docs/analysis.md tells what each idiom requires and what speaks against it.
//
// The same text gives the same result, byte for byte, in every process and on every thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/language.hpp"

namespace singularity::analysis {

// Raised whenever the same text may give another result: stored analyses of older versions are stale.
inline constexpr int kAnalyzerVersion = 1;

struct Occurrence {
    std::string idiom;         // "retry-with-backoff", one of idioms()
    std::string language;      // "cpp", "python"
    std::string shape;         // canonical skeleton, such as "(retry (loop range) …)"
    std::string shape_hash;    // SHA-256 of `shape`, 64 hex digits
    std::string pattern_name;  // "<idiom>/<words>-<first six digits of shape_hash>"
    std::string description;   // one sentence, true of every occurrence of this shape and language
    std::string function;      // qualified as far as the file tells: "Cache::find", "Pool.take"
    int start_line = 0;        // of the function, counted from 1, both ends included
    int end_line = 0;
    double confidence =
        0;                // structural, in [0.5, 1]; 1 when all is in its place and nothing speaks against it
    std::string snippet;  // the lines that the idiom spans: at most 40 lines and 4 KB, whole lines
    std::vector<std::string> elements;  // required elements that stand, in source order of the skeleton
    std::vector<std::string> against;   // what lowered the confidence
    std::vector<std::string> lacks;     // what the good form has and this code has not; may be empty
};

struct FileAnalysis {
    std::string path;    // relative to the tree's root, '/' between parts
    std::string folder;  // the path without its last part; "." in the root
    std::string language;
    std::string content_hash;  // SHA-256 of the file's bytes, 64 hex digits
    std::int64_t bytes = 0;
    int functions = 0;                    // functions found, broken ones included
    int broken_functions = 0;             // those that hold a syntax error: left out
    bool incomplete = false;              // functions, or all of a file without any, fell to syntax errors
    bool limit_reached = false;           // the parser gave up on a hostile file: nothing was recognised
    std::vector<Occurrence> occurrences;  // in order of the source
};

// `text` is valid UTF-8 (read_source sees to that); `relative_path` is only carried through.
// Thread-safe. Throws std::bad_alloc and nothing else.
FileAnalysis analyze(std::string_view relative_path, std::string_view text, Language language);

// The idioms that are recognised, in alphabetical order.
std::vector<std::string> idioms();

// What the good form of an idiom needs, most important first; empty for an unknown idiom.
std::vector<std::string> best_practices(std::string_view idiom);

}  // namespace singularity::analysis
