# Includes are read in the folder of the book and below it, nowhere else. Asciidoctor loads this file
# with -r and runs in its mode "server", which differs from "secure" by what it may read:
#
# - a file that is included counts by where it really lies, so that no link leads out of the folder;
# - what is not read stays as the link that "secure" makes of it, and booktune names it;
# - nothing else is read: no address, no picture, no style sheet.
#
# With BOOK_WHOLE the text with all that it includes is printed at the end: a book in one file.
#
# Belongs here: these two. Does not: what is made of the page (walker.py), how it is run (asciidoc.py).
require 'asciidoctor'

reader = Asciidoctor::PreprocessorReader
known = %i[resolve_include_path prepare_lines replace_next_line]
unless known.all? { |name| reader.private_method_defined?(name) || reader.method_defined?(name) }
  raise LoadError, 'this Asciidoctor resolves includes in another way'
end

folder = File.realpath(ENV.fetch('BOOK_FOLDER'))
inside = folder == '/' ? '/' : "#{folder}/"
lies_within = lambda do |path|
  File.file?(path) && File.realpath(path).start_with?(inside)
rescue SystemCallError, ArgumentError
  false
end

reader.prepend(Module.new do
  define_method(:resolve_include_path) do |target, attrlist, attributes|
    local = @dir.is_a?(String) && !Asciidoctor::Helpers.uriish?(target)
    path = local ? @document.path_resolver.system_path(target, @dir, @document.base_dir) : nil
    if path && lies_within.call(path)
      next super(target, attrlist, attributes)
    end
    if attributes['optional-option']
      shift
      next true
    end
    replace_next_line("link:#{target}[role=include]")
  end
end)

Asciidoctor::AbstractNode.prepend(Module.new do
  define_method(:read_asset) { |_path, _opts = {}| nil }
end)

# A text that was taken in: its lines, the number of the first one, what its own lines took in (by
# number of the line), and the level that its headings are moved by, with what it was before.
Part = Struct.new(:lines, :first, :parts, :moved, :before) do
  def whole
    text = lines.dup
    parts.sort_by(&:first).reverse_each { |number, part| text[number - first, 1] = part.shown }
    text
  end

  def shown
    return whole unless moved

    after = before ? ":leveloffset: #{before}" : ':leveloffset!:'
    [":leveloffset: #{moved}", '', *whole, '', after]
  end
end

if ENV['BOOK_WHOLE']
  above = []
  directive = /\A(?=\\?(?:include|ifn?def|ifeval|endif)::)/
  reader.prepend(Module.new do
    define_method(:prepare_lines) do |data, opts = {}|
      lines = super(data, opts)
      above << Part.new(lines.dup, 1, [], nil, nil) if above.empty?
      @prepared = lines.dup
      lines
    end

    define_method(:push_include) do |data, file = nil, path = nil, lineno = 1, attributes = {}|
      number, depth = @lineno - 1, @include_stack.size
      before = @document.attr('leveloffset')
      super(data, file, path, lineno, attributes)
      lines = @prepared.map { |line| @include_stack.size > depth && !@process_lines ? line.sub(directive, '\\') : line }
      part = Part.new(lines, lineno, [], attributes['leveloffset'], before)
      above.slice!((depth + 1)..)
      above.last.parts << [number, part]
      above << part
      self
    end
  end)
  at_exit { $stdout.write(above.first.whole.join("\n"), "\n") if above.first }
end
