// See analysis/tree_walk.hpp. Depth first over a list of folders still to be read, so that no depth of
// nesting matters but the system's own limit of a path.

#include "analysis/tree_walk.hpp"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "analysis/walk/folder_kind.hpp"
#include "analysis/walk/ignore_rules.hpp"
#include "analysis/walk/regular_file.hpp"
#include "analysis/walk/repository.hpp"
#include "analysis/walk/utf8.hpp"
#include "core/format.hpp"

namespace singularity::analysis {
namespace {

namespace fs = std::filesystem;

struct DirectoryCloser {
    void operator()(DIR* directory) const { ::closedir(directory); }
};

std::string joined(std::string_view folder, std::string_view name) {
    return folder.empty() ? std::string(name) : std::string(folder) + "/" + std::string(name);
}

class Walker {
public:
    Walker(SourceTree& tree, RepositoryPlace place)
        : tree_(tree),
          prefix_(place.prefix),
          root_(::open(tree.root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
        pending_.push_back({"", std::move(place.rules)});
    }

    bool can_read() const { return root_.is_open(); }

    void walk() {
        while (!pending_.empty()) {
            const Folder folder = std::move(pending_.back());
            pending_.pop_back();
            read_folder(folder);
        }
        std::ranges::sort(tree_.files, {}, &SourceFile::path);
    }

private:
    struct Folder {
        std::string path;  // relative to the root, "" for itself
        IgnoreRulesPtr rules;
    };

    void read_folder(const Folder& folder) {
        auto names = entries(folder.path);
        if (!names) return tree_.skipped.add(names.error(), folder.path);
        const std::string_view own_name = std::string_view(folder.path).substr(folder.path.rfind('/') + 1);
        const auto skip = folder.path.empty() ? std::nullopt : skip_by_content(own_name, *names);
        if (skip) return tree_.skipped.add(*skip, folder.path);
        IgnoreRulesPtr rules = folder.rules;
        if (std::ranges::binary_search(*names, ".gitignore")) {
            const auto text =
                read_regular_file(root_.get(), joined(folder.path, ".gitignore").c_str(), kIgnoreFileBytes);
            rules = IgnoreRules::add(rules, in_repository(folder.path), text.value_or(""));
        }
        const std::size_t first = pending_.size();
        for (const std::string& name : *names) visit(joined(folder.path, name), name, rules);
        // Taken from the back: the first of them comes next.
        std::reverse(pending_.begin() + static_cast<std::ptrdiff_t>(first), pending_.end());
    }

    // Sorted, without "." and "..".
    std::expected<std::vector<std::string>, SkipReason> entries(const std::string& folder) const {
        const char* path = folder.empty() ? "." : folder.c_str();
        FileDescriptor opened(::openat(root_.get(), path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!opened.is_open()) return std::unexpected(reason_of(errno));
        const std::unique_ptr<DIR, DirectoryCloser> directory(::fdopendir(opened.get()));
        if (!directory) return std::unexpected(reason_of(errno));
        opened.release();  // the directory closes it
        std::vector<std::string> names;
        for (;;) {
            errno = 0;
            // Safe on a stream of one's own (POSIX.1-2024). NOLINTNEXTLINE(concurrency-mt-unsafe)
            const dirent* entry = ::readdir(directory.get());
            if (entry == nullptr) break;
            const std::string_view name = entry->d_name;
            if (name != "." && name != "..") names.emplace_back(name);
        }
        if (errno != 0) return std::unexpected(reason_of(errno));
        std::ranges::sort(names);
        return names;
    }

    void visit(std::string path, std::string_view name, const IgnoreRulesPtr& rules) {
        struct stat status{};
        if (::fstatat(root_.get(), path.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
            return skip(reason_of(errno), path);
        const bool folder = S_ISDIR(status.st_mode);
        const auto by_name = folder ? skip_by_name(name) : std::nullopt;
        if (name == ".git" || by_name == SkipReason::version_control)
            return skip(SkipReason::version_control, path);
        if (IgnoreRules::ignores(rules, in_repository(path), folder)) return skip(SkipReason::ignored, path);
        if (by_name) return skip(*by_name, path);
        if (S_ISLNK(status.st_mode)) return skip(SkipReason::symbolic_link, path);
        if (!folder && !S_ISREG(status.st_mode)) return skip(SkipReason::special_file, path);
        if (!is_utf8(name)) return skip(SkipReason::file_name_not_utf8, path);
        if (folder) {
            pending_.push_back({std::move(path), rules});
            return;
        }
        const auto language = language_of(name);
        const auto bytes = static_cast<std::uint64_t>(status.st_size);
        if (!language) return skip(SkipReason::other_language, path);
        if (bytes > kMaxFileBytes) return skip(SkipReason::too_large, path);
        tree_.files.push_back({std::move(path), *language, bytes});
    }

    void skip(SkipReason reason, std::string_view path) { tree_.skipped.add(reason, path); }
    std::string in_repository(std::string_view path) const {
        return path.empty() ? prefix_ : joined(prefix_, path);
    }

    SourceTree& tree_;
    std::string prefix_;
    FileDescriptor root_;
    std::vector<Folder> pending_;
};

core::ErrorCode code_of(const std::error_code& error) {
    const bool denied = error == std::errc::permission_denied || error == std::errc::operation_not_permitted;
    return denied ? core::ErrorCode::refused : core::ErrorCode::not_found;
}

// What a tree without source holds instead, a line a reason.
std::vector<std::string> skip_lines(const SkipLog& skipped) {
    std::vector<std::string> lines;
    for (const SkipLog::Summary& each : skipped.summaries())
        lines.push_back(
            core::format("{}: {}, such as {}", describe(each.reason), each.count, each.first_paths.front()));
    return lines;
}

core::Expected<SourceTree> one_file(const fs::path& file) {
    const std::string shown = printable_utf8(file.string());
    const auto language = language_of(file.filename().string());
    if (!language || !is_utf8(file.filename().string()))
        return core::failure(core::ErrorCode::invalid_input,
                             core::format("{} is not a C++ or Python source file", shown));
    std::error_code error;
    const std::uintmax_t bytes = fs::file_size(file, error);
    if (error || bytes > kMaxFileBytes)
        return core::failure(
            error ? code_of(error) : core::ErrorCode::invalid_input,
            error ? core::format("{}: {}", shown, error.message())
                  : core::format("{} has {} bytes: a source file may have {}", shown, bytes, kMaxFileBytes));
    return SourceTree{
        .root = file.parent_path(), .files = {{file.filename().string(), *language, bytes}}, .skipped = {}};
}

}  // namespace

core::Expected<SourceTree> walk_tree(const fs::path& path) {
    if (path.empty()) return core::failure(core::ErrorCode::invalid_input, "a path is needed");
    const std::string shown = printable_utf8(path.string());
    std::error_code error;
    const fs::path root = fs::canonical(path, error);
    if (error) return core::failure(code_of(error), core::format("{}: {}", shown, error.message()));
    const fs::file_status status = fs::status(root, error);
    if (fs::is_regular_file(status)) return one_file(root);
    if (!fs::is_directory(status))
        return core::failure(core::ErrorCode::invalid_input,
                             core::format("{} is neither a folder nor a source file", shown));

    SourceTree tree{.root = root, .files = {}, .skipped = {}};
    Walker walker(tree, place_in_repository(root));
    if (!walker.can_read())
        return core::failure(core::ErrorCode::refused, core::format("{} cannot be read", shown));
    walker.walk();
    if (tree.files.empty())
        return core::failure(core::ErrorCode::invalid_input,
                             core::format("{} holds no C++ or Python source to learn from", shown),
                             skip_lines(tree.skipped));
    return tree;
}

std::expected<std::string, SkipReason> read_source(const SourceTree& tree, const SourceFile& file) {
    auto text = read_regular_file(AT_FDCWD, (tree.root / file.path).c_str(), kMaxFileBytes);
    if (!text) return text;
    // Beyond the first 8 KB too: what stores text stores no NUL.
    if (text->contains('\0')) return std::unexpected(SkipReason::binary);
    if (!is_utf8(*text)) return std::unexpected(SkipReason::not_utf8);
    return text;
}

}  // namespace singularity::analysis
