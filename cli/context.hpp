// What every command of the CLI is given: the configuration and how to answer.
//
// A command lives in one file, adds itself to the app by `add_NAME(app, context)` and does its work in
// its callback, when `config` is loaded and checked. It answers on standard output, complains on
// standard error in one sentence, and leaves its exit code in the context.
#pragma once

#include <boost/json/value.hpp>

#include <CLI/CLI.hpp>

#include "core/config.hpp"
#include "core/error.hpp"

namespace singularity::cli {

struct Context {
    core::Config config;
    std::string config_file;  // that --config names, absolute: what we start reads it, too
    bool json = false;        // --json: machine-readable output
    int exit_code = 0;

    // Prints "singularity: MESSAGE" and its details to standard error and sets the exit code.
    void fail(const core::Error& error);

    // One JSON document and a newline on standard output.
    void print_json(const boost::json::value& value);
};

}  // namespace singularity::cli
