# Terms of the index are kept: the HTML back end of Asciidoctor writes none that is not shown, and does
# not say which shown words are one. Asciidoctor loads this file with -r; each term leaves an empty
# element whose attribute says the rest, in hexadecimal so that nothing in it is read as mark-up.
#
# Belongs here: writing them down. Does not: the block that they belong to (terms.py).
require 'asciidoctor'
require 'cgi'
require 'json'

html = Asciidoctor::Converter.for('html5')
known = html.method_defined?(:convert_inline_indexterm) &&
        Asciidoctor::Substitutors.method_defined?(:restore_passthroughs)
warn 'this version gives no terms of the index' unless known

known && html.prepend(Module.new do
  define_method(:convert_inline_indexterm) do |node|
    plain = lambda do |words|
      CGI.unescapeHTML(node.parent.restore_passthroughs(words.to_s).gsub(/<[^>]*>/, ''))
    end
    shown = node.type == :visible
    said = {
      terms: (shown ? [node.text] : Array(node.attr('terms'))).map(&plain),
      see: [node.attr('see')].compact.map(&plain),
      see_also: Array(node.attr('see-also')).map(&plain), shown: shown
    }
    %(<span data-index="#{JSON.generate(said).unpack1('H*')}"></span>#{super(node)})
  end
end)
