// Precompiled by everything that runs on Asio: the standard headers, Asio's coroutines and JSON.
#pragma once

#include "core/pch_std.hpp"

#include <boost/asio.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/json.hpp>
