// Files of other programs, read into Weft's own keys: a network becomes the keys of a platform, a training configuration the keys of a
// scenario. Each file in kinds/ defines one `extern const` format; the file name is its word. Whatever a reader does not understand it
// refuses with its place; what it understands and Weft has no use for it notes.
#pragma once
#include "config/record.hpp"

#include <string>
#include <vector>

namespace weft {

/// What a foreign file describes, and so whose keys it turns into.
enum class ImportSubject { network, plan }; // a platform's; a scenario's

/// A foreign file's text, checked to be UTF-8 without control characters.
struct ForeignText {
  std::string file; ///< for messages
  std::string text;
};

/// Something a reader wants its user to know: what it left out, or how it named things.
struct ImportNote {
  Place place;
  std::string text;
};

/// A foreign file in Weft's keys.
struct Imported {
  Node tree; ///< a mapping; every value has its place in the foreign file
  std::vector<ImportNote> notes;
};

/// One foreign format.
struct ImportFormat {
  const char* name;    ///< word of `import.format`
  const char* summary; ///< one line for `weft list imports`
  const char* source;
  ImportSubject subject;
  bool (*recognises)(const ForeignText& text); ///< whether a file that names no format is one of these
  std::vector<FieldDoc> (*settings)();         ///< its own keys beside file and format
  Imported (*read)(const ForeignText& text, const Node& settings);
};

/// All formats, sorted by name (generated from the files in kinds/).
const std::vector<const ImportFormat*>& import_formats();

/// The value of an `import` key: a file, and how to read it.
struct ImportRequest {
  std::string file;
  Word format; ///< empty: told from the file
};
template <> const Record<ImportRequest>& record_of<ImportRequest>();

/// Reads what an `import` key asks for: a file's name, relative to the file that names it, or a mapping with `file`, `format` and that
/// format's own keys. Throws ConfigError, also when the file describes something else than `subject`.
Imported import_foreign(const Node& request, ImportSubject subject);

/// The format of a file, named or recognised. Throws ConfigError for an unknown word or a file that is none of them.
const ImportFormat& format_of(const Node& request);

} // namespace weft
