// pgmq.delete and archive, of one message or of many.
#include "extensions/sg_queue/src/claim.hpp"
#include "extensions/sg_queue/src/fallback.hpp"
#include "extensions/sg_queue/src/message_ids.hpp"

namespace singularity::queue {

namespace {

constexpr Column kReturned[] = {Column::msg_id};
constexpr Rights kDeleteRights{.whole = ACL_DELETE, .some = ACL_SELECT, .columns = kReturned};
constexpr Rights kArchiveRights{.whole = ACL_SELECT | ACL_DELETE};

bool delete_message(const OpenQueue& queue, MessageId id, Row& row) {
    return change_located(queue, id, row, [&queue](Row& located) {
        return delete_row(queue.relation(), located, OnLock::wait);
    });
}

// The archive, where this user may insert past the executor; else SQL does it.
class OpenArchive {
public:
    explicit OpenArchive(const Queue& queue) : shape_(queue.archive) {
        relation_ = pg::call([this]() -> Relation {
            if (!shape_.direct || pg_class_aclcheck(shape_.table, GetUserId(), ACL_INSERT) != ACLCHECK_OK)
                return nullptr;
            return try_relation_open(shape_.table, RowExclusiveLock);
        });
    }
    OpenArchive(const OpenArchive&) = delete;
    ~OpenArchive() {
        if (relation_ != nullptr) RelationClose(relation_);
    }

    void keep(const OpenQueue& queue, const Row& row) const {
        std::array<Datum, kColumns> values;
        std::array<bool, kColumns> nulls;
        pg::call([&, tuple = row.tuple] {
            const TableShape& from = queue.queue().waiting;
            for (int i = 0; i < kColumns; ++i) {
                values[i] = value_of(queue.relation(), from, tuple, static_cast<Column>(i), nulls[i]);
            }
        });
        if (relation_ == nullptr) keep_by_sql(queue, values, nulls);
        else pg::call([&, this] { insert(values, nulls); });
    }

private:
    using Values = std::array<Datum, kColumns>;
    using Nulls = std::array<bool, kColumns>;

    void insert(const Values& row, const Nulls& row_nulls) const {
        Datum values[kColumns + 1];
        bool nulls[kColumns + 1] = {};
        for (int i = 0; i < kColumns; ++i) {
            values[shape_.columns[i] - 1] = row[i];
            nulls[shape_.columns[i] - 1] = row_nulls[i];
        }
        values[shape_.archived_at - 1] = TimestampTzGetDatum(GetCurrentTimestamp());
        insert_row(relation_, shape_, heap_form_tuple(RelationGetDescr(relation_), values, nulls));
    }

    static void keep_by_sql(const OpenQueue& queue, const Values& values, const Nulls& nulls) {
        static constexpr Oid kTypes[kColumns] = {INT8OID,        INT4OID,  TIMESTAMPTZOID, TIMESTAMPTZOID,
                                                 TIMESTAMPTZOID, JSONBOID, JSONBOID};
        std::array<SqlArgument, kColumns> arguments;
        for (int i = 0; i < kColumns; ++i) {
            arguments[i] = {kTypes[i], nulls[i] ? std::nullopt : std::optional(values[i])};
        }
        run_sql(queue, kKeepSql, arguments, nullptr);
    }

    TableShape shape_;
    Relation relation_ = nullptr;
};

bool finish_by_sql(const OpenQueue& queue, std::string_view sql, Ids ids, const pg::FunctionCall* fn) {
    const SqlArgument arguments[] = {{INT8ARRAYOID, pg::DatumOf<Ids>::to(ids, CurrentMemoryContext)}};
    return run_sql(queue, sql, arguments, fn) > 0;
}

// One message is told of by true or false, several by their ids.
class Finished {
public:
    Finished(const pg::FunctionCall& fn, bool many) {
        if (many) ids_.emplace(fn);
    }
    void add(MessageId id) {
        any_ = true;
        if (ids_) ids_->add(id);
    }
    Datum result(const pg::FunctionCall& fn) const { return ids_ ? fn.nothing() : fn.ret(any_); }

private:
    std::optional<pg::ResultSet> ids_;
    bool any_ = false;
};

Datum delete_messages(pg::FunctionCall& fn, bool many) {
    begin_call("delete");
    const OpenQueue queue(fn.arg<std::string_view>(0), kDeleteRights);
    const std::vector<MessageId> ids = ids_from(fn);
    Finished finished(fn, many);
    if (!queue.direct()) {
        const bool any = finish_by_sql(queue, kDeleteSql, ids, many ? &fn : nullptr);
        return many ? fn.nothing() : fn.ret(any);
    }
    for (const MessageId id : ids) {
        pg::check_interrupts();
        if (Row row; delete_message(queue, id, row)) finished.add(id);
    }
    return finished.result(fn);
}

Datum archive_messages(pg::FunctionCall& fn, bool many) {
    begin_call("archive");
    const OpenQueue queue(fn.arg<std::string_view>(0), kArchiveRights);
    const std::vector<MessageId> ids = ids_from(fn);
    Finished finished(fn, many);
    if (!queue.direct()) {
        const bool any = finish_by_sql(queue, kArchiveSql, ids, many ? &fn : nullptr);
        return many ? fn.nothing() : fn.ret(any);
    }
    const OpenArchive archive(queue.queue());
    for (const MessageId id : ids) {
        pg::check_interrupts();
        Row row;
        if (!delete_message(queue, id, row)) continue;
        archive.keep(queue, row);
        finished.add(id);
    }
    return finished.result(fn);
}

}  // namespace

SG_FUNCTION(sg_queue_delete) {
    return delete_messages(fn, false);
}
SG_FUNCTION(sg_queue_delete_many) {
    return delete_messages(fn, true);
}
SG_FUNCTION(sg_queue_archive) {
    return archive_messages(fn, false);
}
SG_FUNCTION(sg_queue_archive_many) {
    return archive_messages(fn, true);
}

}  // namespace singularity::queue
