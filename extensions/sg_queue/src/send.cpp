// pgmq.send and pgmq.send_batch: every form of them ends here.
#include "extensions/sg_queue/src/elements.hpp"
#include "extensions/sg_queue/src/fallback.hpp"
#include "extensions/sg_queue/src/notify.hpp"
#include "extensions/sg_queue/src/rows.hpp"
#include "extensions/sg_queue/src/sending.hpp"
#include "extensions/sg_queue/src/transaction.hpp"
#include "pgbackend/format.hpp"

namespace singularity::queue {

namespace {

constexpr Column kReturned[] = {Column::msg_id};
constexpr Rights kRights{.whole = ACL_INSERT, .some = ACL_SELECT, .columns = kReturned};
constexpr std::size_t kMostAtOnce = 1000;  // rows in one multi-insert

constexpr NullableDatum kNull{.value = Datum{0}, .isnull = true};

// A row as `create` declares it.
HeapTuple form_row(const OpenQueue& queue, const NewMessage& message, Time now, Time due) {
    const TableShape& shape = queue.queue().waiting;
    Datum values[kColumns];
    bool nulls[kColumns] = {};
    const auto set = [&](Column column, Datum value, bool null = false) {
        values[shape[column] - 1] = value;
        nulls[shape[column] - 1] = null;
    };
    set(Column::msg_id, Int64GetDatum(message.id ? *message.id : nextval_internal(shape.sequence, false)));
    set(Column::read_ct, Int32GetDatum(0));
    set(Column::enqueued_at, TimestampTzGetDatum(now));
    set(Column::last_read_at, Datum{0}, true);
    set(Column::vt, TimestampTzGetDatum(due));
    set(Column::message, message.message.value, message.message.isnull);
    set(Column::headers, message.headers.value, message.headers.isnull);
    return heap_form_tuple(RelationGetDescr(queue.relation()), values, nulls);
}

MessageId id_in(const OpenQueue& queue, HeapTuple row) {
    return id_of(queue.relation(), queue.queue().waiting, row);
}

Standing standing_for(const OpenQueue& queue, const NewMessage& message) {
    return standing_in(message.headers, queue.shared().grouped);
}

Sent send_one(const OpenQueue& queue, const NewMessage& message, Time due) {
    return pg::call([&queue, &message, due] {
        HeapTuple row = form_row(queue, message, GetCurrentTimestamp(), due);
        const Version version = insert_row(queue.relation(), queue.queue().waiting, row);
        return Sent{id_in(queue, row), version, standing_for(queue, message)};
    });
}

void send_many(const OpenQueue& queue, std::span<const NewMessage> messages, Time due, std::span<Sent> sent) {
    const pg::TempContext rows("rows to send");
    const pg::MemoryScope scope(rows.get());
    pg::call([&queue, messages, due, sent] {
        const int count = static_cast<int>(messages.size());
        const Time now = GetCurrentTimestamp();
        auto* tuples = static_cast<HeapTuple*>(palloc(sizeof(HeapTuple) * messages.size()));
        auto* versions = static_cast<Version*>(palloc(sizeof(Version) * messages.size()));
        for (int i = 0; i < count; ++i) tuples[i] = form_row(queue, messages[i], now, due);
        insert_rows(queue.relation(), queue.queue().waiting, tuples, count, versions);
        for (int i = 0; i < count; ++i)
            sent[i] = {id_in(queue, tuples[i]), versions[i], standing_for(queue, messages[i])};
    });
}

// When a message becomes visible: at once where no delay is given, else at a time or after seconds.
Time due_from(const pg::FunctionCall& fn, int argument, Time now) {
    if (argument < 0 || fn.is_null(argument)) return now;
    const Datum delay = fn.info()->args[argument].value;
    if (get_fn_expr_argtype(fn.info()->flinfo, argument) == INT4OID) {
        return now + DatumGetInt32(delay) * USECS_PER_SEC;
    }
    return DatumGetTimestampTz(delay);
}

NullableDatum argument_or_null(const pg::FunctionCall& fn, int argument) {
    return argument < 0 ? kNull : fn.info()->args[argument];
}

SqlArgument sql_argument(Oid type, NullableDatum datum) {
    return {type, datum.isnull ? std::nullopt : std::optional(datum.value)};
}

// `headers` and `delay` number the arguments, -1 where there is none.
Datum send(pg::FunctionCall& fn, int headers, int delay) {
    begin_call("send");
    const OpenQueue queue(fn.arg<std::string_view>(0), kRights);
    const Time due = due_from(fn, delay, GetCurrentTimestamp());
    NewMessage message{fn.info()->args[1], argument_or_null(fn, headers)};
    pg::ResultSet result(fn);
    if (is_keyed(message.headers)) {
        send_unique(queue, std::span(&message, 1), due);
        if (message.id) result.add(*message.id);
    } else if (!queue.direct()) {
        const SqlArgument arguments[] = {sql_argument(JSONBOID, message.message),
                                         sql_argument(JSONBOID, message.headers),
                                         {TIMESTAMPTZOID, TimestampTzGetDatum(due)}};
        run_sql(queue, kSendSql, arguments, &fn);
    } else {
        send_directly(queue, std::span(&message, 1), due);
        result.add(*message.id);
    }
    return fn.nothing();
}

NullableDatum element(const pg::Elements<Jsonb*>& elements, std::size_t index) {
    const auto value = elements[index];
    return value ? NullableDatum{.value = JsonbPGetDatum(*value), .isnull = false} : kNull;
}

std::vector<NewMessage> messages_from(const pg::FunctionCall& fn, int headers) {
    std::vector<NewMessage> messages;
    if (fn.is_null(1)) return messages;
    const auto bodies = all_elements<Jsonb*>(fn, 1);
    const bool with_headers = headers >= 0 && !fn.is_null(headers);
    const auto heads = with_headers ? all_elements<Jsonb*>(fn, headers) : pg::Elements<Jsonb*>({}, nullptr);
    if (with_headers && heads.size() != bodies.size()) {
        throw pg::Failure(ERRCODE_INVALID_PARAMETER_VALUE,
                          pg::format("{} headers were given for {} messages", heads.size(), bodies.size()),
                          {}, "Give one element of headers for each message, or none at all.");
    }
    messages.reserve(bodies.size());
    for (std::size_t i = 0; i < bodies.size(); ++i) {
        messages.push_back({element(bodies, i), with_headers ? element(heads, i) : kNull});
    }
    return messages;
}

Datum send_batch(pg::FunctionCall& fn, int headers, int delay) {
    begin_call("send_batch");
    const OpenQueue queue(fn.arg<std::string_view>(0), kRights);
    const Time due = due_from(fn, delay, GetCurrentTimestamp());
    std::vector<NewMessage> messages = messages_from(fn, headers);
    const bool keyed = std::ranges::any_of(messages, is_keyed, &NewMessage::headers);
    pg::ResultSet result(fn);
    if (messages.empty()) return fn.nothing();
    if (!keyed && !queue.direct()) {
        const SqlArgument arguments[] = {sql_argument(JSONBARRAYOID, fn.info()->args[1]),
                                         sql_argument(JSONBARRAYOID, argument_or_null(fn, headers)),
                                         {TIMESTAMPTZOID, TimestampTzGetDatum(due)}};
        run_sql(queue, kSendBatchSql, arguments, &fn);
    } else {
        if (keyed) send_unique(queue, messages, due);
        else send_directly(queue, messages, due);
        for (const NewMessage& message : messages) {
            if (message.id) result.add(*message.id);
        }
    }
    return fn.nothing();
}

}  // namespace

void send_directly(const OpenQueue& queue, std::span<NewMessage> messages, Time due) {
    std::vector<Sent> sent(std::min(messages.size(), kMostAtOnce));
    for (std::span rest = messages; !rest.empty(); rest = rest.subspan(std::min(rest.size(), kMostAtOnce))) {
        pg::check_interrupts();
        const auto part = rest.first(std::min(rest.size(), kMostAtOnce));
        const std::uint32_t epoch = queue.shared().epoch;
        if (part.size() == 1) sent[0] = send_one(queue, part[0], due);
        else send_many(queue, part, due, sent);
        note_sent(queue.shared(), epoch, std::span(sent).first(part.size()));
        for (std::size_t i = 0; i < part.size(); ++i) part[i].id = sent[i].id;
    }
    keep_ids(queue);
    notify_listeners(queue);
}

SG_FUNCTION(sg_queue_send) {
    return send(fn, -1, -1);
}
SG_FUNCTION(sg_queue_send_headers) {
    return send(fn, 2, -1);
}
SG_FUNCTION(sg_queue_send_delay) {
    return send(fn, -1, 2);
}
SG_FUNCTION(sg_queue_send_headers_delay) {
    return send(fn, 2, 3);
}

SG_FUNCTION(sg_queue_send_batch) {
    return send_batch(fn, -1, -1);
}
SG_FUNCTION(sg_queue_send_batch_headers) {
    return send_batch(fn, 2, -1);
}
SG_FUNCTION(sg_queue_send_batch_delay) {
    return send_batch(fn, -1, 2);
}
SG_FUNCTION(sg_queue_send_batch_headers_delay) {
    return send_batch(fn, 2, 3);
}

}  // namespace singularity::queue
