# Terms of the index are kept: the HTML back end of Asciidoctor writes none that is not shown, and does
# not say which shown words are one. Asciidoctor loads this file with -r; each term leaves an empty
# element whose attribute says the rest, in hexadecimal so that nothing in it is read as mark-up.
#
# So are the numbers that it counts for captions ("Figure 1. "): the source does not hold them, and words
# of the text may mean them. A caption that an author wrote stays in the text.
#
# And so are the attributes of the header that tell of rights ("`:license: CC-BY-4.0`"): they become `meta`
# elements of the page's head.
#
# Belongs here: writing them down. Does not: the block that they belong to (terms.py), what they say of
# the book (reserved.py).
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

captions = Asciidoctor::AbstractBlock
counted = captions.method_defined?(:captioned_title) &&
          (captions.method_defined?(:assign_caption) || captions.private_method_defined?(:assign_caption))
warn 'this version gives no numbers of captions' unless counted

counted && captions.prepend(Module.new do
  define_method(:assign_caption) do |value = nil, *rest|
    done = super(value, *rest)
    own = value || @document.attributes['caption']
    @counted = @caption unless own || @caption.to_s.empty?
    done
  end

  define_method(:captioned_title) do
    number = @counted && @caption == @counted && @counted[/(\d+)\. \z/, 1]
    return super() unless number

    said = JSON.generate(counted: @context.to_s, number: number)
    %(<span data-index="#{said.unpack1('H*')}"></span>#{title})
  end
end)

facts = %w[license licence rights copyright tdm-reservation tdm-policy robots]
html.method_defined?(:convert_document) && html.prepend(Module.new do
  define_method(:convert_document) do |node|
    said = facts.to_h { |name| [name, node.attr(name).to_s.strip] }.reject { |_, value| value.empty? }
    metas = said.map { |name, value| %(<meta name="#{name}" content="#{CGI.escapeHTML(CGI.unescapeHTML(value))}"/>) }
    %w[copyright description keywords].each do |name| # it writes them as they are: a quote would end them
      node.set_attr(name, node.attr(name).to_s.gsub('"', '&quot;')) if node.attr?(name)
    end
    super(node).sub('<head>') { |head| head + metas.join }
  end
end)
