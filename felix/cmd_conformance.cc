#include <algorithm>
#include <memory>

#include "conformance/vector_runner.h"
#include "felix/command.h"
#include "felix/standard_streams.h"
#include "felix/values.h"

namespace felix::command {
namespace {

enum class Form : unsigned char { table, json, junit };

struct Options {
  std::optional<std::string> vectors;
  Form form = Form::table;
  bool verbose = false;
};

Result<ExitCode> run_offline(const Options& options) {
  std::vector<conformance::VectorFile> files = conformance::embedded_vectors();
  if (options.vectors) {
    FELIX_TRY(files, conformance::read_vectors(*options.vectors));
  }
  FELIX_TRY(const conformance::Report report,
            conformance::run_vectors(
                files, options.vectors ? "vectors of " + *options.vectors : "embedded vectors"));
  switch (options.form) {
    case Form::table:
      FELIX_CHECK(write_output(conformance::format_table(report, options.verbose)));
      break;
    case Form::json:
      FELIX_CHECK(write_output(conformance::format_json(report)));
      break;
    case Form::junit:
      FELIX_CHECK(write_output(conformance::format_junit(report)));
      break;
  }
  return report.exit_code();
}

}  // namespace

Run declare_conformance(Syntax& syntax) {
  auto options = std::make_shared<Options>();
  syntax.about(
      "Runs the wire vectors built into this program against its own codecs: each is decoded, compared, "
      "encoded\n"
      "again and compared byte for byte; what must be refused must be refused as the vector says. With "
      "--vectors\n"
      "it runs those of a directory, also in the format of the original project.\n\n"
      "Exit code 0 means that every case passed, 1 that one did not, 5 that a file is no vector file.");
  syntax.option(
      {"--vectors", "DIR", "run the *.json files of this directory instead", text_into(options->vectors)});
  syntax.option({"--output", "table|json|junit", "form of the report on standard output",
                 choice_into<Form>(options->form,
                                   {{"table", Form::table}, {"json", Form::json}, {"junit", Form::junit}}),
                 "table"});
  syntax.flag("--verbose", options->verbose, "list the cases that passed too");
  syntax.example("felix conformance", "check this build");
  syntax.example("felix conformance --vectors ./vectors --output junit > report.xml",
                 "check other vectors in CI");
  return [options] { return run_offline(*options); };
}

}  // namespace felix::command
