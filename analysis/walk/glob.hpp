// Matching a path against `*`, `?`, `[a-z]` and, between slashes, `**`, as git's wildmatch does.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace singularity::analysis {

class Glob {
public:
    // Nothing for a set that is never closed and a backslash at the end. `over_paths`: whether two stars
    // between slashes stand for folders; otherwise they are one.
    static std::optional<Glob> compile(std::string_view pattern, bool over_paths);

    // The whole text. The time is polynomial: no pattern makes it explode.
    bool matches(std::string_view text) const;

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
        std::uint32_t set = 0;  // index into sets_
    };
    struct Run;  // the state of one match

    std::size_t add_stars(std::string_view pattern, std::size_t at, bool over_paths);
    std::size_t add_set(std::string_view pattern, std::size_t at);
    bool step_matches(const Step& step, char byte) const;

    std::vector<Step> steps_;
    std::vector<std::bitset<256>> sets_;
};

}  // namespace singularity::analysis
