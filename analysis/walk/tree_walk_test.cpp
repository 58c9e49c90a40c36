#include "analysis/tree_walk.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace singularity::analysis {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class TreeWalk : public testing::Test {
public:
    TreeWalk() {
        std::string pattern = fs::temp_directory_path() / "tree-walk-XXXXXX";
        root_ = ::mkdtemp(pattern.data());
    }
    ~TreeWalk() override {
        fs::permissions(root_, fs::perms::owner_all);
        fs::remove_all(root_);
    }

protected:
    void write(const fs::path& path, std::string_view text = "x = 1\n") {
        fs::create_directories((root_ / path).parent_path());
        std::ofstream(root_ / path, std::ios::binary) << text;
    }

    std::vector<std::string> paths(const SourceTree& tree) const {
        std::vector<std::string> result;
        result.reserve(tree.files.size());
        for (const SourceFile& each : tree.files) result.push_back(each.path);
        return result;
    }
    std::vector<std::string> paths() const {
        const auto tree = walk_tree(root_);
        return tree ? paths(*tree) : std::vector<std::string>{};
    }

    // "reason: first path, …" of what was skipped.
    std::vector<std::string> skips() const {
        std::vector<std::string> result;
        const auto tree = walk_tree(root_);
        if (!tree) return {tree.error().message};
        for (const SkipLog::Summary& each : tree->skipped.summaries())
            for (const std::string& path : each.first_paths)
                result.push_back(std::string(describe(each.reason)) + ": " + path);
        return result;
    }

    fs::path root_;
};

TEST_F(TreeWalk, lists_sources_by_path_and_counts_the_rest) {
    for (const char* path :
         {"b.py", "a/z.hpp", "a.cpp", "a/b.PY", "a-b.cc", "README.md", "c.pyi", ".hidden/h.h"})
        write(path);
    EXPECT_THAT(paths(), ElementsAre(".hidden/h.h", "a-b.cc", "a.cpp", "a/z.hpp", "b.py", "c.pyi"));
    EXPECT_THAT(skips(), ElementsAre("neither C++ nor Python: README.md", "neither C++ nor Python: a/b.PY"));
    const auto tree = walk_tree(root_);
    EXPECT_EQ(tree->files[2].language, Language::cpp);
    EXPECT_EQ(tree->files[4].language, Language::python);
    EXPECT_EQ(tree->files[4].bytes, 6U);
}

TEST_F(TreeWalk, obeys_nested_ignore_files_and_the_repository_s_own) {
    for (const char* path : {"a.py", "gen/b.py", "src/gen/c.py", "src/d.py", "src/keep/e.py", "f.py"})
        write(path);
    write(".gitignore", "gen/\n*.tmp.py\nf.py\n");
    write("src/.gitignore", "/*\n!keep/\n");
    write(".git/info/exclude", "a.py\n");
    EXPECT_THAT(paths(), ElementsAre("src/keep/e.py"));
}

TEST_F(TreeWalk, of_a_part_of_a_repository_obeys_what_lies_above) {
    for (const char* path : {"src/a.py", "src/gen/b.py", "src/lib/c.py"}) write(path);
    write(".git/info/exclude", "/src/lib\n");
    write(".gitignore", "/src/gen/\n");
    const auto tree = walk_tree(root_ / "src");
    ASSERT_TRUE(tree);
    EXPECT_THAT(paths(*tree), ElementsAre("a.py"));
}

TEST_F(TreeWalk, finds_the_exclude_file_of_a_linked_work_tree) {
    write("main/.git/info/exclude", "secret.py\n");
    write("main/.git/worktrees/w/commondir", "../..\n");
    write("w/.git", "gitdir: ../main/.git/worktrees/w\n");
    write("w/secret.py");
    write("w/open.py");
    const auto tree = walk_tree(root_ / "w");
    ASSERT_TRUE(tree);
    EXPECT_THAT(paths(*tree), ElementsAre("open.py"));
}

TEST_F(TreeWalk, leaves_out_what_nobody_of_the_project_wrote) {
    for (const char* path : {"a.py", "build/b.py", "node_modules/c.py", "env/d.py", "env/pyvenv.cfg",
                             "obj/e.cpp", "obj/CMakeCache.txt", "__pycache__/f.py", "lib/site-packages/g.py"})
        write(path);
    EXPECT_THAT(paths(), ElementsAre("a.py"));
    EXPECT_THAT(skips(), ElementsAre("build folder: __pycache__", "build folder: build", "build folder: obj",
                                     "dependency folder: node_modules",
                                     "dependency folder: lib/site-packages", "virtual environment: env"));
}

TEST_F(TreeWalk, keeps_packages_that_only_sound_like_builds) {
    write("build/__init__.py");
    write("venv/__init__.py");
    EXPECT_THAT(paths(), ElementsAre("build/__init__.py", "venv/__init__.py"));
}

TEST_F(TreeWalk, follows_no_link_and_opens_nothing_special) {
    write("a.py");
    fs::create_symlink("a.py", root_ / "link.py");
    fs::create_directory_symlink(".", root_ / "loop");
    fs::create_symlink("nowhere", root_ / "dangling.py");
    ASSERT_EQ(::mkfifo((root_ / "fifo.py").c_str(), 0600), 0);
    EXPECT_THAT(paths(), ElementsAre("a.py"));
    EXPECT_THAT(skips(), ElementsAre("symbolic link: dangling.py", "symbolic link: link.py",
                                     "symbolic link: loop", "special file: fifo.py"));
}

TEST_F(TreeWalk, may_be_given_a_link_to_a_tree) {
    write("real/a.py");
    fs::create_directory_symlink("real", root_ / "link");
    const auto tree = walk_tree(root_ / "link");
    ASSERT_TRUE(tree);
    EXPECT_EQ(tree->root, fs::canonical(root_ / "real"));
}

TEST_F(TreeWalk, lists_no_file_beyond_the_limit) {
    write("small.py");
    write("exact.py", std::string(kMaxFileBytes, '\n'));
    write("large.py");
    fs::resize_file(root_ / "large.py", 100'000'000);
    EXPECT_THAT(paths(), ElementsAre("exact.py", "small.py"));
    EXPECT_THAT(skips(), ElementsAre("larger than 1 MB: large.py"));
}

TEST_F(TreeWalk, survives_names_that_are_not_utf8) {
    write("a.py");
    write("b\xFF.py");
    EXPECT_THAT(paths(), ElementsAre("a.py"));
    EXPECT_THAT(skips(), ElementsAre("file name not UTF-8: b\\xff.py"));
}

TEST_F(TreeWalk, survives_trees_deeper_than_a_path_may_be_long) {
    const std::string name(200, 'd');
    const int start = ::open(".", O_RDONLY | O_DIRECTORY);
    ASSERT_EQ(::chdir(root_.c_str()), 0);
    for (int depth = 0; depth < 30; ++depth) {
        ASSERT_EQ(::mkdir(name.c_str(), 0700), 0);
        ASSERT_EQ(::chdir(name.c_str()), 0);
    }
    ASSERT_EQ(::fchdir(start), 0);
    ::close(start);
    write("a.py");
    EXPECT_THAT(paths(), ElementsAre("a.py"));
    EXPECT_THAT(skips().front(), HasSubstr("unreadable: "));
}

TEST_F(TreeWalk, keeps_the_first_few_paths_of_many) {
    write("a.py");
    for (int i = 0; i < 9; ++i) write("n" + std::to_string(i) + ".txt");
    const auto tree = walk_tree(root_);
    ASSERT_TRUE(tree);
    EXPECT_EQ(tree->skipped.total(), 9U);
    EXPECT_EQ(tree->skipped.summaries().front().count, 9U);
    EXPECT_EQ(tree->skipped.summaries().front().first_paths.size(), SkipLog::kKeptPaths);
}

TEST_F(TreeWalk, takes_a_single_file) {
    write("src/a.py");
    const auto tree = walk_tree(root_ / "src/a.py");
    ASSERT_TRUE(tree);
    EXPECT_THAT(paths(*tree), ElementsAre("a.py"));
    EXPECT_EQ(read_source(*tree, tree->files.front()), "x = 1\n");
}

TEST_F(TreeWalk, says_what_is_wrong_with_a_path) {
    write("empty/README.md");
    write("notes.txt");
    write("big.py");
    fs::resize_file(root_ / "big.py", kMaxFileBytes + 1);
    const auto error_of = [&](const char* path) { return walk_tree(root_ / path).error(); };
    EXPECT_EQ(error_of("nothing").code, core::ErrorCode::not_found);
    EXPECT_THAT(error_of("nothing").message, HasSubstr("No such file or directory"));
    EXPECT_EQ(error_of("empty").code, core::ErrorCode::invalid_input);
    EXPECT_THAT(error_of("empty").message, HasSubstr("holds no C++ or Python source"));
    EXPECT_THAT(error_of("empty").details, ElementsAre("neither C++ nor Python: 1, such as README.md"));
    EXPECT_THAT(error_of("notes.txt").message, HasSubstr("is not a C++ or Python source file"));
    EXPECT_THAT(error_of("big.py").message, HasSubstr("1048577 bytes"));
    EXPECT_THAT(walk_tree("/dev/null").error().message, HasSubstr("neither a folder nor a source file"));
}

TEST_F(TreeWalk, says_when_nothing_may_be_read) {
    if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
    write("a.py");
    write("closed/b.py");
    fs::permissions(root_ / "closed", fs::perms::none);
    EXPECT_THAT(skips(), ElementsAre("unreadable: closed"));
    fs::permissions(root_ / "closed", fs::perms::owner_all);
    fs::permissions(root_, fs::perms::none);
    EXPECT_EQ(walk_tree(root_).error().code, core::ErrorCode::refused);
}

class ReadSource : public TreeWalk {
protected:
    // Listed as it is now, and read after `change`.
    template <class Change>
    SkipReason reason_after(Change change) {
        write("a.py");
        const auto tree = walk_tree(root_);
        change();
        const auto text = read_source(*tree, tree->files.front());
        EXPECT_FALSE(text);
        return text ? SkipReason::ignored : text.error();
    }
};

TEST_F(ReadSource, skips_what_vanished_or_changed_its_nature_since_it_was_listed) {
    const fs::path file = root_ / "a.py";
    EXPECT_EQ(reason_after([&] { fs::remove(file); }), SkipReason::vanished);
    EXPECT_EQ(reason_after([&] { fs::resize_file(file, 2 * kMaxFileBytes); }), SkipReason::too_large);
    EXPECT_EQ(reason_after([&] { fs::remove(file), fs::create_symlink("/etc/passwd", file); }),
              SkipReason::symbolic_link);
    fs::remove(file);
    EXPECT_EQ(reason_after([&] { fs::remove(file), ::mkfifo(file.c_str(), 0600); }),
              SkipReason::special_file);
    fs::remove(file);
    EXPECT_EQ(reason_after([&] { fs::remove(file), fs::create_directory(file); }), SkipReason::special_file);
}

TEST_F(ReadSource, skips_binaries_and_foreign_encodings) {
    EXPECT_EQ(reason_after([&] { write("a.py", std::string_view("x\0y", 3)); }), SkipReason::binary);
    EXPECT_EQ(reason_after([&] { write("a.py", std::string(20000, ' ') + '\0'); }), SkipReason::binary);
    EXPECT_EQ(reason_after([&] { write("a.py", "name = 'caf\xE9'\n"); }), SkipReason::not_utf8);
}

TEST_F(ReadSource, gives_the_bytes_as_they_are) {
    write("a.py", "\xEF\xBB\xBFx = 1\r\n");
    const auto tree = walk_tree(root_);
    EXPECT_EQ(read_source(*tree, tree->files.front()), "\xEF\xBB\xBFx = 1\r\n");
    write("a.py", "");
    EXPECT_EQ(read_source(*tree, tree->files.front()), "");
}

}  // namespace
}  // namespace singularity::analysis
