#include "ingest/public_reads.h"

#include "ingest/problems.h"

namespace sluice {

std::optional<HttpAnswer> PublicReads::on_request(Exchange, const Route&, const HttpRequest&, UnixMillis) {
  return problem_answer({Problem::kNotReadable, "It is not known here yet; ask again in a moment"});
}

void PublicReads::take(Partition, const v1::OrderRecord&, UnixMillis) {}

}  // namespace sluice
