#include "pgclient/sql_split.hpp"

#include <algorithm>
#include <cctype>
#include <string>

#include "core/format.hpp"

namespace singularity::pgclient {

namespace {

constexpr std::size_t kEnd = std::string_view::npos;

bool is_name_start(char c) {
    return std::isalpha(static_cast<unsigned char>(c)) || c == '_' || (c & 0x80);
}

bool is_name_part(char c) {
    return is_name_start(c) || std::isdigit(static_cast<unsigned char>(c)) || c == '$';
}

bool is_word(std::string_view text, std::string_view lower_case) {
    return std::ranges::equal(text, lower_case, {},
                              [](char c) { return static_cast<char>(std::tolower(c)); });
}

// Walks over PostgreSQL's lexical elements (its manual, section 4.1), as far as semicolons need it.
class Splitter {
public:
    explicit Splitter(std::string_view sql) : sql_(sql) {}

    core::Expected<std::vector<std::string_view>> split() {
        while (at_ < sql_.size()) {
            const std::size_t opened = at_;
            if (!step()) {
                const auto line =
                    std::count(sql_.begin(), sql_.begin() + static_cast<std::ptrdiff_t>(opened), '\n');
                return core::failure(
                    core::ErrorCode::invalid_input,
                    core::format("a quote or comment that begins in line {} isn't closed", line + 1));
            }
        }
        end_statement();
        return std::move(statements_);
    }

private:
    // One element. False if it has no end.
    bool step() {
        const char c = sql_[at_];
        if (std::isspace(static_cast<unsigned char>(c))) return ++at_, true;
        if (sql_.substr(at_).starts_with("--")) return skip_line(), true;
        if (sql_.substr(at_).starts_with("/*")) return skip_comment();
        if (c == ';' && parentheses_ == 0 && blocks_ == 0) return end_statement(), ++at_, true;
        if (!begun_) start_ = at_;
        begun_ = true;
        if (c == '\'') return skip_quoted('\'', false);
        if (c == '"') return skip_quoted('"', false);
        if (c == '$') return skip_dollar();
        if (is_name_start(c)) return skip_word();
        if (c == '(') ++parentheses_;
        if (c == ')' && parentheses_ > 0) --parentheses_;
        return ++at_, true;
    }

    void end_statement() {
        if (begun_) {
            std::string_view statement = sql_.substr(start_, at_ - start_);
            while (std::isspace(static_cast<unsigned char>(statement.back()))) statement.remove_suffix(1);
            statements_.push_back(statement);
        }
        begun_ = false;
        parentheses_ = 0;
        previous_word_ = {};
    }

    void skip_line() { at_ = std::min(sql_.find('\n', at_), sql_.size()); }

    bool skip_comment() {
        int depth = 0;
        do {
            const std::size_t mark = sql_.find_first_of("/*", at_);
            if (mark == kEnd || mark + 1 >= sql_.size()) return false;
            const std::string_view pair = sql_.substr(mark, 2);
            depth += pair == "/*" ? 1 : pair == "*/" ? -1 : 0;
            at_ = mark + (pair == "/*" || pair == "*/" ? 2 : 1);
        } while (depth > 0);
        return true;
    }

    // A doubled quote is part of the text: it ends one quoted run and begins the next.
    bool skip_quoted(char quote, bool backslash_escapes) {
        for (++at_; at_ < sql_.size(); ++at_) {
            if (backslash_escapes && sql_[at_] == '\\') ++at_;
            else if (sql_[at_] == quote) return ++at_, true;
        }
        return false;
    }

    bool skip_dollar() {
        std::size_t end = at_ + 1;
        while (end < sql_.size() && is_name_part(sql_[end]) && sql_[end] != '$') ++end;
        const bool is_parameter = end > at_ + 1 && std::isdigit(static_cast<unsigned char>(sql_[at_ + 1]));
        if (end >= sql_.size() || sql_[end] != '$' || is_parameter) return at_ = end, true;
        const std::string_view tag = sql_.substr(at_, end - at_ + 1);
        const std::size_t close = sql_.find(tag, end + 1);
        if (close == kEnd) return false;
        at_ = close + tag.size();
        return true;
    }

    bool skip_word() {
        const std::size_t begin = at_;
        while (at_ < sql_.size() && is_name_part(sql_[at_])) ++at_;
        const std::string_view word = sql_.substr(begin, at_ - begin);
        if (is_word(word, "e") && at_ < sql_.size() && sql_[at_] == '\'') return skip_quoted('\'', true);
        count_blocks(word);
        previous_word_ = word;
        return true;
    }

    // Inside `begin atomic`, `case` has an `end` of its own.
    void count_blocks(std::string_view word) {
        if (is_word(word, "atomic") && is_word(previous_word_, "begin")) ++blocks_;
        else if (blocks_ > 0 && is_word(word, "case")) ++blocks_;
        else if (blocks_ > 0 && is_word(word, "end")) --blocks_;
    }

    std::string_view sql_;
    std::size_t at_ = 0;
    std::size_t start_ = 0;
    bool begun_ = false;
    int parentheses_ = 0;
    int blocks_ = 0;
    std::string_view previous_word_;
    std::vector<std::string_view> statements_;
};

}  // namespace

core::Expected<std::vector<std::string_view>> split_statements(std::string_view sql) {
    return Splitter(sql).split();
}

}  // namespace singularity::pgclient
