#include "pgclient/statement_cache.hpp"

#include "pgclient/error.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace singularity::pgclient {

namespace {

constexpr std::size_t kMaxNameLength = 63;

DbError misuse(Query query, std::string message) {
    return DbError({.cause = Cause::misuse,
                    .sqlstate = std::string(kMisuse),
                    .message = std::move(message),
                    .query = std::string(query.name)});
}

bool declares(const Statement& statement, const Arguments& arguments) {
    return std::ranges::equal(statement.declared, arguments.all(), {}, {}, &Argument::declared);
}

}  // namespace

std::size_t StatementCache::Hash::operator()(std::string_view name) const {
    constexpr std::size_t kSpread = 0x9e3779b97f4a7c15;  // 2^64 divided by the golden ratio
    std::uint64_t head = 0;
    std::uint64_t tail = 0;
    if (name.empty()) return 0;
    const std::size_t size = std::min(name.size(), sizeof head);
    std::memcpy(&head, name.data(), size);
    std::memcpy(&tail, name.data() + name.size() - size, size);
    return ((head * kSpread) ^ tail ^ name.size()) * kSpread;
}

Statement* StatementCache::find(Query query, const Arguments& arguments) {
    if (last_found_ && last_found_->name == query.name && last_found_->sql == query.sql &&
        declares(*last_found_, arguments)) {
        return last_found_;
    }
    const auto found = statements_.find(query.name);
    if (found == statements_.end()) return nullptr;
    for (const auto& statement : found->second) {
        if (statement->sql != query.sql) throw misuse(query, "two statements have this name");
        if (declares(*statement, arguments)) return last_found_ = statement.get();
    }
    return nullptr;
}

Statement StatementCache::plan(Query query, const Arguments& arguments) {
    if (query.name.empty() || query.name.size() > kMaxNameLength) {
        throw misuse(query, "a query's name has 1 to 63 bytes");
    }
    Statement statement;
    const bool name_is_free = statements_.try_emplace(std::string(query.name)).second;
    statement.server_name = name_is_free ? std::string(query.name) : "again_" + std::to_string(++prepared_);
    statement.name = query.name;
    statement.sql = query.sql;
    for (const Argument& argument : arguments.all()) statement.declared.push_back(argument.declared);
    return statement;
}

Statement& StatementCache::add(Query query, Statement statement) {
    return *statements_[std::string(query.name)].emplace_back(
        std::make_unique<Statement>(std::move(statement)));
}

void StatementCache::forget(Query query) {
    last_found_ = nullptr;
    if (const auto found = statements_.find(query.name); found != statements_.end()) found->second.clear();
}

}  // namespace singularity::pgclient
