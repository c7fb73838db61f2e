// Finding a foreign file, its format, and reading it.
#include "config/text_file.hpp"
#include "import/format.hpp"

#include <algorithm>
#include <filesystem>

namespace weft {

template <> const Record<ImportRequest>& record_of<ImportRequest>()
{
  static const Record<ImportRequest> record =
      Record<ImportRequest>("import", "A file of another program to start from.")
          .required("file", &ImportRequest::file, "the file, relative to the file that names it")
          .optional("format", &ImportRequest::format, "an import format; left out: told from the file")
          .leaves_other_keys();
  return record;
}

namespace {

/// A request's file, read and checked, with what else was asked.
struct Opened {
  ForeignText text;
  Word format;
  Node settings; ///< the format's own keys
};

Opened open(const Node& request)
{
  Opened opened;
  ImportRequest wanted;
  if (request.kind == Node::Kind::mapping) {
    wanted = record_of<ImportRequest>().read(request);
    opened.settings = settings_beyond(request, record_of<ImportRequest>().docs());
  } else if (request.kind == Node::Kind::scalar && !request.text.empty()) {
    wanted.file = request.text;
    opened.settings = mapping_node();
    opened.settings.place = request.place;
    opened.settings.key = request.key;
  } else {
    refuse(request, "expected the name of a file to import, or a mapping with `file`");
  }
  const std::filesystem::path path(wanted.file);
  const std::string file =
      path.is_absolute() ? wanted.file : (std::filesystem::path(request.place.file).parent_path() / path).lexically_normal().string();
  opened.text = {file, checked_text(read_text_file(file, "a file to import"), file)};
  opened.format = wanted.format;
  return opened;
}

const ImportFormat& format_of(const Opened& opened)
{
  std::vector<std::string> known;
  for (const ImportFormat* format : import_formats()) {
    known.emplace_back(format->name);
    if (opened.format == format->name || (opened.format.empty() && format->recognises(opened.text))) return *format;
  }
  if (!opened.format.empty()) refuse_unknown(opened.format, "import.format", "import format", known);
  throw ConfigError(Place{opened.text.file}, "", "not a format that can be imported (name one with `format`: " + joined(known) + ")");
}

} // namespace

const ImportFormat& format_of(const Node& request) { return format_of(open(request)); }

Imported import_foreign(const Node& request, ImportSubject subject)
{
  const Opened opened = open(request);
  const ImportFormat& format = format_of(opened);
  if (format.subject != subject) {
    const bool is_network = format.subject == ImportSubject::network;
    refuse(request, std::string("'") + shown(opened.text.file) + "' is a file of format " + format.name + " and describes " +
                        (is_network ? "a network (write platform.import)" : "a training job (write import among the scenario's own keys)"));
  }
  return format.read(opened.text, opened.settings);
}

} // namespace weft
