#include "analysis/idioms/idiom_test.hpp"

namespace singularity::analysis {
namespace {

constexpr std::string_view kIdiom = "producer-consumer";

constexpr std::string_view kPythonConsumer = R"(
def worker(queue):
    while True:
        job = queue.get()
        if job is None:
            break
        run(job)
)";

constexpr std::string_view kCppTake = R"(
Item Queue::take() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [this] { return !items_.empty(); });
    Item item = std::move(items_.front());
    items_.pop_front();
    return item;
}
)";

TEST(ChannelInPython, is_certain_of_a_consumer_that_stops_at_a_mark) {
    const Occurrence found = one(kIdiom, Language::python, kPythonConsumer);
    EXPECT_EQ(found.confidence, 1);
    EXPECT_EQ(found.shape, "(consume (loop (take) (use) (stop sentinel)))");
}

TEST(ChannelInPython, does_not_depend_on_names_formatting_or_other_statements) {
    const Occurrence other = one(kIdiom, Language::python, R"(
class Pool:
    def run(self):
        while 1:
            item = self.inbox.get(
                timeout=3)
            self.seen += 1
            if item is self.STOP:
                return
            self.handle(item)
)");
    EXPECT_EQ(other.shape_hash, one(kIdiom, Language::python, kPythonConsumer).shape_hash);
}

TEST(ChannelInPython, knows_a_queue_by_what_it_is_made_from) {
    const Occurrence found = one(kIdiom, Language::python, R"(
class Pool:
    def __init__(self):
        self.work = queue.SimpleQueue()
    def run(self):
        while True:
            item = self.work.get()
            if item is None:
                return
            self.handle(item)
)");
    EXPECT_EQ(found.function, "Pool.run");
}

TEST(ChannelInPython, has_shapes_for_awaiting_acknowledging_and_producing) {
    EXPECT_EQ(one(kIdiom, Language::python, R"(
async def worker(queue):
    while True:
        job = await queue.get()
        if job is None:
            return
        await run(job)
        queue.task_done()
)")
                  .shape,
              "(consume (loop (take awaited) (use) (acknowledge) (stop sentinel)))");
    EXPECT_EQ(one(kIdiom, Language::python,
                  "def feed(queue, items):\n    for item in items:\n        queue.put(item)\n")
                  .shape,
              "(produce (loop (put each)))");
    EXPECT_EQ(one(kIdiom, Language::python,
                  "def stop(self):\n    for _ in self.threads:\n        self.jobs.put(None)\n")
                  .shape,
              "(produce (loop (put mark)))");
    EXPECT_EQ(one(kIdiom, Language::python, R"(
class Queue:
    def put(self, item):
        with self.filled:
            self.items.append(item)
            self.filled.notify()
)")
                  .shape,
              "(produce (lock put) (notify one locked))");
    EXPECT_EQ(one(kIdiom, Language::python, R"(
class Queue:
    def take(self):
        with self.filled:
            while not self.items:
                self.filled.wait()
            return self.items.popleft()
)")
                  .shape,
              "(consume (lock (wait predicate) (take)))");
}

TEST(ChannelInPython, is_less_certain_without_a_way_to_stop_or_a_predicate) {
    const Occurrence endless =
        one(kIdiom, Language::python,
            "def run(queue):\n    while True:\n        job = queue.get()\n        work(job)\n");
    EXPECT_EQ(endless.confidence, 0.8);
    EXPECT_EQ(endless.against, std::vector<std::string>{"no-way-to-stop"});
    const Occurrence blind = one(kIdiom, Language::python, R"(
class Queue:
    def take(self):
        with self.filled:
            self.filled.wait()
            return self.items.popleft()
)");
    EXPECT_EQ(blind.confidence, 0.7);
    EXPECT_EQ(blind.against, std::vector<std::string>{"waits-without-predicate"});
}

TEST(ChannelInPython, is_not_seen_in_false_friends) {
    // A mapping's get.
    expect_none(
        kIdiom, Language::python,
        "def f(names, jobs):\n    for name in names:\n        job = jobs.get(name)\n        run(job)\n");
    // A list that is worked off.
    expect_none(
        kIdiom, Language::python,
        "def f(queue):\n    while queue:\n        node = queue.pop()\n        queue.extend(visit(node))\n");
    // No evidence of a queue.
    expect_none(
        kIdiom, Language::python,
        "def f(variable):\n    while True:\n        value = variable.get()\n        if value is None:\n"
        "            break\n        show(value)\n");
    // Does not wait.
    expect_none(kIdiom, Language::python, R"(
def drain(queue):
    while True:
        item = queue.get(block=False)
        if item is None:
            break
        use(item)
)");
    // Says one last thing.
    expect_none(kIdiom, Language::python, R"(
def run(queue):
    while True:
        if finished():
            queue.put(None)
            return
        work()
)");
}

TEST(ChannelInCpp, is_certain_of_a_take_under_a_lock_with_a_predicate) {
    const Occurrence found = one(kIdiom, Language::cpp, kCppTake);
    EXPECT_EQ(found.confidence, 1);
    EXPECT_EQ(found.shape, "(consume (lock (wait predicate) (take)))");
}

TEST(ChannelInCpp, does_not_depend_on_names_or_formatting) {
    const Occurrence other = one(kIdiom, Language::cpp, R"(
int A::b() {
    std::unique_lock<std::mutex> held{m_};
    while (queue_.empty()) ready_.wait(held);
    int next = queue_.top(); queue_.pop();
    return next;
}
)");
    EXPECT_EQ(other.shape_hash, one(kIdiom, Language::cpp, kCppTake).shape_hash);
}

TEST(ChannelInCpp, has_shapes_for_loops_channels_and_producers) {
    EXPECT_TRUE(one(kIdiom, Language::cpp, R"(
void Pool::run() {
    for (;;) {
        std::unique_lock lock(mutex_);
        filled_.wait(lock, [this] { return stop_ || !jobs_.empty(); });
        if (stop_) return;
        Job job = std::move(jobs_.front());
        jobs_.pop();
        lock.unlock();
        job();
    }
}
)")
                    .shape.starts_with("(consume (loop (lock"));
    EXPECT_EQ(one(kIdiom, Language::cpp, R"(
asio::awaitable<void> drain(Channel& channel) {
    for (;;) {
        auto item = co_await channel.async_receive(asio::use_awaitable);
        if (!item) co_return;
        handle(*item);
    }
}
)")
                  .shape,
              "(consume (loop (take awaited) (use) (stop sentinel)))");
    EXPECT_EQ(one(kIdiom, Language::cpp, R"(
void Queue::put(Item item) {
    {
        std::lock_guard lock(mutex_);
        items_.push_back(std::move(item));
    }
    filled_.notify_one();
}
)")
                  .shape,
              "(produce (lock put) (notify one))");
}

TEST(ChannelInCpp, is_less_certain_without_a_lock) {
    const Occurrence found =
        one(kIdiom, Language::cpp,
            "void Queue::put(Item item) { items_.push_back(item); filled_.notify_one(); }");
    EXPECT_EQ(found.confidence, 0.7);
    EXPECT_EQ(found.against, std::vector<std::string>{"put-without-lock"});
}

TEST(ChannelInCpp, is_not_seen_in_false_friends) {
    // A container that one thread works off.
    expect_none(kIdiom, Language::cpp,
                "void f(std::queue<Node> queue) { while (!queue.empty()) { auto n = queue.front(); "
                "queue.pop(); visit(n); } }");
    // Waits for a state, takes nothing.
    expect_none(kIdiom, Language::cpp,
                "void f() { std::unique_lock lock(m_); ready_.wait(lock, [this] { return done_; }); }");
    // Notifies about a flag.
    expect_none(kIdiom, Language::cpp,
                "void f() { { std::scoped_lock lock(m_); done_ = true; } ready_.notify_all(); }");
    // A socket's send.
    expect_none(kIdiom, Language::cpp,
                "Task<void> f() { for (auto& b : buffers) co_await socket.async_send(b, use_awaitable); }");
}

}  // namespace
}  // namespace singularity::analysis
