#include "analysis/idioms/idiom_test.hpp"

namespace singularity::analysis {
namespace {

constexpr std::string_view kIdiom = "retry-with-backoff";

constexpr std::string_view kPython = R"(
def fetch(url, attempts=5):
    delay = 0.1
    for attempt in range(attempts):
        try:
            return get(url)
        except TimeoutError:
            if attempt == attempts - 1:
                raise
            time.sleep(delay)
            delay *= 2
)";

constexpr std::string_view kCpp = R"(
asio::awaitable<Reply> Client::ask(Question question) {
    auto delay = 50ms;
    std::exception_ptr last;
    for (int attempt = 0; attempt < 5; ++attempt) {
        try {
            co_return co_await send(question);
        } catch (const LostConnection& lost) {
            last = std::current_exception();
        }
        timer_.expires_after(delay);
        co_await timer_.async_wait(asio::use_awaitable);
        delay = std::min(delay * 2, kCap);
    }
    std::rethrow_exception(last);
}
)";

TEST(RetryInPython, is_certain_when_every_element_stands) {
    const Occurrence found = one(kIdiom, Language::python, kPython);
    EXPECT_EQ(found.confidence, 1);
    EXPECT_EQ(found.function, "fetch");
    EXPECT_EQ(found.shape, "(retry (loop bounded (attempt try call exit) (handler (delay exponential))))");
    EXPECT_TRUE(found.pattern_name.starts_with("retry-with-backoff/bounded-loop-exponential-"));
    EXPECT_EQ(found.elements.back(), "growing-delay");
    EXPECT_TRUE(found.against.empty());
    EXPECT_EQ(found.lacks, std::vector<std::string>{"jitter"});
}

TEST(RetryInPython, does_not_depend_on_names_formatting_or_other_statements) {
    const Occurrence other = one(kIdiom, Language::python, R"(
class Service:
    def call_remote(self, request):
        # tries a few times
        pause_for = self.first_pause
        for turn in range(
            self.limit,
        ):
            self.metrics.count("calls")
            try:
                reply = self.transport.send(request, timeout=3)
                return reply
            except (OSError, ConnectionResetError) as problem:
                log.info("again", exc_info=problem)
                if turn + 1 >= self.limit:
                    raise
                time.sleep(pause_for)
                pause_for = pause_for * 2
)");
    EXPECT_EQ(other.shape_hash, one(kIdiom, Language::python, kPython).shape_hash);
    EXPECT_EQ(other.function, "Service.call_remote");
    EXPECT_EQ(other.confidence, 1);
}

TEST(RetryInPython, has_another_shape_with_another_delay) {
    const Occurrence fixed = one(kIdiom, Language::python, R"(
def fetch(url):
    for attempt in range(3):
        try:
            return get(url)
        except TimeoutError:
            time.sleep(1)
    raise Unreachable(url)
)");
    EXPECT_EQ(fixed.confidence, 1);
    EXPECT_NE(fixed.shape, one(kIdiom, Language::python, kPython).shape);
    EXPECT_TRUE(fixed.pattern_name.contains("bounded-loop-fixed-"));
    EXPECT_NE(std::ranges::find(fixed.lacks, "a growing delay"), fixed.lacks.end());
}

TEST(RetryInPython, tells_jitter_and_power_of_the_attempt) {
    const Occurrence found = one(kIdiom, Language::python, R"(
async def fetch(url):
    for attempt in range(3):
        try:
            return await get(url)
        except TimeoutError:
            await asyncio.sleep(2 ** attempt + random.random())
    raise Unreachable(url)
)");
    EXPECT_TRUE(found.shape.contains("(delay exponential jittered awaited)")) << found.shape;
    EXPECT_TRUE(found.lacks.empty());
}

TEST(RetryInPython, is_less_certain_when_everything_is_caught_or_the_last_failure_is_lost) {
    const Occurrence found = one(kIdiom, Language::python, R"(
def fetch(url):
    for delay in (1, 2, 4):
        try:
            return get(url)
        except:
            time.sleep(delay)
)");
    EXPECT_EQ(found.confidence, 0.6);
    EXPECT_EQ(found.against, (std::vector<std::string>{"catches-everything", "last-failure-is-lost"}));
    EXPECT_TRUE(found.shape.contains("delay listed"));
}

TEST(RetryInPython, is_not_seen_in_false_friends) {
    // Goes on with the next item, not with the same.
    expect_none(kIdiom, Language::python, R"(
def read_all(paths):
    for path in paths:
        try:
            yield read(path)
        except OSError:
            continue
)");
    // Serves for ever: nothing ends the loop when the call succeeds.
    expect_none(kIdiom, Language::python, R"(
def serve(queue):
    while True:
        try:
            handle(queue.get())
        except HandlerError:
            log.exception("failed")
        time.sleep(1)
)");
    // Waits for a state, without an error and without growth.
    expect_none(kIdiom, Language::python, R"(
def wait_for(path):
    for _ in range(50):
        if os.path.exists(path):
            return True
        time.sleep(0.1)
    return False
)");
    // Gives up at the first failure.
    expect_none(kIdiom, Language::python, R"(
def fetch(urls):
    for attempt in range(3):
        try:
            return get(urls)
        except TimeoutError:
            time.sleep(1)
            raise
)");
    // Tries again at once.
    expect_none(kIdiom, Language::python, R"(
def ask():
    while True:
        try:
            return int(input())
        except ValueError:
            print("a number, please")
)");
    // For ever, with the same delay: neither bound nor backoff.
    expect_none(kIdiom, Language::python, R"(
def connect():
    while True:
        try:
            return dial()
        except OSError:
            time.sleep(5)
)");
}

TEST(RetryInCpp, is_certain_when_every_element_stands) {
    const Occurrence found = one(kIdiom, Language::cpp, kCpp);
    EXPECT_EQ(found.confidence, 1);
    EXPECT_EQ(found.function, "Client::ask");
    EXPECT_EQ(found.shape,
              "(retry (loop bounded (attempt try call exit) (after (delay exponential awaited))))");
}

TEST(RetryInCpp, does_not_depend_on_names_or_formatting) {
    const Occurrence other = one(kIdiom, Language::cpp, R"(
awaitable<int> f() { std::chrono::milliseconds pause = first; std::exception_ptr e;
  for (std::size_t n = 0; n != limit && n < 9; n++) { try { auto value = co_await g(1, 2); co_return value; }
    catch (const std::system_error&) { e = std::current_exception(); }
    wait_timer.expires_after(pause); co_await wait_timer.async_wait(use_awaitable); pause *= 2; }
  throw Failed(e); })");
    EXPECT_EQ(other.shape_hash, one(kIdiom, Language::cpp, kCpp).shape_hash);
}

TEST(RetryInCpp, reads_results_without_exceptions_when_the_delay_grows) {
    const Occurrence found = one(kIdiom, Language::cpp, R"(
std::expected<Reply, Error> ask(Peer& peer) {
    auto delay = 10ms;
    for (int attempt = 0; attempt < 4; ++attempt) {
        auto reply = peer.ask();
        if (reply) return reply;
        std::this_thread::sleep_for(delay);
        delay *= 2;
    }
    return std::unexpected(Error::unreachable);
}
)");
    EXPECT_EQ(found.confidence, 0.9);
    EXPECT_EQ(found.against, std::vector<std::string>{"outcome-is-a-status"});
    EXPECT_TRUE(found.shape.contains("(attempt status call exit)"));
}

TEST(RetryInCpp, knows_a_timer_by_how_it_is_set_and_a_filter_from_a_bound) {
    const Occurrence found = one(kIdiom, Language::cpp, R"(
awaitable<void> Service::attempt(Round round) {
    Backoff backoff(kPolicy);
    for (;;) {
        try {
            co_await round();
            co_return;
        } catch (const DbError& error) {
            if (error.cause() == Cause::cancelled) throw;
            health_.amiss(error.what());
        }
        pause_.expires_after(backoff.next(random()));
        co_await pause_.async_wait(use_awaitable);
    }
}
)");
    EXPECT_EQ(found.shape,
              "(retry (loop endless (attempt try call exit) (after (delay computed jittered awaited))))");
    EXPECT_EQ(found.confidence, 1);
}

TEST(RetryInCpp, is_less_certain_when_everything_is_caught) {
    const Occurrence found = one(kIdiom, Language::cpp, R"(
void connect() {
    for (int i = 0; i < 3; ++i) {
        try {
            dial();
            return;
        } catch (...) {
            std::this_thread::sleep_for(std::chrono::seconds(1 << i));
        }
    }
    throw Unreachable();
}
)");
    EXPECT_EQ(found.confidence, 0.75);
    EXPECT_EQ(found.against, std::vector<std::string>{"catches-everything"});
}

TEST(RetryInCpp, is_not_seen_in_false_friends) {
    expect_none(kIdiom, Language::cpp, R"(
void run(Queue& queue) {
    for (;;) {
        try {
            queue.pop().run();
        } catch (const std::exception& error) {
            log(error.what());
        }
        std::this_thread::sleep_for(10ms);
    }
}
)");
    expect_none(kIdiom, Language::cpp, R"(
bool wait_until_ready(const Server& server) {
    for (int i = 0; i < 100; ++i) {
        auto ready = server.is_ready();
        if (ready) return true;
        std::this_thread::sleep_for(20ms);
    }
    return false;
}
)");
    expect_none(kIdiom, Language::cpp, R"(
void close_all(std::vector<File>& files) {
    for (auto& file : files) {
        try {
            file.close();
            break;
        } catch (const IoError& error) {
            last = error;
        }
    }
}
)");
}

TEST(Retry, claims_its_try) {
    for (const Occurrence& each : analyze("a.py", kPython, Language::python).occurrences)
        EXPECT_EQ(each.idiom, kIdiom) << each.pattern_name;
}

}  // namespace
}  // namespace singularity::analysis
