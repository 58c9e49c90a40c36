#include "pgclient/migration_plan.hpp"

#include <algorithm>
#include <map>

#include "core/format.hpp"

namespace singularity::pgclient {

namespace {

using core::ErrorCode;
using core::failure;

const Migration* find(std::span<const Migration> files, int version) {
    const auto found = std::ranges::find(files, version, &Migration::version);
    return found == files.end() ? nullptr : &*found;
}

std::vector<Migration> sorted(std::span<const Migration> files) {
    std::vector<Migration> in_order(files.begin(), files.end());
    std::ranges::stable_sort(in_order, {}, &Migration::version);
    return in_order;
}

core::Expected<void> check_files(const std::vector<Migration>& in_order) {
    for (std::size_t i = 0; i < in_order.size(); ++i) {
        const Migration& file = in_order[i];
        if (file.version < 1) {
            return failure(ErrorCode::invalid_input, core::format("{}: versions count from 1", file.name));
        }
        if (i > 0 && in_order[i - 1].version == file.version) {
            return failure(ErrorCode::invalid_input,
                           core::format("{} and {} have the same version", in_order[i - 1].name, file.name));
        }
        const auto checked = parse_directives(file).and_then(
            [&](const Directives& directives) { return check_statements(file, directives); });
        if (!checked) return checked;
    }
    return {};
}

core::Expected<void> check_entry(const HistoryEntry& entry, const Migration* file) {
    if (!file) {
        return failure(ErrorCode::refused,
                       core::format("{} was applied to this database, but this program doesn't have it: "
                                    "run the newer program that applied it",
                                    entry.name));
    }
    // A file that didn't finish may be mended, and runs again.
    if (entry.state == MigrationState::running) return {};
    if (entry.name != file->name) {
        return failure(ErrorCode::refused,
                       core::format("{} was applied under the name {}: applied files keep "
                                    "their names",
                                    file->name, entry.name));
    }
    if (entry.checksum != migration_checksum(file->text)) {
        return failure(ErrorCode::refused,
                       core::format("{} has changed since it was applied: undo the change, and "
                                    "write what is needed as a new file",
                                    file->name));
    }
    return {};
}

}  // namespace

core::Expected<std::vector<Migration>> plan_migrations(std::span<const Migration> files,
                                                       std::span<const HistoryEntry> history) {
    const auto in_order = sorted(files);
    if (const auto checked = check_files(in_order); !checked) return std::unexpected(checked.error());
    std::map<int, MigrationState> states;
    int last_applied = 0;
    for (const HistoryEntry& entry : history) {
        const auto checked = check_entry(entry, find(files, entry.version));
        if (!checked) return std::unexpected(checked.error());
        states[entry.version] = entry.state;
        if (entry.state == MigrationState::applied) last_applied = std::max(last_applied, entry.version);
    }
    std::vector<Migration> to_apply;
    for (const Migration& file : in_order) {
        const auto known = states.find(file.version);
        if (known != states.end() && known->second == MigrationState::applied) continue;
        if (file.version < last_applied) {
            return failure(ErrorCode::refused,
                           core::format("{} is older than what was already applied (version {}): "
                                        "give it the next free number",
                                        file.name, last_applied));
        }
        to_apply.push_back(file);
    }
    return to_apply;
}

MigrationStatus migration_status(std::span<const Migration> files, std::span<const HistoryEntry> history) {
    std::map<int, MigrationStatus::Line> lines;
    for (const Migration& file : files) {
        lines[file.version] = {file.version, std::string(file.name), MigrationState::pending};
    }
    for (const HistoryEntry& entry : history) lines[entry.version] = {entry.version, entry.name, entry.state};
    MigrationStatus status;
    for (auto& [version, line] : lines) status.lines.push_back(std::move(line));
    if (const auto plan = plan_migrations(files, history); !plan) status.refusal = plan.error();
    return status;
}

}  // namespace singularity::pgclient
