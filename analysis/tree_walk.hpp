// The source files of a tree, in one order on every machine, and why every other file was left out.
//
// Walking lists; reading happens file by file, so that a tree of any size needs little memory.
// Symbolic links are never followed (only the root that a person names is resolved), so that loops
// cannot be; nothing but regular files is opened, so that a FIFO cannot block. A file that vanishes
// between listing and reading is a skip like the others.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/language.hpp"
#include "core/error.hpp"

namespace singularity::analysis {

inline constexpr std::uint64_t kMaxFileBytes = 1 << 20;

enum class SkipReason {
    ignored,              // by .gitignore or .git/info/exclude
    version_control,      // .git and its like
    build_folder,         // what a build made: build, __pycache__, a folder with CMakeCache.txt, …
    dependency_folder,    // node_modules, site-packages, …
    virtual_environment,  // a folder with pyvenv.cfg
    other_language,       // not a file that the analysis reads
    symbolic_link,
    special_file,  // FIFO, socket, device
    too_large,     // more than kMaxFileBytes
    binary,        // holds a NUL
    not_utf8,
    file_name_not_utf8,
    unreadable,   // no permission, an I/O error, a path too long for the system
    vanished,     // gone between listing and reading
    parse_limit,  // listed by the caller when FileAnalysis::limit_reached
    incomplete,   // listed by the caller when FileAnalysis::incomplete; the rest of the file counts
};
inline constexpr std::size_t kSkipReasons = 16;

// "ignored by git", "larger than 1 MB": completes "12 files, …".
std::string_view describe(SkipReason reason);

// Counts every skip and keeps the first few paths of each reason. A skipped folder counts once.
class SkipLog {
public:
    static constexpr std::size_t kKeptPaths = 5;
    struct Summary {
        SkipReason reason;
        std::uint64_t count;
        std::vector<std::string> first_paths;  // relative, valid UTF-8
    };

    void add(SkipReason reason, std::string_view relative_path);
    std::uint64_t total() const;
    std::vector<Summary> summaries() const;  // the reasons that occurred, in the order of SkipReason

private:
    struct Slot {
        std::uint64_t count = 0;
        std::vector<std::string> first_paths;
    };
    std::array<Slot, kSkipReasons> slots_;
};

struct SourceFile {
    std::string path;  // relative to the root, '/' between parts, valid UTF-8
    Language language;
    std::uint64_t bytes;  // when listed
};

struct SourceTree {
    std::filesystem::path root;     // absolute, links resolved; the parent folder of a single file
    std::vector<SourceFile> files;  // by path, bytewise; never empty
    SkipLog skipped;                // what listing left out; the caller adds what reading leaves out
};

// `path` is a folder or one file. Errors: not_found (nothing there), refused (not readable),
// invalid_input (a file of another kind, a tree without source; `details` says what was skipped).
core::Expected<SourceTree> walk_tree(const std::filesystem::path& path);

// The text of a listed file, valid UTF-8 and at most kMaxFileBytes, or why there is none. Thread-safe.
std::expected<std::string, SkipReason> read_source(const SourceTree& tree, const SourceFile& file);

}  // namespace singularity::analysis
