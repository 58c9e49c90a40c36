// Precompiled by everything that runs on Asio: the standard headers, Asio's coroutines and JSON.
#pragma once

#include "core/awaitable_operators.hpp"
#include "core/pch_std.hpp"

#include <boost/asio.hpp>
#include <boost/json.hpp>
