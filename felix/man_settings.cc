#include "felix/papers.h"

namespace felix::command {

std::string man_settings() { return ""; }

}  // namespace felix::command
