#include "analysis/idioms/idiom_test.hpp"

namespace singularity::analysis {
namespace {

constexpr std::string_view kIdiom = "guarded-error-handling";

constexpr std::string_view kPython = R"(
def port(text):
    try:
        return int(text)
    except ValueError as error:
        raise BadConfig(text) from error
)";

constexpr std::string_view kResult = R"(
core::Expected<Config> load(const Path& path) {
    auto text = read(path);
    if (!text) return std::unexpected(text.error());
    return parse(*text);
}
)";

TEST(GuardInPython, is_certain_when_a_named_error_is_acted_on) {
    const Occurrence found = one(kIdiom, Language::python, kPython);
    EXPECT_EQ(found.confidence, 1);
    EXPECT_EQ(found.shape, "(guard (try call) (handler typed translate))");
    EXPECT_TRUE(found.pattern_name.starts_with("guarded-error-handling/typed-translate-"));
    EXPECT_TRUE(found.lacks.empty());
}

TEST(GuardInPython, does_not_depend_on_names_formatting_or_other_statements) {
    const Occurrence other = one(kIdiom, Language::python, R"(
class A:
    def b(self, c):
        c = c.strip()
        try:
            d = self.parse(c)
            d.check()
        except (TypeError, LookupError):
            log.debug("odd: %r", c)
            raise Unreadable("no")
        return d
)");
    EXPECT_EQ(other.shape_hash, one(kIdiom, Language::python, kPython).shape_hash);
    EXPECT_EQ(other.lacks, std::vector<std::string>{"the cause in the new error"});
}

TEST(GuardInPython, has_a_shape_for_each_action) {
    const auto shape_of = [](std::string_view handler) {
        return one(kIdiom, Language::python,
                   "def f(x):\n    for y in x:\n        try:\n            z = g(y)\n        except OSError "
                   "as e:\n            " +
                       std::string(handler) + "\n        h(z)\n")
            .shape;
    };
    EXPECT_EQ(shape_of("z = None"), "(guard (try call) (handler typed fall-back))");
    EXPECT_EQ(shape_of("log.warning('no', e)"), "(guard (try call) (handler typed report))");
    EXPECT_EQ(shape_of("repair(y)"), "(guard (try call) (handler typed act))");
    EXPECT_EQ(shape_of("continue"), "(guard (try call) (handler typed skip))");
    EXPECT_EQ(shape_of("return None"), "(guard (try call) (handler typed return-empty))");
    EXPECT_EQ(shape_of("return 3"), "(guard (try call) (handler typed return-value))");
    EXPECT_EQ(shape_of("close(); raise"), "(guard (try call) (handler typed reraise))");
    EXPECT_EQ(shape_of("sys.exit(2)"), "(guard (try call) (handler typed terminate))");
    EXPECT_EQ(shape_of("if e.errno != 2: raise"), "(guard (try call) (handler typed decide))");
}

TEST(GuardInPython, is_less_certain_when_too_much_is_caught_or_nothing_done) {
    const auto confidence_of = [](std::string_view handler) {
        return one(kIdiom, Language::python, "def f(x):\n    try:\n        g(x)\n    " + std::string(handler))
            .confidence;
    };
    EXPECT_EQ(confidence_of("except OSError:\n        pass\n"), 0.7);
    EXPECT_EQ(confidence_of("except Exception:\n        log.warning('no')\n"), 0.8);
    EXPECT_EQ(confidence_of("except:\n        log.warning('no')\n"), 0.6);
    EXPECT_EQ(confidence_of("except:\n        undo(x)\n        raise\n"), 1);
    EXPECT_EQ(confidence_of("except OSError:\n        raise\n"), 0.6);
}

TEST(GuardInPython, is_not_seen_in_false_friends) {
    // Chooses a dependency.
    expect_none(kIdiom, Language::python, R"(
def setup():
    try:
        import fast
        fast.enable()
    except ImportError:
        fast = None
)");
    // Ends a loop.
    expect_none(kIdiom, Language::python, R"(
def first(items):
    try:
        return next(items)
    except StopIteration:
        return None
)");
    // Expects the error.
    expect_none(kIdiom, Language::python, R"(
def test(self):
    try:
        work()
        self.fail("no error")
    except ValueError as error:
        self.check(error)
)");
    // No call: asks forgiveness for a look-up.
    expect_none(kIdiom, Language::python, R"(
def f(d, k):
    try:
        return d[k]
    except KeyError:
        return 0
)");
    // No handler.
    expect_none(kIdiom, Language::python,
                "def f():\n    try:\n        work()\n    finally:\n        done()\n");
    // Checks an argument.
    expect_none(kIdiom, Language::python, "def f(n):\n    if n < 0:\n        raise ValueError(n)\n");
    // Raises by itself.
    expect_none(kIdiom, Language::python,
                "def f():\n    try:\n        raise ValueError(1)\n    except ValueError as error:\n        "
                "use(error)\n");
    // What must not be there yet.
    expect_none(kIdiom, Language::python,
                "def f(d, k):\n    old = d.get(k)\n    if old is not None:\n        raise Duplicate(k)\n");
    // Asks a question that the call did not answer.
    expect_none(
        kIdiom, Language::python,
        "def f(p):\n    names = listdir(p)\n    if not contains(names, p):\n        raise Missing(p)\n");
    // Judges a size, no failure.
    expect_none(kIdiom, Language::python,
                "def f(a):\n    n = len(a)\n    if n == 0:\n        raise ValueError(n)\n");
}

TEST(GuardInPython, reads_results_that_are_tested_at_once) {
    const Occurrence found = one(kIdiom, Language::python, R"(
def parse(text):
    match = PATTERN.match(text)
    if match is None:
        raise ValueError(text)
    return match.group(1)
)");
    EXPECT_EQ(found.shape, "(guard (call result) (if failed raise))");
    EXPECT_EQ(found.confidence, 1);
}

TEST(GuardInCpp, is_certain_when_an_error_is_passed_on) {
    const Occurrence found = one(kIdiom, Language::cpp, kResult);
    EXPECT_EQ(found.confidence, 1);
    EXPECT_EQ(found.shape, "(guard (call result) (if failed propagate))");
    EXPECT_EQ(found.function, "load");
}

TEST(GuardInCpp, does_not_depend_on_names_or_formatting) {
    const Occurrence other = one(kIdiom, Language::cpp, R"(
Expected<int> f() {
    int base = 3;
    const Expected<int> value =
        g(base);
    if (!value.has_value()) {
        return std::unexpected{value.error()};
    }
    return *value + base;
}
)");
    EXPECT_EQ(other.shape_hash, one(kIdiom, Language::cpp, kResult).shape_hash);
}

TEST(GuardInCpp, has_a_shape_for_each_way_out) {
    EXPECT_EQ(one(kIdiom, Language::cpp,
                  "Expected<int> f() { int fd = ::open(p, 0); if (fd < 0) return failure(code(), \"no\"); "
                  "return fd; }")
                  .shape,
              "(guard (call result) (if failed return-error))");
    EXPECT_EQ(
        one(kIdiom, Language::cpp,
            "int f() { int fd = ::open(p, 0); if (fd == -1) throw std::system_error(errno); return fd; }")
            .shape,
        "(guard (call result) (if failed raise))");
    EXPECT_EQ(one(kIdiom, Language::cpp,
                  "void f() { boost::system::error_code error; socket.connect(peer, error); if (error) throw "
                  "Lost(error); }")
                  .shape,
              "(guard (call error-code) (if failed raise))");
    EXPECT_EQ(one(kIdiom, Language::cpp,
                  "Task<Expected<int>> f() { auto r = co_await g(); if (!r) co_return "
                  "std::unexpected(r.error()); co_return 1; }")
                  .shape,
              "(guard (awaited call result) (if failed propagate))");
    EXPECT_EQ(one(kIdiom, Language::cpp,
                  "void f() { try { g(); } catch (const Lost& lost) { throw Failed(lost.what()); } }")
                  .shape,
              "(guard (try call) (handler typed translate))");
}

TEST(GuardInCpp, is_less_certain_when_too_much_is_caught_or_nothing_done) {
    const auto confidence_of = [](std::string_view handler) {
        return one(kIdiom, Language::cpp, "void f() { try { g(); } " + std::string(handler) + " }")
            .confidence;
    };
    EXPECT_EQ(confidence_of("catch (...) { log(\"no\"); }"), 0.6);
    EXPECT_EQ(confidence_of("catch (...) { undo(); throw; }"), 1);
    EXPECT_EQ(confidence_of("catch (const std::exception& e) { log(e.what()); }"), 0.9);
    EXPECT_EQ(confidence_of("catch (const Lost&) {}"), 0.7);
    EXPECT_EQ(confidence_of("catch (Lost lost) { log(lost); }"), 0.8);
}

TEST(GuardInCpp, is_not_seen_in_false_friends) {
    // A default, no error.
    expect_none(kIdiom, Language::cpp, "int f() { auto x = g(); if (!x) return 0; return *x; }");
    // A precondition.
    expect_none(kIdiom, Language::cpp,
                "Expected<int> f(int n) { if (n < 0) return failure(code(), \"negative\"); return n; }");
    // Another test comes between the call and this one.
    expect_none(kIdiom, Language::cpp,
                "void f(bool ok) { auto n = g(); h(); h(); h(); if (!n) throw Failed(); use(n); }");
    // The good case leaves.
    expect_none(kIdiom, Language::cpp,
                "Expected<int> f() { auto x = g(); if (x) return *x; return fallback(); }");
    // An empty list is no failed call.
    expect_none(kIdiom, Language::cpp, "int f() { auto n = v.size(); if (n == 0) throw Empty(); return n; }");
}

}  // namespace
}  // namespace singularity::analysis
