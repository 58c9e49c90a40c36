// SQL from inside the server.
//
//     static Statement<std::string_view> lookup{"select id, name from queue.queues where name = $1"};
//     Spi spi;
//     for (const Row row : spi.query(lookup, name)) use(row.get<std::int64_t>(0));
//
// Spi never changes the current memory context. Statements run with the rights and the search_path of whoever
// called: names are qualified.
#pragma once

#include "pgbackend/datum.hpp"

namespace singularity::pgbackend {

// A statement that is prepared at its first use and kept for the session's life: make it static. `sql` must
// live as long.
template <class... Parameters>
class Statement {
public:
    constexpr explicit Statement(const char* sql) noexcept : sql_(sql) {}

private:
    friend class Spi;
    const char* sql_;
    SPIPlanPtr plan_ = nullptr;
};

class Row {
public:
    Row(HeapTuple tuple, TupleDesc columns) noexcept : tuple_(tuple), columns_(columns) {}

    // The value of a column, counted from 0. Throws for a type that is not the column's (42804), and for a
    // null where T is not an std::optional (22004).
    template <class T>
    T get(int column) const {
        return from_datum<T>(value(column, oid_of<T>), "column", column);
    }

private:
    NullableDatum value(int column, Oid type) const;

    HeapTuple tuple_;
    TupleDesc columns_;
};

// What a statement returned; must not outlive its Spi. A range of Row.
class Rows {
public:
    // From what the last statement left behind.
    Rows() noexcept : table_(std::exchange(SPI_tuptable, nullptr)), affected_(SPI_processed) {}
    Rows(Rows&& other) noexcept : table_(std::exchange(other.table_, nullptr)), affected_(other.affected_) {}
    ~Rows() {
        if (table_ != nullptr && !made_.unsettled()) SPI_freetuptable(table_);
    }

    // Rows returned, or changed by a statement that returns none.
    std::uint64_t affected() const noexcept { return affected_; }
    std::size_t size() const noexcept { return table_ == nullptr ? 0 : table_->numvals; }
    bool empty() const noexcept { return size() == 0; }
    Row operator[](std::size_t index) const noexcept { return {table_->vals[index], table_->tupdesc}; }

    class Iterator {
    public:
        Iterator(const Rows* rows, std::size_t index) noexcept : rows_(rows), index_(index) {}
        Row operator*() const noexcept { return (*rows_)[index_]; }
        Iterator& operator++() noexcept {
            ++index_;
            return *this;
        }
        bool operator==(const Iterator&) const = default;

    private:
        const Rows* rows_;
        std::size_t index_;
    };
    Iterator begin() const noexcept { return {this, 0}; }
    Iterator end() const noexcept { return {this, size()}; }

private:
    SPITupleTable* table_;
    std::uint64_t affected_;
    ErrorMark made_;
};

class Spi {
public:
    // may_commit: for procedures and workers that end their transaction in between
    // (FunctionCall::may_commit()).
    enum class Mode { atomic, may_commit };

    explicit Spi(Mode mode = Mode::atomic);
    Spi(const Spi&) = delete;
    // After an error, the rollback disconnects: connections of whoever failed may lie on top of this one.
    ~Spi() {
        if (!made_.unsettled()) SPI_finish();
        MemoryContextSwitchTo(before_);
    }

    template <class... Parameters>
    Rows query(Statement<Parameters...>& statement, const std::type_identity_t<Parameters>&... arguments) {
        if (statement.plan_ == nullptr) {
            statement.plan_ =
                prepare(statement.sql_, {std::array<Oid, sizeof...(Parameters)>{oid_of<Parameters>...}});
        }
        return run(statement.plan_, Bound<sizeof...(Parameters)>(memory_, arguments...));
    }

    // Once: planned each time. Several statements are possible where there are no arguments.
    template <class... Arguments>
    Rows query(const char* sql, const Arguments&... arguments) {
        const std::array<Oid, sizeof...(Arguments)> types{oid_of<Arguments>...};
        return run(sql, types, Bound<sizeof...(Arguments)>(memory_, arguments...));
    }

    // Ends the transaction and begins the next.
    void commit();

private:
    template <std::size_t count>
    struct Bound {
        template <class... Arguments>
        explicit Bound([[maybe_unused]] MemoryContext memory, const Arguments&... arguments) {
            std::size_t next = 0;
            (bind(next++, to_datum(arguments, memory)), ...);
        }
        void bind(std::size_t index, NullableDatum datum) {
            values[index] = datum.value;
            nulls[index] = datum.isnull ? 'n' : ' ';
        }
        std::array<Datum, count + 1> values;
        std::array<char, count + 1> nulls{};
    };

    static SPIPlanPtr prepare(const char* sql, std::span<const Oid> types);
    static Rows run_plan(SPIPlanPtr plan, const Datum* values, const char* nulls);
    static Rows run_once(const char* sql, std::span<const Oid> types, const Datum* values, const char* nulls);

    template <std::size_t count>
    Rows run(SPIPlanPtr plan, const Bound<count>& bound) {
        return run_plan(plan, bound.values.data(), bound.nulls.data());
    }
    template <std::size_t count>
    Rows run(const char* sql, std::span<const Oid> types, const Bound<count>& bound) {
        return run_once(sql, types, bound.values.data(), bound.nulls.data());
    }

    MemoryContext before_ = CurrentMemoryContext;
    MemoryContext memory_;  // the connection's, freed at its end
    ErrorMark made_;
};

}  // namespace singularity::pgbackend
