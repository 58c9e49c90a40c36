// One line of a .gitignore file, with git's full pattern semantics (gitignore(5)). Pure: no files.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace singularity::analysis {

class IgnorePattern {
public:
    // Nothing for a blank line, a comment, and a pattern that can match nothing.
    static std::optional<IgnorePattern> parse(std::string_view line);

    // `path` is relative to the folder of the file that the line stands in, '/' between parts.
    bool matches(std::string_view path, bool is_folder) const;

    // `!pattern`: what it matches is taken back in.
    bool negated() const { return negated_; }

private:
    enum class Token : std::uint8_t {
        byte,
        any,      // ?
        one_of,   // [a-z]
        star,     // within one part of the path
        folders,  // `**/`: any number of whole parts, none included
        rest,     // `/**` at the end: at least one byte of anything
    };
    struct Step {
        Token token;
        char byte = 0;
        std::uint16_t set = 0;  // index into sets_
    };

    bool compile(std::string_view pattern);
    std::size_t compile_stars(std::string_view pattern, std::size_t at);
    std::size_t compile_set(std::string_view pattern, std::size_t at);
    bool step_matches(const Step& step, char byte) const;
    bool run(std::string_view text) const;

    std::vector<Step> steps_;
    std::vector<std::bitset<256>> sets_;
    bool negated_ = false;
    bool folders_only_ = false;
    bool anchored_ = false;
};

}  // namespace singularity::analysis
