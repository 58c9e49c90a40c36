#include "analysis/idioms/idiom_test.hpp"

namespace singularity::analysis {
namespace {

constexpr std::string_view kIdiom = "scoped-resource";

constexpr std::string_view kWith = R"(
def read(path):
    with open(path) as file:
        text = file.read()
    return text
)";

constexpr std::string_view kLock = R"(
void Pool::put(Item item) {
    std::lock_guard<std::mutex> lock(mutex_);
    items_.push_back(item);
}
)";

TEST(ScopeInPython, is_certain_when_what_is_bound_is_used_inside) {
    const Occurrence found = one(kIdiom, Language::python, kWith);
    EXPECT_EQ(found.confidence, 1);
    EXPECT_EQ(found.shape, "(scope (with call as name) (body))");
    EXPECT_TRUE(found.pattern_name.starts_with("scoped-resource/with-bound-call-"));
}

TEST(ScopeInPython, does_not_depend_on_names_formatting_or_other_statements) {
    const Occurrence other = one(kIdiom, Language::python, R"(
class A:
    def b(self):
        print("begin")
        with self.pool.connection(
            timeout=3
        ) as connection:
            for row in connection.rows("select 1"):
                self.handle(row)
)");
    EXPECT_EQ(other.shape_hash, one(kIdiom, Language::python, kWith).shape_hash);
}

TEST(ScopeInPython, has_shapes_for_held_objects_several_resources_and_ways_out) {
    EXPECT_EQ(one(kIdiom, Language::python, "def f(self):\n    with self.lock:\n        self.n += 1\n").shape,
              "(scope (with name) (body))");
    EXPECT_EQ(
        one(kIdiom, Language::python, "def f(p):\n    with open(p) as a:\n        return a.read()\n").shape,
        "(scope (with call as name) (body return))");
    EXPECT_EQ(one(kIdiom, Language::python,
                  "def f(p, q):\n    with open(p) as a, open(q) as b:\n        b.write(a.read())\n")
                  .shape,
              "(scope (with call as name several) (body))");
    EXPECT_EQ(one(kIdiom, Language::python,
                  "async def f(s):\n    async with s.get() as r:\n        print(await r.text())\n")
                  .shape,
              "(scope (async-with call as name) (body))");
}

TEST(ScopeInPython, reads_what_is_written_out_and_what_makes_managers) {
    EXPECT_EQ(one(kIdiom, Language::python, R"(
def read(path):
    file = open(path)
    try:
        return file.read()
    finally:
        file.close()
)")
                  .shape,
              "(scope (acquire call) (try use) (finally release))");
    EXPECT_EQ(one(kIdiom, Language::python, R"(
@contextmanager
def cursor(connection):
    made = connection.cursor()
    try:
        yield made
    finally:
        made.close()
)")
                  .shape,
              "(scope (generator-manager (yield in finally)))");
    EXPECT_EQ(one(kIdiom, Language::python, R"(
class Session:
    def __enter__(self):
        return self
    def __exit__(self, *error):
        self.close()
)")
                  .function,
              "Session.__exit__");
}

TEST(ScopeInPython, is_less_certain_when_nothing_is_bound_or_used_or_protected) {
    EXPECT_EQ(one(kIdiom, Language::python, "def f():\n    with entered():\n        work()\n").confidence,
              0.75);
    EXPECT_EQ(
        one(kIdiom, Language::python, "def f():\n    with entered() as x:\n        work()\n").confidence,
        0.7);
    const Occurrence found = one(kIdiom, Language::python, R"(
@contextmanager
def cursor(connection):
    made = connection.cursor()
    yield made
    made.close()
)");
    EXPECT_EQ(found.confidence, 0.6);
    EXPECT_EQ(found.against, std::vector<std::string>{"exception-skips-the-release"});
}

TEST(ScopeInPython, is_not_seen_in_false_friends) {
    expect_none(kIdiom, Language::python,
                "def test(self):\n    with self.assertRaises(KeyError):\n        work()\n");
    expect_none(
        kIdiom, Language::python,
        "def test(self):\n    expected = self.assertRaises(KeyError)\n    with expected:\n        work()\n");
    expect_none(kIdiom, Language::python, "def f(p):\n    with suppress(OSError):\n        os.unlink(p)\n");
    expect_none(kIdiom, Language::python, "def f(p):\n    with open(p):\n        pass\n");
    // The final block has nothing to do with what came before.
    expect_none(kIdiom, Language::python, R"(
def f(self):
    started = clock()
    try:
        work()
    finally:
        self.report(started)
)");
    // A setting of the resource, no acquisition.
    expect_none(kIdiom, Language::python, R"(
def f(self):
    self.socket.settimeout(3)
    try:
        work()
    finally:
        self.socket.close()
)");
    // Handlers settle errors; nothing is given back.
    expect_none(kIdiom, Language::python, R"(
@contextmanager
def translated():
    try:
        yield
    except KeyError as error:
        raise LookupError() from error
)");
}

TEST(ScopeInCpp, is_certain_of_locks) {
    const Occurrence found = one(kIdiom, Language::cpp, kLock);
    EXPECT_EQ(found.confidence, 1);
    EXPECT_EQ(found.shape, "(scope (lock plain) (function))");
    EXPECT_EQ(found.snippet, "std::lock_guard<std::mutex> lock(mutex_);\n");
}

TEST(ScopeInCpp, does_not_depend_on_names_or_spelling) {
    const Occurrence braces =
        one(kIdiom, Language::cpp, "int A::b() { const std::scoped_lock guard{c_, d_}; return n_; }");
    EXPECT_EQ(braces.shape_hash, one(kIdiom, Language::cpp, kLock).shape_hash);
}

TEST(ScopeInCpp, has_shapes_for_blocks_and_kinds_of_locks) {
    EXPECT_EQ(one(kIdiom, Language::cpp, "void f() { { std::scoped_lock lock(m_); n_ = 1; } work(); }").shape,
              "(scope (lock plain) (inner block))");
    EXPECT_EQ(one(kIdiom, Language::cpp, "int f() { std::shared_lock lock(m_); return n_; }").shape,
              "(scope (lock shared) (function))");
}

TEST(ScopeInCpp, reads_owners_guards_and_destructors) {
    EXPECT_EQ(one(kIdiom, Language::cpp,
                  "void f() { std::unique_ptr<FILE, Closer> file(std::fopen(p, m)); use(file.get()); }")
                  .shape,
              "(scope (owner deleter) (acquire call))");
    EXPECT_EQ(one(kIdiom, Language::cpp,
                  "using Handle = std::unique_ptr<PGconn, Finish>;\n"
                  "void f() { Handle handle(PQconnectdb(dsn)); use(handle.get()); }")
                  .shape,
              "(scope (owner deleter) (acquire call))");
    EXPECT_EQ(
        one(kIdiom, Language::cpp, "void f() { ScopeGuard cleanup([&] { rollback(); }); work(); }").shape,
        "(scope (guard action) (never used again))");
    EXPECT_EQ(one(kIdiom, Language::cpp, "File::~File() { if (fd_ >= 0) ::close(fd_); }").shape,
              "(scope (destructor tested (release call)))");
}

TEST(ScopeInCpp, is_less_certain_when_unlocked_by_hand_or_copyable) {
    EXPECT_EQ(
        one(kIdiom, Language::cpp, "void f() { std::unique_lock lock(m_); n_ = 1; lock.unlock(); g(); }")
            .confidence,
        0.8);
    const Occurrence copyable = one(kIdiom, Language::cpp, R"(
class File {
public:
    explicit File(int fd) : fd_(fd) {}
    ~File() { ::close(fd_); }
private:
    int fd_;
};
)");
    EXPECT_EQ(copyable.confidence, 0.75);
    EXPECT_EQ(copyable.against, std::vector<std::string>{"copies-would-release-twice"});
    EXPECT_EQ(one(kIdiom, Language::cpp, R"(
class File {
public:
    explicit File(int fd) : fd_(fd) {}
    File(const File&) = delete;
    ~File() { ::close(fd_); }
private:
    int fd_;
};
)")
                  .confidence,
              1);
}

TEST(ScopeInCpp, is_not_seen_in_false_friends) {
    expect_none(kIdiom, Language::cpp, "Base::~Base() {}");
    expect_none(kIdiom, Language::cpp, "Probe::~Probe() { std::cout << \"gone\"; --alive; }");
    expect_none(kIdiom, Language::cpp, "int f() { std::vector<int> values(3); return g(); }");
    expect_none(kIdiom, Language::cpp, "int f() { Matrix matrix(3, 3); return matrix.size(); }");
    // An owner of memory alone, which every value is.
    expect_none(kIdiom, Language::cpp, "void f() { std::unique_ptr<Node> node(make()); node->run(); }");
    // Named like a guard, and used like a value.
    expect_none(kIdiom, Language::cpp, "int f() { ScopeName scope(text); return scope.depth(); }");
    // A declaration of a function.
    expect_none(kIdiom, Language::cpp, "std::lock_guard<std::mutex> make_lock(std::mutex& m);");
}

}  // namespace
}  // namespace singularity::analysis
