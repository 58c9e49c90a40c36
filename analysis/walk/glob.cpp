#include "analysis/walk/glob.hpp"

#include "analysis/walk/glob_set.hpp"

namespace singularity::analysis {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

}  // namespace

std::optional<Glob> Glob::compile(std::string_view pattern, bool over_paths) {
    Glob glob;
    for (std::size_t at = 0; at < pattern.size();) {
        const char byte = pattern[at];
        if (byte == '*') {
            at = glob.add_stars(pattern, at, over_paths);
        } else if (byte == '[') {
            at = glob.add_set(pattern, at);
            if (at == kNone) return std::nullopt;
        } else if (byte == '\\') {
            if (at + 1 == pattern.size()) return std::nullopt;
            glob.steps_.push_back({.token = Token::byte, .byte = pattern[at + 1]});
            at += 2;
        } else {
            glob.steps_.push_back({.token = byte == '?' ? Token::any : Token::byte, .byte = byte});
            ++at;
        }
    }
    return glob;
}

// Two stars or more are more than one only between slashes or the pattern's ends.
std::size_t Glob::add_stars(std::string_view pattern, std::size_t at, bool over_paths) {
    std::size_t past = at;
    while (past < pattern.size() && pattern[past] == '*') ++past;
    const bool opens = at == 0 || pattern[at - 1] == '/';
    const bool closes = past == pattern.size() || pattern[past] == '/';
    if (!over_paths || past - at < 2 || !opens || !closes) {
        steps_.push_back({.token = Token::star});
        return past;
    }
    const bool last = past == pattern.size();
    steps_.push_back({.token = last ? Token::rest : Token::folders});
    return last ? past : past + 1;
}

std::size_t Glob::add_set(std::string_view pattern, std::size_t at) {
    const GlobSet set = read_glob_set(pattern, at);
    if (set.past == kNone) return kNone;
    steps_.push_back({.token = Token::one_of, .set = static_cast<std::uint32_t>(sets_.size())});
    sets_.push_back(set.bytes);
    return set.past;
}

bool Glob::step_matches(const Step& step, char byte) const {
    switch (step.token) {
        case Token::byte: return byte == step.byte;
        case Token::any: return byte != '/';
        case Token::one_of: return sets_[step.set].test(static_cast<unsigned char>(byte));
        default: return false;
    }
}

// Where the match stands, and where the last star and the last `**/` could take more. Earlier ones need
// no second try: what the last one can skip includes what they could.
struct Glob::Run {
    std::string_view text;
    std::size_t step = 0, at = 0;
    std::size_t star_step = kNone, star_at = 0;
    std::size_t folders_step = kNone, folders_at = 0;

    void open_star() {
        star_step = ++step;
        star_at = at;
    }
    void open_folders() {
        folders_step = ++step;
        folders_at = at;
        star_step = kNone;
    }
    bool take_more() {
        if (star_step != kNone && star_at < text.size() && text[star_at] != '/') {
            step = star_step;
            at = ++star_at;
            return true;
        }
        const std::size_t slash = folders_step == kNone ? kNone : text.find('/', folders_at);
        if (slash == kNone) return false;
        step = folders_step;
        at = folders_at = slash + 1;
        star_step = kNone;
        return true;
    }
};

bool Glob::matches(std::string_view text) const {
    Run run{.text = text};
    for (;;) {
        const bool more = run.at < text.size();
        if (run.step == steps_.size()) {
            if (!more) return true;
        } else if (const Step& step = steps_[run.step]; step.token == Token::star) {
            run.open_star();
            continue;
        } else if (step.token == Token::folders) {
            run.open_folders();
            continue;
        } else if (more && step.token == Token::rest) {
            return true;
        } else if (more && step_matches(step, text[run.at])) {
            ++run.step;
            ++run.at;
            continue;
        }
        if (!run.take_more()) return false;
    }
}

}  // namespace singularity::analysis
