#include "analysis/idioms/idiom_test.hpp"

namespace singularity::analysis {
namespace {

constexpr std::string_view kIdiom = "memoisation";

constexpr std::string_view kPythonMap = R"(
class Resolver:
    def resolve(self, name):
        if name in self._known:
            return self._known[name]
        address = lookup(name)
        self._known[name] = address
        return address
)";

constexpr std::string_view kCppMap = R"(
const Schema& Catalogue::schema(const std::string& name) {
    if (const auto it = schemas_.find(name); it != schemas_.end()) return it->second;
    auto schema = load(name);
    return schemas_.emplace(name, std::move(schema)).first->second;
}
)";

TEST(MemoInPython, is_certain_when_every_element_stands) {
    const Occurrence found = one(kIdiom, Language::python, kPythonMap);
    EXPECT_EQ(found.confidence, 1);
    EXPECT_EQ(found.function, "Resolver.resolve");
    EXPECT_EQ(found.shape,
              "(memo (map member) (lookup membership (hit return)) (miss (compute call) (store) return))");
    EXPECT_TRUE(found.snippet.starts_with("if name in self._known:\n"));
    EXPECT_TRUE(found.snippet.ends_with("return address\n"));
}

TEST(MemoInPython, does_not_depend_on_names_formatting_or_other_statements) {
    const Occurrence other = one(kIdiom, Language::python, R"(
class A:
    def b(self, c):
        log.debug("asked for %s", c)
        if c not in self.d:
            self.d[c] = make(
                c, loud=True)
        return self.d[c]
)");
    EXPECT_EQ(other.shape_hash, one(kIdiom, Language::python, kPythonMap).shape_hash);
}

TEST(MemoInPython, has_a_shape_for_each_way_to_look) {
    const Occurrence get = one(kIdiom, Language::python, R"(
_cache = {}
def compile_pattern(text):
    found = _cache.get(text)
    if found is None:
        found = _cache[text] = build(text)
    return found
)");
    const Occurrence attempt = one(kIdiom, Language::python, R"(
_cache = {}
def compile_pattern(text):
    try:
        return _cache[text]
    except KeyError:
        built = build(text)
        _cache[text] = built
        return built
)");
    EXPECT_TRUE(get.shape.contains("(map outer) (lookup get"));
    EXPECT_TRUE(attempt.shape.contains("(map outer) (lookup try"));
    EXPECT_EQ(get.confidence, 1);
    EXPECT_EQ(attempt.confidence, 1);
}

TEST(MemoInPython, is_less_certain_when_the_key_leaves_a_parameter_out) {
    const Occurrence found = one(kIdiom, Language::python, R"(
class Resolver:
    def resolve(self, name, family):
        if name in self._known:
            return self._known[name]
        self._known[name] = lookup(name, family)
        return self._known[name]
)");
    EXPECT_EQ(found.confidence, 0.8);
    EXPECT_EQ(found.against, std::vector<std::string>{"parameter-outside-key"});
}

TEST(MemoInPython, reads_decorators_and_lazy_attributes) {
    const Occurrence decorated = one(kIdiom, Language::python, R"(
@functools.lru_cache(maxsize=128)
def area(shape):
    return integrate(shape)
)");
    EXPECT_EQ(decorated.shape, "(memo (decorator call) (function return))");
    EXPECT_EQ(decorated.confidence, 1);
    const Occurrence lazy = one(kIdiom, Language::python, R"(
class Page:
    def tree(self):
        if self._tree is None:
            self._tree = parse(self.text)
        return self._tree
)");
    EXPECT_TRUE(lazy.shape.contains("(absent-test (hit return))"));
    EXPECT_EQ(lazy.confidence, 1);
}

TEST(MemoInPython, speaks_against_caches_of_what_cannot_be_kept) {
    expect_none(kIdiom, Language::python, R"(
@lru_cache
async def fetch(url):
    return await get(url)
)");
    const Occurrence first = one(kIdiom, Language::python, R"(
class Page:
    def tree(self, parser):
        if self._tree is None:
            self._tree = parser.parse(self.text)
        return self._tree
)");
    EXPECT_EQ(first.confidence, 0.6);
    EXPECT_EQ(first.against, std::vector<std::string>{"first-call-decides"});
}

TEST(MemoInPython, is_not_seen_in_false_friends) {
    // Counts.
    expect_none(kIdiom, Language::python, R"(
class Counter:
    def add(self, word):
        self.counts[word] = self.counts.get(word, 0) + 1
        return self.counts[word]
)");
    // Groups.
    expect_none(kIdiom, Language::python, R"(
class Index:
    def add(self, key, value):
        if key not in self.groups:
            self.groups[key] = []
        self.groups[key].append(make(value))
)");
    // The map does not outlive the call.
    expect_none(kIdiom, Language::python, R"(
def distinct(items):
    seen = {}
    for item in items:
        if item in seen:
            return seen[item]
        seen[item] = convert(item)
    return seen[item]
)");
    // Registers, and refuses a second time.
    expect_none(kIdiom, Language::python, R"(
class Registry:
    def register(self, name, factory):
        if name in self.known:
            raise ValueError(name)
        self.known[name] = factory()
        return self.known[name]
)");
    // A local that once stood for the attribute: nothing is kept.
    expect_none(kIdiom, Language::python, R"(
class Event:
    def wait(self):
        flag = self._flag
        if not flag:
            flag = self._condition.wait()
        return flag
)");
    // A default argument.
    expect_none(kIdiom, Language::python, R"(
def localtime(moment=None):
    if moment is None:
        moment = now()
    return moment
)");
    // Nothing is computed.
    expect_none(kIdiom, Language::python, R"(
class Page:
    def children(self):
        if self._children is None:
            self._children = []
        return self._children
)");
}

TEST(MemoInCpp, is_certain_when_every_element_stands) {
    const Occurrence found = one(kIdiom, Language::cpp, kCppMap);
    EXPECT_EQ(found.confidence, 1);
    EXPECT_EQ(found.shape,
              "(memo (map member) (lookup find (hit return)) (miss (compute call) (store) return))");
}

TEST(MemoInCpp, does_not_depend_on_names_or_formatting) {
    const Occurrence other = one(kIdiom, Language::cpp, R"(
int Table::value(int n) {
    auto at = cells_.find(n);
    if (at != cells_.end())
        return at->second;
    int result = compute(n);
    ++misses_;
    cells_[n] = result;
    return result;
}
)");
    EXPECT_EQ(other.shape_hash, one(kIdiom, Language::cpp, kCppMap).shape_hash);
}

TEST(MemoInCpp, has_other_shapes_without_a_key) {
    const Occurrence local = one(kIdiom, Language::cpp, R"(
const Table& table() {
    static const Table built = build_table();
    return built;
}
)");
    const Occurrence member = one(kIdiom, Language::cpp, R"(
const Config& Home::config() {
    if (!config_) config_ = load(path_);
    return *config_;
}
)");
    EXPECT_EQ(local.shape, "(memo (static local (compute call)) return)");
    EXPECT_TRUE(member.shape.starts_with("(memo (place outliving)"));
    EXPECT_EQ(local.confidence, 1);
    EXPECT_EQ(member.confidence, 1);
}

TEST(MemoInCpp, is_less_certain_when_the_first_call_decides) {
    const Occurrence found = one(kIdiom, Language::cpp, R"(
Logger& logger(const std::string& name) {
    static Logger made = make_logger(name);
    return made;
}
)");
    EXPECT_EQ(found.confidence, 0.6);
    EXPECT_EQ(found.against, std::vector<std::string>{"first-call-decides"});
}

TEST(MemoInCpp, is_not_seen_in_false_friends) {
    expect_none(kIdiom, Language::cpp, R"(
int count(std::string_view text) {
    std::map<char, int> seen;
    for (char c : text) {
        if (seen.contains(c)) return seen.at(c);
        seen[c] = weigh(c);
    }
    return 0;
}
)");
    expect_none(kIdiom, Language::cpp, R"(
void Registry::add(std::string name, Factory factory) {
    if (known_.contains(name)) throw Duplicate(name);
    known_.emplace(std::move(name), wrap(factory));
}
)");
    expect_none(kIdiom, Language::cpp, R"(
int next_id() {
    static int last = 0;
    return ++last;
}
)");
    expect_none(kIdiom, Language::cpp, R"(
int call(int x) {
    static function_pointer f = load_symbol("f");
    return (*f)(x);
}
)");
}

}  // namespace
}  // namespace singularity::analysis
