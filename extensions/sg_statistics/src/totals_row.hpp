// What has been summed up, as a row of type job_totals.
#pragma once

#include "extensions/sg_statistics/src/job_totals.hpp"

namespace singularity::sg_statistics {

// Changes the order of the times.
Datum row_of(JobTotals& totals, TupleDesc columns);

}  // namespace singularity::sg_statistics
