// Pure: what a document names of the tree must be there: a reader who finds one dead name believes the others less.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/tidy/source.h"

namespace sluice::tidy {

// The text of a document by its path from the top of the tree.
using Documents = std::map<std::string, std::string>;

// The links of a document to files and to headings, and the `folder/file` of the tree that it names. A name can do without its
// extension, as `ledger/lane` does. `paths`: every file and folder of the tree.
Problems document_problems(const std::string& path, const Documents& documents, const std::set<std::string>& paths);

}  // namespace sluice::tidy
