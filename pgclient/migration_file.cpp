// What a migration file says of itself: its checksum and its directives.
#include "pgclient/migration_plan.hpp"

#include "core/format.hpp"
#include "pgclient/sql_split.hpp"

#include <sodium/crypto_hash_sha256.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <ranges>

namespace singularity::pgclient {

namespace {

constexpr std::string_view kComment = "--";
constexpr std::string_view kDirective = "-- migrate:";

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

bool is_role_name(std::string_view text) {
    return !text.empty() && text.size() <= 63 && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

// Whether the directive is one of those known, and has not been given before.
bool apply_directive(Directives& directives, std::string_view key, std::string_view value) {
    if (key == "role" && directives.role.empty() && is_role_name(value)) {
        directives.role = value;
        return true;
    }
    if (key == "transaction" && directives.transaction && value == "off") {
        directives.transaction = false;
        return true;
    }
    return false;
}

// The first word of a statement that begins or ends a transaction.
bool controls_transaction(std::string_view statement) {
    static constexpr std::string_view kWords[] = {"begin", "start", "commit", "end", "rollback", "abort"};
    std::string word;
    for (const char c : statement) {
        if (!std::isalpha(static_cast<unsigned char>(c))) break;
        word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return std::ranges::find(kWords, word) != std::end(kWords);
}

}  // namespace

std::string migration_checksum(std::string_view text) {
    std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
    crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
    std::string digits;
    for (const unsigned char byte : hash) digits += core::format("{:02x}", byte);
    return digits;
}

core::Expected<Directives> parse_directives(const Migration& migration) {
    Directives directives;
    for (const auto range : std::views::split(migration.text, '\n')) {
        const std::string_view line = trimmed(std::string_view(range.begin(), range.end()));
        if (!line.empty() && !line.starts_with(kComment)) break;
        if (!line.starts_with(kDirective)) continue;
        const std::string_view directive = trimmed(line.substr(kDirective.size()));
        const auto equals = directive.find('=');
        const std::string_view value = equals == std::string_view::npos ? "" : directive.substr(equals + 1);
        if (!apply_directive(directives, directive.substr(0, equals), value)) {
            return core::failure(
                core::ErrorCode::invalid_input,
                core::format("{}: \"{}\" is not a directive; there are role=NAME and transaction=off, "
                             "each once",
                             migration.name, directive));
        }
    }
    return directives;
}

core::Expected<void> check_statements(const Migration& migration, const Directives& directives) {
    const auto statements = split_statements(migration.text);
    if (!statements) {
        return core::failure(core::ErrorCode::invalid_input,
                             core::format("{}: {}", migration.name, statements.error().message));
    }
    for (const std::string_view statement : *statements) {
        if (!directives.transaction || !controls_transaction(statement)) continue;
        return core::failure(
            core::ErrorCode::invalid_input,
            core::format("{}: \"{}\" would end the transaction that the file runs in; leave it out, "
                         "or begin the file with \"-- migrate: transaction=off\"",
                         migration.name, statement));
    }
    return {};
}

int line_of(std::string_view text, int position) {
    int line = 1;
    int characters = 0;
    for (const char c : text) {
        const bool continues = (c & 0xc0) == 0x80;  // UTF-8
        if (!continues && ++characters >= position) break;
        if (c == '\n') ++line;
    }
    return line;
}

}  // namespace singularity::pgclient
