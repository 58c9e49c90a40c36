// singularity queue dead list|show|retry|discard: messages that no consumer could handle.
#include <boost/asio.hpp>
#include <boost/json.hpp>
#include <iostream>
#include <span>

#include "cli/connect.hpp"
#include "cli/plain_text.hpp"
#include "cli/queue_options.hpp"
#include "cli/whole_number.hpp"
#include "core/clock.hpp"
#include "core/format.hpp"

namespace singularity::cli {

namespace {

using boost::asio::awaitable;
using core::ErrorCode;
using pgclient::Query;

constexpr std::size_t kBatch = 500;  // letters a transaction

constexpr Query kListDead{"dead.list",
                          "select msg_id, queue_name as queue, origin_id, reason, attempts, failures, "
                          "enqueued_at, died_at, request_id,"
                          " message, headers"
                          " from queue.dead_letters"
                          " where ($1::text = '' or lower(queue_name) = lower($1))"
                          " and ($2::text = '' or strpos(lower(reason), lower($2)) > 0)"
                          " order by msg_id limit $3::integer"};

// One that is gone still has its dead letters.
constexpr Query kNamed{
    "dead.queue",
    "select coalesce("
    "(select queue_name::text from pgmq.meta where lower(queue_name) = lower($1::text)),"
    " (select queue_name::text from queue.aliases where lower(alias) = lower($1)),"
    " (select queue_name from queue.dead_letters where lower(queue_name) = lower($1) limit 1))"};

constexpr Query kShow{"dead.show",
                      "select msg_id, queue_name as queue, origin_id, reason, attempts, failures, "
                      "enqueued_at, died_at, request_id,"
                      " message, headers"
                      " from queue.dead_letters where msg_id = $1::bigint"};

// One that was sent to dead_letters instead of buried has no queue to go back to.
constexpr Query kChosen{"dead.chosen",
                        "select msg_id from queue.dead_letters"
                        " where ($1::text = '' or lower(queue_name) = lower($1))"
                        " and ($2::text = '' or strpos(lower(reason), lower($2)) > 0) and (queue_name is not "
                        "null or not $3::boolean)"
                        " order by msg_id"};

constexpr Query kRevive{
    "dead.revive", "select msg_id, queue_name as queue, sent_id from queue.revive($1::bigint[]) order by 1"};
constexpr Query kDiscard{"dead.discard", "select d from queue.discard($1::bigint[]) as d order by d"};

struct DeadLetter {
    std::int64_t msg_id = 0;
    std::optional<std::string> queue;
    std::optional<std::int64_t> origin_id;
    std::optional<std::string> reason;
    std::optional<std::int32_t> attempts;
    boost::json::value failures;
    std::optional<pgclient::Timestamp> enqueued_at;
    pgclient::Timestamp died_at;
    std::optional<std::string> request_id;
    std::optional<boost::json::value> message, headers;
};

struct Revived {
    std::int64_t msg_id = 0;
    std::string queue;
    std::int64_t sent_id = 0;
};

boost::json::object as_json(const DeadLetter& letter) {
    return {{"msg_id", letter.msg_id},
            {"queue", boost::json::value_from(letter.queue)},
            {"origin_id", boost::json::value_from(letter.origin_id)},
            {"reason", boost::json::value_from(letter.reason)},
            {"attempts", boost::json::value_from(letter.attempts)},
            {"failures", letter.failures},
            {"enqueued_at", letter.enqueued_at ? boost::json::value(core::rfc3339(*letter.enqueued_at))
                                               : boost::json::value(nullptr)},
            {"died_at", core::rfc3339(letter.died_at)},
            {"request_id", boost::json::value_from(letter.request_id)},
            {"message", letter.message.value_or(nullptr)},
            {"headers", letter.headers.value_or(nullptr)}};
}

// What was asked for, by the queue's own name; nothing, once it is said, where there is no such queue.
awaitable<std::optional<DeadLetterChoice>> understood(Context& context, pgclient::Connection& session,
                                                      const QueueOptions& options) {
    DeadLetterChoice choice = options.dead;
    if (choice.queue.empty()) co_return choice;
    const auto named = co_await session.one<std::optional<std::string>>(kNamed, choice.queue);
    if (!named) {
        context.fail({ErrorCode::not_found,
                      core::format("there is no queue \"{}\" in database {}", choice.queue, options.database),
                      {}});
        co_return std::nullopt;
    }
    choice.queue = *named;
    co_return choice;
}

awaitable<void> list_dead(Context& context, const QueueOptions& options) {
    const auto session = co_await connect(context.config, options.database);
    const auto choice = co_await understood(context, *session, options);
    if (!choice) co_return;
    const auto letters =
        co_await session->rows<DeadLetter>(kListDead, choice->queue, choice->reason, choice->limit);
    if (context.json) {
        boost::json::array array;
        for (const DeadLetter& letter : letters) array.push_back(as_json(letter));
        co_return context.print_json(array);
    }
    for (const DeadLetter& letter : letters) {
        std::cout << core::format("{:>6} {} {:30} {:26} {}\n", letter.msg_id, core::rfc3339(letter.died_at),
                                  plain_text(letter.queue.value_or("-")),
                                  plain_text(letter.request_id.value_or("-")),
                                  plain_text(letter.reason.value_or("-"), 200));
    }
}

void print(const DeadLetter& letter) {
    std::cout << core::format(
        "id        {}\nqueue     {}, there {}\nrequest   {}\nsent      {}\ndied      {}\n"
        "attempts  {}\nreason    {}\n",
        letter.msg_id, plain_text(letter.queue.value_or("-")),
        letter.origin_id ? std::to_string(*letter.origin_id) : "-",
        plain_text(letter.request_id.value_or("-")),
        letter.enqueued_at ? core::rfc3339(*letter.enqueued_at) : "-", core::rfc3339(letter.died_at),
        letter.attempts.value_or(0), plain_text(letter.reason.value_or("-")));
    for (const boost::json::value& failure : letter.failures.as_array())
        std::cout << "failure   " << plain_text(boost::json::serialize(failure)) << '\n';
    std::cout << core::format("message   {}\nheaders   {}\n",
                              plain_text(boost::json::serialize(letter.message.value_or(nullptr))),
                              plain_text(boost::json::serialize(letter.headers.value_or(nullptr))));
}

void tell_missing(Context& context, std::span<const std::int64_t> ids) {
    core::Error error{ErrorCode::not_found, "there is no such dead letter:", {}};
    for (const std::int64_t id : ids) error.message += core::format(" {}", id);
    context.fail(error);
}

awaitable<void> show(Context& context, const QueueOptions& options) {
    const auto session = co_await connect(context.config, options.database);
    const auto letter = co_await session->maybe<DeadLetter>(kShow, options.dead.ids.front());
    if (!letter) tell_missing(context, options.dead.ids);
    else if (context.json) context.print_json(as_json(*letter));
    else print(*letter);
}

bool is_clear(Context& context, const DeadLetterChoice& choice) {
    const bool by_filter = choice.all || !choice.queue.empty() || !choice.reason.empty();
    if (by_filter != choice.ids.empty()) {
        context.fail({ErrorCode::invalid_input,
                      "which dead letters? Give their ids, or --queue, --reason or --all",
                      {}});
    }
    return by_filter == choice.ids.empty();
}

awaitable<std::vector<std::int64_t>> chosen(pgclient::Connection& session, const DeadLetterChoice& choice,
                                            bool to_retry) {
    if (!choice.ids.empty()) {
        std::vector<std::int64_t> ids = choice.ids;
        std::ranges::sort(ids);
        const auto repeated = std::ranges::unique(ids);
        ids.erase(repeated.begin(), repeated.end());
        co_return ids;
    }
    co_return co_await session.rows<std::int64_t>(kChosen, choice.queue, choice.reason, to_retry);
}

std::vector<std::int64_t> batch_of(std::span<const std::int64_t> ids, std::size_t begin) {
    const auto batch = ids.subspan(begin, std::min(kBatch, ids.size() - begin));
    return {batch.begin(), batch.end()};
}

// Ids that were given and are not there; of those that were looked for, others may have been quicker.
void check_done(Context& context, const DeadLetterChoice& choice, std::span<const std::int64_t> ids,
                const std::vector<std::int64_t>& done) {
    if (choice.ids.empty()) return;
    std::vector<std::int64_t> missing;
    std::ranges::set_difference(ids, done, std::back_inserter(missing));
    if (!missing.empty()) tell_missing(context, missing);
}

awaitable<void> retry(Context& context, const QueueOptions& options) {
    if (!is_clear(context, options.dead)) co_return;
    const auto session = co_await connect(context.config, options.database);
    const auto choice = co_await understood(context, *session, options);
    if (!choice) co_return;
    const auto ids = co_await chosen(*session, *choice, true);
    std::vector<std::int64_t> done;
    boost::json::array array;
    for (std::size_t begin = 0; begin < ids.size(); begin += kBatch) {
        for (const Revived& sent : co_await session->rows<Revived>(kRevive, batch_of(ids, begin))) {
            done.push_back(sent.msg_id);
            if (context.json) {
                array.push_back({{"msg_id", sent.msg_id}, {"queue", sent.queue}, {"sent_id", sent.sent_id}});
            } else {
                std::cout << core::format("{} {} {}\n", sent.msg_id, sent.queue, sent.sent_id) << std::flush;
            }
        }
    }
    if (context.json) context.print_json(array);
    check_done(context, options.dead, ids, done);
}

awaitable<void> discard(Context& context, const QueueOptions& options) {
    if (!is_clear(context, options.dead)) co_return;
    const auto session = co_await connect(context.config, options.database);
    const auto choice = co_await understood(context, *session, options);
    if (!choice) co_return;
    const auto ids = co_await chosen(*session, *choice, false);
    std::vector<std::int64_t> done;
    for (std::size_t begin = 0; begin < ids.size(); begin += kBatch) {
        const auto gone = co_await session->rows<std::int64_t>(kDiscard, batch_of(ids, begin));
        done.insert(done.end(), gone.begin(), gone.end());
    }
    boost::json::array array;
    for (const std::int64_t id : done) {
        if (context.json) array.push_back(boost::json::object{{"msg_id", id}});
        else std::cout << id << '\n';
    }
    if (context.json) context.print_json(array);
    check_done(context, options.dead, ids, done);
}

void add_filters(CLI::App* command, DeadLetterChoice& choice) {
    command->add_option("--queue", choice.queue, "Those of one queue");
    command->add_option("--reason", choice.reason, "Those whose reason has this text in it");
}

void add_choice(CLI::App* command, DeadLetterChoice& choice) {
    command->add_option("ID", choice.ids, "Their ids, as list prints them");
    command->add_flag("--all", choice.all, "All of them");
    add_filters(command, choice);
}

}  // namespace

void add_dead_letter_commands(CLI::App& queue, Context& context,
                              const std::shared_ptr<QueueOptions>& options) {
    auto* dead = queue.add_subcommand("dead", "Messages that no consumer could handle");
    dead->require_subcommand(1);
    auto* listing = add_queue_command(*dead, context, options, "list", "Which there are, and why", list_dead);
    add_filters(listing, options->dead);
    listing->add_option("--limit", options->dead.limit, "Letters at most")->check(whole_number(1));
    add_queue_command(*dead, context, options, "show", "One of them with all that is known of it", show)
        ->add_option("ID", options->dead.ids, "Its id, as list prints it")
        ->required()
        ->expected(1);
    add_choice(add_queue_command(*dead, context, options, "retry",
                                 "Send them back to their queues; prints the new messages' ids", retry),
               options->dead);
    add_choice(
        add_queue_command(*dead, context, options, "discard", "Archive them; prints their ids", discard),
        options->dead);
}

}  // namespace singularity::cli
