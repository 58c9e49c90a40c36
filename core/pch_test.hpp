// Precompiled by every test: what the services have, and GoogleTest.
#pragma once

#include "core/pch_asio.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
