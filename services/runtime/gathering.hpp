// What several coroutines want done at the same time, done as one: one commit instead of many.
//
//     Gathering<Letter> letters(64, [&](const std::vector<Letter*>& some) -> Task<void> { … });
//     Letter sent = co_await letters.add(std::move(letter));
//
// Whoever comes while nothing is on its way carries what is there; whoever comes meanwhile goes with the
// next, so that nobody waits for company. A batch that fails for what one of its items says is carried again
// item by item, so that each gets the failure that is its own; a database that is away is everybody's. One
// that is cancelled while it carries leaves the others to the next one. So an item may be carried twice: its
// effect has to be unique.
//
// Outlives who adds. Not thread-safe: one executor.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "pgclient/query.hpp"
#include "services/runtime/trouble.hpp"

namespace singularity::services {

template <class Item>
class Gathering {
public:
    // Carries all of them, or throws. What it learns of an item it notes there.
    using Carry = std::function<pgclient::Task<void>(const std::vector<Item*>& items)>;

    Gathering(std::size_t most, Carry carry) : most_(most), carry_(std::move(carry)) {}
    Gathering(const Gathering&) = delete;

    // Returns the item once it is carried; throws what kept it from being so.
    pgclient::Task<Item> add(Item item) {
        const auto executor = co_await boost::asio::this_coro::executor;
        const auto place = std::make_shared<Place>(executor, std::move(item));
        Turn turn(*this, place);
        if (!place->carries) {
            co_await place->turn.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
            if (!place->done && !place->carries)
                throw boost::system::system_error(boost::asio::error::operation_aborted);
        }
        if (!place->done) co_await carry(turn);
        if (place->failure) std::rethrow_exception(place->failure);
        co_return std::move(place->item);
    }

private:
    struct Place {
        Place(const boost::asio::any_io_executor& executor, Item its_item)
            : item(std::move(its_item)), turn(executor, boost::asio::steady_timer::time_point::max()) {}

        void end(std::exception_ptr with) {
            failure = std::move(with);
            done = true;
            turn.cancel();
        }

        Item item;
        boost::asio::steady_timer turn;  // cancelled when it is done, or has to carry
        bool done = false, carries = false;
        std::exception_ptr failure = {};
    };
    using Places = std::deque<std::shared_ptr<Place>>;

    // A place among those who wait, or carry. However that ends, also by a cancellation before the coroutine
    // has gone on: who has to carry is followed by the next one, and by what it has left undone.
    class Turn {
    public:
        Turn(Gathering& all, std::shared_ptr<Place> own) : all_(all), own_(std::move(own)) {
            all_.waiting_.push_back(own_);
            if (!std::exchange(all_.carrying_, true)) own_->carries = true;
        }
        ~Turn() {
            std::erase(all_.waiting_, own_);
            if (!own_->carries) return;
            std::erase_if(batch_, [this](const auto& place) { return place->done || place == own_; });
            all_.waiting_.insert(all_.waiting_.begin(), batch_.begin(), batch_.end());
            all_.carrying_ = !all_.waiting_.empty();
            if (!all_.carrying_) return;
            all_.waiting_.front()->carries = true;
            all_.waiting_.front()->turn.cancel();
        }
        Turn(const Turn&) = delete;

        const Places& take() {
            const auto count = static_cast<std::ptrdiff_t>(std::min(all_.most_, all_.waiting_.size()));
            batch_.assign(all_.waiting_.begin(), all_.waiting_.begin() + count);
            all_.waiting_.erase(all_.waiting_.begin(), all_.waiting_.begin() + count);
            return batch_;
        }

    private:
        Gathering& all_;
        std::shared_ptr<Place> own_;
        Places batch_;
    };

    pgclient::Task<void> carry(Turn& turn) {
        co_await boost::asio::post(boost::asio::use_awaitable);  // who is ready now comes along
        const Places& places = turn.take();
        std::vector<Item*> items;
        for (const auto& place : places) items.push_back(&place->item);
        const std::exception_ptr failure = co_await failure_of(items);
        if (!failure || items.size() == 1 || is_away(failure)) {
            for (const auto& place : places) place->end(failure);
            co_return;
        }
        for (const auto& place : places) {
            std::exception_ptr its_own = co_await failure_of(std::vector<Item*>(1, &place->item));
            place->end(std::move(its_own));
        }
    }

    // Of the items' own. Throws where it is the caller that was cancelled.
    pgclient::Task<std::exception_ptr> failure_of(std::vector<Item*> items) {
        std::exception_ptr failure;
        try {
            co_await carry_(items);
        } catch (...) {
            failure = std::current_exception();
        }
        const boost::asio::cancellation_state state = co_await boost::asio::this_coro::cancellation_state;
        if (failure && state.cancelled() != boost::asio::cancellation_type::none)
            std::rethrow_exception(failure);
        co_return failure;
    }

    static bool is_away(const std::exception_ptr& failure) {
        try {
            std::rethrow_exception(failure);
        } catch (const pgclient::DbError& error) {
            return trouble_of(error) == Trouble::away;
        } catch (...) {
            return false;
        }
    }

    std::size_t most_;
    Carry carry_;
    Places waiting_;
    bool carrying_ = false;
};

}  // namespace singularity::services
