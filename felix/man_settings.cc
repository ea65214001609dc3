#include "config/broker_settings.h"
#include "felix/man_text.h"
#include "felix/papers.h"

namespace felix::command {

std::string man_settings() {
  std::string out = man_title("felix.toml", "5", "settings of the felix broker");
  out += ".SH DESCRIPTION\n" +
         man_paragraphs(
             "The file that \"felix broker --config FILE\" reads is TOML: a table for each group of "
             "settings, a key\n"
             "for each setting. All of them may be left out. A key that is not listed here, a value of "
             "another type\n"
             "or outside its range is an error that names the file and the line.\n\n"
             "A flag of felix broker goes before an environment variable, and that before the file.\n"
             "\"felix broker --print-config\" prints a file with the settings in force.\n\n"
             "Sizes are texts such as \"64KiB\" or \"16MiB\"; times are texts such as \"250ms\", \"6s\" or "
             "\"5m\".");
  std::string group;
  for (const config::Setting& setting : config::broker_settings()) {
    const std::size_t dot = setting.name.find('.');
    if (setting.name.substr(0, dot) != group) {
      group = setting.name.substr(0, dot);
      out += ".SH \"[" + man_plain(group) + "]\"\n";
    }
    out += ".TP\n\\fB" + man_plain(setting.name.substr(dot + 1)) + "\\fR\n";
    out += man_plain(setting.sentence) + "\n";
    out += "It wants " + man_plain(config::wanted(setting)) + ".\n";
    if (!setting.fallback.empty()) out += "Default: " + man_plain(setting.fallback) + ".\n";
    out += "Flag: \\fB" + man_plain(setting.flag) + "\\fR.\nEnvironment: \\fB" + man_plain(setting.env) +
           "\\fR.\n";
  }
  out +=
      ".SH EXAMPLE\n.nf\n[listen]\nquic = \"0.0.0.0:5000\"\n\n[streams]\nring_records = "
      "100000\n\n[log]\nformat = \"json\"\n.fi\n";
  return out + ".SH \"SEE ALSO\"\n.BR felix\\-broker (1)\n";
}

}  // namespace felix::command
