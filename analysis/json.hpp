// JSON of one file's analysis: the `result` of a row in analysis_results.
//
// Keys are the members' names, plus "analyzer_version". Reading refuses a missing or mistyped key by
// its name; unknown keys are passed over.
#pragma once

#include <boost/json/value.hpp>

#include "analysis/analyze.hpp"
#include "core/error.hpp"

namespace singularity::analysis {

boost::json::value to_json(const FileAnalysis& analysis);
boost::json::value to_json(const Occurrence& occurrence);

core::Expected<FileAnalysis> file_analysis_from_json(const boost::json::value& value);

}  // namespace singularity::analysis
